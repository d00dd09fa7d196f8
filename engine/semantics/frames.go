package semantics

import (
	"bytes"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// window executes window functions with a right frame where OVER (ORDER BY …)
// names none: all rows up to the current one's last peer. go-mysql-server looks
// at the first of the ORDER BY's expressions only, takes them for ascending, and
// runs to the partition's end when one is NULL.
func (b builder) window(ctx *sql.Context, n *plan.Window, row sql.Row) (sql.RowIter, error) {
	iter := &windowIter{width: len(n.SelectExprs)}
	blocks := map[uint64]*windowBlock{}
	for i, e := range n.SelectExprs {
		window, fn, err := windowFunction(ctx, e)
		if err != nil {
			return nil, err
		}
		id, err := window.PartitionId()
		if err != nil {
			return nil, err
		}
		block, ok := blocks[id]
		if !ok {
			block = &windowBlock{partition: window.PartitionBy, order: window.OrderBy}
			blocks[id], iter.blocks = block, append(iter.blocks, block)
		}
		block.functions = append(block.functions, windowFn{fn: fn, framer: frameOf(ctx, window, fn), at: i})
	}
	var err error
	iter.child, err = b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return iter, nil
}

func windowFunction(ctx *sql.Context, e sql.Expression) (*sql.WindowDefinition, sql.WindowFunction, error) {
	if a, ok := e.(*expression.Alias); ok {
		e = a.Child
	}
	if w, ok := e.(sql.WindowAdaptableExpression); ok {
		fn, err := w.NewWindowFunction(ctx)
		return w.Window(), fn, err
	}
	// Everything else is the row's own value.
	fn, err := aggregation.NewLast(e).NewWindowFunction(ctx)
	return sql.NewWindowDefinition(nil, nil, nil, "", ""), fn, err
}

func frameOf(ctx *sql.Context, w *sql.WindowDefinition, fn sql.WindowFunction) sql.WindowFramer {
	framer := fn.DefaultFramer()
	_, upToPeers := framer.(*aggregation.RangeUnboundedPrecedingToCurrentRowFramer)
	if _, last := fn.(*aggregation.LastAgg); last && w.Frame == nil {
		upToPeers = true // go-mysql-server ends at the current row
	}
	if !upToPeers || len(w.OrderBy) == 0 {
		return framer
	}
	return &peerFramer{orderBy: w.OrderBy.ToExpressions(), types: expressionTypes(ctx, w.OrderBy.ToExpressions())}
}

// peerFramer is RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW. Peers are
// rows that the ORDER BY holds equal.
type peerFramer struct {
	orderBy []sql.Expression
	types   []sql.Type

	partition sql.WindowInterval
	set       bool
	at, end   int
}

// NewFramer implements sql.WindowFramer.
func (f *peerFramer) NewFramer(partition sql.WindowInterval) (sql.WindowFramer, error) {
	return &peerFramer{
		orderBy: f.orderBy, types: f.types,
		partition: partition, set: true, at: partition.Start, end: partition.Start,
	}, nil
}

// Next implements sql.WindowFramer. Over no rows at all there is one empty
// frame, as with go-mysql-server's framers.
func (f *peerFramer) Next(ctx *sql.Context, rows sql.WindowBuffer) (sql.WindowInterval, error) {
	if !f.set || f.at != 0 && f.at >= f.partition.End {
		return sql.WindowInterval{}, io.EOF
	}
	if f.at >= f.end && f.at < f.partition.End {
		if err := f.advance(ctx, rows); err != nil {
			return sql.WindowInterval{}, err
		}
	}
	f.at++
	return f.Interval()
}

// advance moves the frame's end behind the last peer of the current row.
func (f *peerFramer) advance(ctx *sql.Context, rows sql.WindowBuffer) error {
	coder := newKeyCoder(f.types)
	current, err := f.key(ctx, coder, rows[f.at])
	if err != nil {
		return err
	}
	current = bytes.Clone(current)
	for f.end = f.at + 1; f.end < f.partition.End; f.end++ {
		key, err := f.key(ctx, coder, rows[f.end])
		if err != nil {
			return err
		}
		if !bytes.Equal(key, current) {
			break
		}
	}
	return nil
}

func (f *peerFramer) key(ctx *sql.Context, coder *keyCoder, row sql.Row) ([]byte, error) {
	values := make(sql.Row, len(f.orderBy))
	for i, e := range f.orderBy {
		v, err := e.Eval(ctx, row)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return coder.row(ctx, values)
}

// FirstIdx implements sql.WindowFramer.
func (f *peerFramer) FirstIdx() int { return f.partition.Start }

// LastIdx implements sql.WindowFramer.
func (f *peerFramer) LastIdx() int { return f.end }

// Interval implements sql.WindowFramer.
func (f *peerFramer) Interval() (sql.WindowInterval, error) {
	if !f.set {
		return sql.WindowInterval{}, aggregation.ErrPartitionNotSet
	}
	return sql.WindowInterval{Start: f.partition.Start, End: f.end}, nil
}
