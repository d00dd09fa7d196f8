package semantics

import (
	"fmt"
	"io"
	"slices"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/memory"
)

// windowIter computes window functions. It holds all rows of its child from the
// first Next on, and gives them in their order. go-mysql-server's own iterator
// (aggregation.WindowIter) copies the rows for each partitioning, evaluates what it
// sorts by at every comparison, and never looks at the context: over some millions
// of rows it went on for a minute after KILL.
type windowIter struct {
	child    sql.RowIter
	blocks   []*windowBlock
	width    int // of the rows that are given
	computed bool
	rows     []sql.Row // given, with all functions' values
	held     memory.Held
	poll     poll
}

// windowBlock are the functions over one partitioning and order.
type windowBlock struct {
	partition []sql.Expression
	order     sql.SortConditions
	functions []windowFn
}

// windowFn is a function with its frame; its value is the column at in the row.
type windowFn struct {
	fn     sql.WindowFunction
	framer sql.WindowFramer
	at     int
}

// Next implements sql.RowIter.
func (w *windowIter) Next(ctx *sql.Context) (sql.Row, error) {
	if !w.computed {
		if err := w.compute(ctx); err != nil {
			return nil, err
		}
		w.computed = true
	}
	if err := w.poll.check(ctx); err != nil {
		return nil, err
	}
	if len(w.rows) == 0 {
		return nil, io.EOF
	}
	row := w.rows[0]
	w.rows[0] = nil // what has been read may be freed
	w.rows = w.rows[1:]
	return row, nil
}

// Close implements sql.RowIter.
func (w *windowIter) Close(ctx *sql.Context) error {
	for _, b := range w.blocks {
		for _, f := range b.functions {
			f.fn.Dispose(ctx)
		}
	}
	w.rows = nil
	w.held.Release()
	return w.child.Close(ctx)
}

const heldByWindows = "the rows of window functions"

func (w *windowIter) compute(ctx *sql.Context) error {
	var input []sql.Row
	for {
		if err := w.poll.check(ctx); err != nil {
			return err
		}
		row, err := w.child.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		out := make(sql.Row, w.width)
		if err := w.held.Add(ctx, heldByWindows, memory.RowSize(row)+memory.RowSize(out)); err != nil {
			return err
		}
		input, w.rows = append(input, row), append(w.rows, out)
	}
	for _, b := range w.blocks {
		if err := w.block(ctx, b, input); err != nil {
			return err
		}
	}
	return nil
}

// block computes the functions of b into w.rows.
func (w *windowIter) block(ctx *sql.Context, b *windowBlock, input []sql.Row) error {
	sorted, at, starts, err := w.sorted(ctx, b, input)
	if err != nil {
		return err
	}
	for i, start := range starts {
		partition := sql.WindowInterval{Start: start, End: len(sorted)}
		if i+1 < len(starts) {
			partition.End = starts[i+1]
		}
		for _, f := range b.functions {
			if err := f.fn.StartPartition(ctx, partition, sorted); err != nil {
				return err
			}
			framer, err := f.framer.NewFramer(partition)
			if err != nil {
				return err
			}
			for row := partition.Start; row < partition.End; row++ {
				frame, err := framer.Next(ctx, sorted)
				if err != nil {
					return fmt.Errorf("the frame of row %d of a partition of %d: %w", row-start, partition.End-start, err)
				}
				// Some functions read their whole frame for each row.
				if err := w.poll.work(ctx, 1+frame.End-frame.Start); err != nil {
					return err
				}
				v, err := f.fn.Compute(ctx, frame, sorted)
				if err != nil {
					return err
				}
				if err := w.held.Add(ctx, heldByWindows, memory.ValueSize(v)); err != nil {
					return err
				}
				w.rows[at[row]][f.at] = v
			}
		}
	}
	return nil
}

// sorted are the rows by partition and in it by order, where each of them stands in
// the input, and where the partitions start.
func (w *windowIter) sorted(ctx *sql.Context, b *windowBlock, input []sql.Row) (rows sql.WindowBuffer, at, starts []int, err error) {
	var by sql.SortConditions
	for _, e := range b.partition {
		by = append(by, sql.SortCondition{Expr: e})
	}
	parts := len(by)
	by = append(by, b.order...)
	keys := make([][]any, len(input))
	at = make([]int, len(input))
	held := memory.Held{}
	defer held.Release()
	for i, row := range input {
		if err := w.poll.check(ctx); err != nil {
			return nil, nil, nil, err
		}
		at[i] = i
		if keys[i], err = keysToSort(ctx, by, row); err != nil {
			return nil, nil, nil, err
		}
		if err := held.Add(ctx, heldByWindows, memory.RowSize(keys[i])); err != nil {
			return nil, nil, nil, err
		}
	}
	o := newOrdering(ctx, by)
	if len(by) > 0 {
		slices.SortStableFunc(at, func(a, b int) int { return o.compare(keys[a], keys[b]) })
	}
	rows = make(sql.WindowBuffer, len(input))
	partition := newOrdering(ctx, by[:parts])
	for i, from := range at {
		rows[i] = input[from]
		if i == 0 || partition.compare(keys[at[i-1]], keys[from]) != 0 {
			starts = append(starts, i)
		}
	}
	if o.err == nil {
		o.err = partition.err
	}
	return rows, at, starts, o.err
}
