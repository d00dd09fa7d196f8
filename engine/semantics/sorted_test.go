package semantics

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
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
