package semantics

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// TestSortsStop ends the context while rows are being compared: the sort must
// end soon after, not when it is done.
func TestSortsStop(t *testing.T) {
	rows := make([]sql.Row, 2_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		rows[i] = sql.NewRow(random.Int64())
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stopped")
	sctx := sql.NewContext(ctx, sql.WithSession(sql.NewBaseSession()))
	key := &stoppingField{Expression: expression.NewGetField(0, types.Int64, "n", false), after: len(rows), stop: func() { cancel(stop) }}
	iter := newSortIter(sql.SortConditions{{Expr: key}}, sql.RowsToRowIter(rows...))
	begin := time.Now()
	if _, err := iter.Next(sctx); !errors.Is(err, stop) {
		t.Errorf("the sort ended with %v, want %v", err, stop)
	}
	t.Logf("ended after %v", time.Since(begin))
	if err := iter.Close(sctx); err != nil {
		t.Error(err)
	}
}

// stoppingField calls stop when it is evaluated for the last row, that is, just
// before the sorting.
type stoppingField struct {
	sql.Expression
	after int
	stop  func()
}

func (s *stoppingField) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	if s.after--; s.after == 0 {
		s.stop()
	}
	return s.Expression.Eval(ctx, row)
}

// TestWindowsStop ends the context when all rows have been read: at the first key
// that is sorted by, at the last one, and in the middle of the functions' work. No
// more than some hundred rows may be worked on then.
func TestWindowsStop(t *testing.T) {
	const n = 200_000
	rows := make([]sql.Row, n)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		rows[i] = sql.NewRow(random.Int64())
	}
	for _, c := range []struct {
		name       string
		sort, work int // the number of the key or value at which the context ends; 0: none
	}{{"at the first key", 1, 0}, {"before the sort", n, 0}, {"at the first value", 0, 1}, {"in the middle", 0, n / 2}} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			sctx := sql.NewContext(ctx, sql.WithSession(sql.NewBaseSession()))
			field := expression.NewGetField(0, types.Int64, "n", false)
			key := &stoppingField{Expression: field, after: c.sort, stop: cancel}
			value := &stoppingField{Expression: field, after: c.work, stop: cancel}
			fn, err := aggregation.NewLast(value).NewWindowFunction(sctx)
			if err != nil {
				t.Fatal(err)
			}
			child := sql.RowsToRowIter(rows...)
			iter := &windowIter{child: child, width: 1, blocks: []*windowBlock{{
				order:     sql.SortConditions{{Expr: key}},
				functions: []windowFn{{fn: fn, framer: fn.DefaultFramer()}},
			}}}
			if _, err := iter.Next(sctx); !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
			if c.sort == 1 && -key.after > 2*checkEvery || c.sort == n && value.after < 0 || c.work > 0 && -value.after > 2*checkEvery {
				t.Errorf("after the end %d keys and %d values were evaluated", -key.after, -value.after)
			}
			if err := iter.Close(sctx); err != nil {
				t.Error(err)
			}
		})
	}
}
