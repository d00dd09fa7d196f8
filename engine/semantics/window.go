package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
)

// windowAggregate computes an Aggregate over moving frames. Each row enters
// once; rows that leave are subtracted where that is exact, and otherwise the
// frame is added up again.
type windowAggregate struct {
	aggregate *Aggregate
	arg       sql.Expression
	framed    sql.WindowFunction // knows the frame
	sum       accumulator
	at        sql.WindowInterval // what sum covers
	poll      poll
}

// StartPartition implements sql.WindowFunction.
func (w *windowAggregate) StartPartition(ctx *sql.Context, interval sql.WindowInterval, _ sql.WindowBuffer) error {
	w.restart(ctx, interval.Start)
	return nil
}

func (w *windowAggregate) restart(ctx *sql.Context, start int) {
	w.sum = newAccumulator(ctx, w.aggregate)
	w.at = sql.WindowInterval{Start: start, End: start}
}

// DefaultFramer implements sql.WindowFunction.
func (w *windowAggregate) DefaultFramer() sql.WindowFramer { return w.framed.DefaultFramer() }

// Compute implements sql.WindowFunction.
func (w *windowAggregate) Compute(ctx *sql.Context, frame sql.WindowInterval, rows sql.WindowBuffer) (any, error) {
	if frame.End <= frame.Start {
		return nil, nil
	}
	if w.sum == nil || frame.Start < w.at.Start || frame.End < w.at.End || frame.Start > w.at.End {
		w.restart(ctx, frame.Start)
	}
	for ; w.at.Start < frame.Start; w.at.Start++ {
		v, err := evalExact(ctx, w.arg, rows[w.at.Start])
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		exact, err := w.sum.remove(ctx, v)
		if err != nil {
			return nil, err
		}
		if !exact {
			w.restart(ctx, frame.Start)
			break
		}
	}
	for ; w.at.End < frame.End; w.at.End++ {
		if err := w.poll.check(ctx); err != nil {
			return nil, err
		}
		v, err := evalExact(ctx, w.arg, rows[w.at.End])
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if err := w.sum.add(ctx, v); err != nil {
			return nil, err
		}
	}
	return w.sum.result(ctx)
}

// Dispose implements sql.WindowFunction.
func (w *windowAggregate) Dispose(ctx *sql.Context) { expression.Dispose(ctx, w.arg) }
