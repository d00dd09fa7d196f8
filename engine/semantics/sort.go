package semantics

import (
	"math"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/iters"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// maxTopRows is how many rows are worth a heap instead of a sort.
const maxTopRows = 1 << 20

func (b builder) sort(ctx *sql.Context, n *plan.Sort, row sql.Row) (sql.RowIter, error) {
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return newSortIter(n.SortConditions, child), nil
}

// topN executes ORDER BY with a LIMIT. go-mysql-server allocates a heap of the
// whole limit at once, and of LIMIT 1 it forgets that a sort key failed. A negative limit is what LIMIT+OFFSET became in the
// analyzer (sql/analyzer/topn.go) when it overflowed.
func (b builder) topN(ctx *sql.Context, n *plan.TopN, row sql.Row) (sql.RowIter, error) {
	limit, err := rowCount(ctx, n.Limit)
	if err != nil {
		return nil, err
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	switch {
	case limit >= 0 && limit < maxTopRows:
		return topRows(n.SortConditions, limit, n.CalcFoundRows, child), nil
	}
	sorted := newSortIter(n.SortConditions, child)
	if limit < 0 {
		limit = math.MaxInt64
	}
	return &iters.LimitIter{Limit: limit, ChildIter: sorted, CalcFoundRows: n.CalcFoundRows}, nil
}

// topRows keeps the first rows in a heap.
func topRows(sort sql.SortConditions, limit int64, calcFoundRows bool, child sql.RowIter) sql.RowIter {
	kept := &heldIter{child: child, what: "the first rows of a sort", most: limit, copies: 1}
	return holder{causeIter{iters.NewTopRowsIter(sort, limit, calcFoundRows, kept)}, kept}
}

// ordered puts a set operation's own ORDER BY, LIMIT and OFFSET around it. The
// offset is applied after the sort, and the sort keeps limit+offset rows.
func ordered(ctx *sql.Context, iter sql.RowIter, sort sql.SortConditions, limit, offset sql.Expression) (sql.RowIter, error) {
	var skip, count int64
	var err error
	if offset != nil {
		if skip, err = rowCount(ctx, offset); err != nil {
			return nil, closing(ctx, err, iter)
		}
	}
	if limit != nil {
		if count, err = rowCount(ctx, limit); err != nil {
			return nil, closing(ctx, err, iter)
		}
	}
	switch {
	case len(sort) == 0:
	case limit != nil && saturatingAdd(count, skip) < maxTopRows:
		iter = topRows(sort, saturatingAdd(count, skip), false, iter)
	default:
		iter = newSortIter(sort, iter)
	}
	if skip > 0 {
		iter = &offsetIter{child: iter, skip: skip}
	}
	if limit != nil {
		iter = &iters.LimitIter{Limit: count, ChildIter: iter}
	}
	return iter, nil
}

// causeIter gives the error that a sort failed with, which go-mysql-server
// wraps so that errors.As does not find it.
type causeIter struct{ sql.RowIter }

// Next implements sql.RowIter.
func (c causeIter) Next(ctx *sql.Context) (sql.Row, error) {
	row, err := c.RowIter.Next(ctx)
	if err != nil && sql.ErrUnableSort.Is(err) {
		if wrapped, ok := err.(interface{ Cause() error }); ok && wrapped.Cause() != nil {
			err = wrapped.Cause()
		}
	}
	return row, err
}
