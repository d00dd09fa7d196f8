package semantics

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

func newColumn(index int, t sql.Type, name string) sql.Expression {
	return expression.NewGetFieldWithTable(index, 0, t, "grid", "t", name, true)
}

// endless gives the same row for ever and cancels its context on the way.
type endless struct {
	cancel context.CancelFunc
	after  int
	given  int
	closed int
}

func (e *endless) Next(*sql.Context) (sql.Row, error) {
	if e.given++; e.given == e.after {
		e.cancel()
	}
	return sql.Row{int64(1)}, nil
}

func (e *endless) Close(*sql.Context) error {
	e.closed++
	return nil
}

// TestIteratorsEnd checks that each iterator that may read without giving rows
// ends within 1000 rows of its context's end, and closes its child.
func TestIteratorsEnd(t *testing.T) {
	columns := []sql.Type{types.Int64}
	for name, make := range map[string]func(child sql.RowIter) sql.RowIter{
		"distinct": func(c sql.RowIter) sql.RowIter { return newDistinctIter(c, columns) },
		"group": func(c sql.RowIter) sql.RowIter {
			return &groupIter{child: c, groups: newKeyTable(), keys: newKeyCoder(nil)}
		},
		"group by": func(c sql.RowIter) sql.RowIter {
			return &groupIter{
				child: c, groups: newKeyTable(), keys: newKeyCoder(columns),
				by: []sql.Expression{newColumn(0, types.Int64, "a")},
			}
		},
		"window": func(c sql.RowIter) sql.RowIter {
			return &windowIter{child: c, blocks: []*windowBlock{{}}, width: 1}
		},
		"first rows": func(c sql.RowIter) sql.RowIter {
			return topRows(sql.SortConditions{{Expr: newColumn(0, types.Int64, "a")}}, 3, false, c)
		},
		"sort":   func(c sql.RowIter) sql.RowIter { return newSortIter(nil, c) },
		"offset": func(c sql.RowIter) sql.RowIter { return &offsetIter{child: c, skip: 1 << 40} },
		"set operation, right": func(c sql.RowIter) sql.RowIter {
			return &setFilterIter{left: emptyIter{}, right: c, keys: newKeyCoder(columns), counted: newKeyTable()}
		},
		"set operation, left": func(c sql.RowIter) sql.RowIter {
			return &setFilterIter{left: c, right: emptyIter{}, keys: newKeyCoder(columns), counted: newKeyTable()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			parent, cancel := context.WithCancel(context.Background())
			child := &endless{cancel: cancel, after: 5000}
			ctx := sql.NewContext(parent)
			iter := make(child)
			var err error
			for err == nil && child.given < 20000 {
				_, err = iter.Next(ctx)
			}
			if !errors.Is(err, context.Canceled) || child.given > child.after+1000 {
				t.Errorf("ended with %v after %d rows", err, child.given)
			}
			if err := iter.Close(ctx); err != nil || child.closed != 1 {
				t.Errorf("Close: %v; the child was closed %d times", err, child.closed)
			}
		})
	}
}

// buffer counts how often it is disposed of.
type buffer struct{ disposed *int }

func (b buffer) Update(*sql.Context, sql.Row) error { return nil }
func (b buffer) Eval(*sql.Context) (any, error)     { return nil, nil }
func (b buffer) Dispose(*sql.Context)               { *b.disposed++ }

// TestGroupBuffersAreDisposed checks that each buffer is disposed of once,
// whether its row was read or not.
func TestGroupBuffersAreDisposed(t *testing.T) {
	ctx := sql.NewEmptyContext()
	disposed := 0
	g := &groupIter{child: emptyIter{}, loaded: true}
	for range 5 {
		g.buffers = append(g.buffers, []sql.AggregationBuffer{buffer{&disposed}, buffer{&disposed}})
	}
	for range 2 {
		if _, err := g.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Close(ctx); err != nil || disposed != 10 {
		t.Errorf("Close: %v; %d buffers disposed of, want 10", err, disposed)
	}
	if _, err := g.Next(ctx); err != io.EOF {
		t.Errorf("Next after Close: %v", err)
	}
}
