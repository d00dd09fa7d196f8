package semantics

import (
	"context"
	"io"
	"slices"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/memory"
)

// newSortIter sorts child's rows. go-mysql-server's own evaluates the sort
// keys at every comparison, so that ORDER BY RAND() compares a row with
// different numbers, and can't be stopped once it sorts
// (sql/sorters/row_sorter.go).
func newSortIter(conditions sql.SortConditions, child sql.RowIter) sql.RowIter {
	return &sortIter{conditions: conditions, child: child}
}

// sortIter holds all rows of its child from the first Next on.
type sortIter struct {
	conditions sql.SortConditions
	child      sql.RowIter
	poll       poll
	sorted     bool
	rows       []keyedRow
	held       memory.Held
}

// keyedRow is a row with its sort keys.
type keyedRow struct {
	row  sql.Row
	keys []any
}

// Next implements sql.RowIter.
func (s *sortIter) Next(ctx *sql.Context) (sql.Row, error) {
	if !s.sorted {
		if err := s.load(ctx); err != nil {
			return nil, err
		}
		s.sorted = true
	}
	if err := s.poll.check(ctx); err != nil {
		return nil, err
	}
	if len(s.rows) == 0 {
		return nil, io.EOF
	}
	row := s.rows[0].row
	s.rows[0] = keyedRow{} // what has been read may be freed
	s.rows = s.rows[1:]
	return row, nil
}

// Close implements sql.RowIter.
func (s *sortIter) Close(ctx *sql.Context) error {
	s.rows = nil
	s.held.Release()
	return s.child.Close(ctx)
}

func (s *sortIter) load(ctx *sql.Context) error {
	for {
		if err := s.poll.check(ctx); err != nil {
			return err
		}
		row, err := s.child.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		keys, err := keysToSort(ctx, s.conditions, row)
		if err != nil {
			return err
		}
		if err := s.held.Add(ctx, "rows to sort", memory.RowSize(row)+memory.RowSize(keys)); err != nil {
			return err
		}
		s.rows = append(s.rows, keyedRow{row, keys})
	}
	o := newOrdering(ctx, s.conditions)
	slices.SortStableFunc(s.rows, func(a, b keyedRow) int { return o.compare(a.keys, b.keys) })
	return o.err
}

// ordering compares sort keys. After an error, or the end of the context,
// everything is equal, so that the sort comes to its end at once.
type ordering struct {
	ctx        *sql.Context
	conditions sql.SortConditions
	types      []sql.Type
	poll       poll
	err        error
}

func newOrdering(ctx *sql.Context, conditions sql.SortConditions) *ordering {
	return &ordering{ctx: ctx, conditions: conditions, types: expressionTypes(ctx, conditions.ToExpressions())}
}

// keysToSort are what a row is sorted by.
func keysToSort(ctx *sql.Context, conditions sql.SortConditions, row sql.Row) ([]any, error) {
	keys := make([]any, len(conditions))
	for i, c := range conditions {
		v, err := c.Expr.Eval(ctx, row)
		if err != nil {
			return nil, err
		}
		keys[i] = v
	}
	return keys, nil
}

// compare puts NULLs first ascending and last descending. There is no NULLS
// LAST in MySQL.
func (o *ordering) compare(a, b []any) int {
	if o.err != nil {
		return 0
	}
	if o.poll.check(o.ctx) != nil {
		o.err = context.Cause(o.ctx)
		return 0
	}
	for i, c := range o.conditions {
		x, y := a[i], b[i]
		if c.Order == sql.Descending {
			x, y = y, x
		}
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			return -1
		case y == nil:
			return 1
		}
		r, err := o.types[i].Compare(o.ctx, x, y)
		if err != nil {
			o.err = err
			return 0
		}
		if r != 0 {
			return r
		}
	}
	return 0
}
