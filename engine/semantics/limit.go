package semantics

import (
	"math"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// rowCount evaluates a LIMIT or an OFFSET. Above the largest BIGINT it
// saturates: LIMIT 18446744073709551615 means "all rows".
func rowCount(ctx *sql.Context, e sql.Expression) (int64, error) {
	v, err := e.Eval(ctx, nil)
	if err != nil {
		return 0, err
	}
	if n, ok := toInt64(v); ok {
		return n, nil
	}
	if _, ok := v.(uint64); ok {
		return math.MaxInt64, nil
	}
	return 0, sql.ErrInvalidType.New(e.Type(ctx).String())
}

func saturatingAdd(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// offset executes OFFSET. go-mysql-server's iterator does not look at the
// context while it skips.
func (b builder) offset(ctx *sql.Context, n *plan.Offset, row sql.Row) (sql.RowIter, error) {
	skip, err := rowCount(ctx, n.Offset)
	if err != nil {
		return nil, err
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return &offsetIter{child: child, skip: skip}, nil
}

type offsetIter struct {
	child sql.RowIter
	skip  int64
	poll  poll
}

// Next implements sql.RowIter.
func (o *offsetIter) Next(ctx *sql.Context) (sql.Row, error) {
	for ; o.skip > 0; o.skip-- {
		if err := o.poll.check(ctx); err != nil {
			return nil, err
		}
		if _, err := o.child.Next(ctx); err != nil {
			return nil, err
		}
	}
	return o.child.Next(ctx)
}

// Close implements sql.RowIter.
func (o *offsetIter) Close(ctx *sql.Context) error { return o.child.Close(ctx) }
