package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// panicStore is a store of which a table panics after some rows, once. It counts
// what is open.
type panicStore struct {
	tables.Store
	table string
	after atomic.Int64 // rows until the panic; negative: there is none
	open  atomic.Int64
}

func (s *panicStore) Table(ctx context.Context, name string) (tables.Snapshot, error) {
	t, err := s.Store.Table(ctx, name)
	return &panicSnapshot{t, s}, err
}

type panicSnapshot struct {
	tables.Snapshot
	store *panicStore
}

func (s *panicSnapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	switch q.From.(type) {
	case *tables.Scan:
	default:
		return nil, tables.Refuse(tables.PartFrom, 0, "test", "one table at a time")
	}
	scan := *q.From.(*tables.Scan)
	scan.Snapshot = s.Snapshot
	q.From = &scan
	p, refused := s.Snapshot.Compile(q)
	if refused != nil {
		return nil, refused
	}
	return &panicPlan{p, s}, nil
}

type panicPlan struct {
	tables.Plan
	of *panicSnapshot
}

func (p *panicPlan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	rows, err := p.Plan.Open(ctx, args)
	if err != nil {
		return nil, err
	}
	p.of.store.open.Add(1)
	return &panicRows{Rows: rows, of: p.of}, nil
}

type panicRows struct {
	tables.Rows
	of     *panicSnapshot
	closed bool
}

func (r *panicRows) Next(ctx context.Context, b *tables.Batch) error {
	err := r.Rows.Next(ctx, b)
	if s := r.of.store; err == nil && r.of.Name() == s.table && s.after.Load() >= 0 {
		if s.after.Add(-int64(b.N)) < 0 {
			panic("the test's")
		}
	}
	return err
}

func (r *panicRows) Close() error {
	if !r.closed {
		r.closed = true
		r.of.store.open.Add(-1)
	}
	return r.Rows.Close()
}

// TestPanicHoldsNothing: after a panic, before the first row or later, nothing is
// held and no store's work goes on.
func TestPanicHoldsNothing(t *testing.T) {
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}, Accept: refuseAll}
	addLong(m)
	store := &panicStore{Store: m, table: "long_words"}
	store.after.Store(-1)
	f := newFixture(t, store)
	for _, query := range []string{
		"SELECT * FROM long_words ORDER BY word",
		"SELECT word, COUNT(*), GROUP_CONCAT(n) FROM long_words GROUP BY word",
		"SELECT DISTINCT word FROM long_words",
		"SELECT a.n, b.n FROM long_words a JOIN long_words b ON a.word = b.word",
		"SELECT n, ROW_NUMBER() OVER (PARTITION BY word ORDER BY n) FROM long_words",
		"SELECT n, (SELECT COUNT(*) FROM long_words) FROM long_words",
		"SELECT word FROM long_words UNION SELECT 'x'",
		"EXPLAIN ANALYZE SELECT DISTINCT word FROM long_words",
	} {
		for _, mode := range []string{"on", "off"} {
			f.must("SET gridgate_pushdown = '" + mode + "'")
			for _, after := range []int64{longRows / 2, longRows + longRows/2} {
				store.after.Store(after)
				panicked := f.panics(query)
				if left := store.after.Swap(-1); left < 0 && !panicked {
					t.Errorf("%s: the panic is lost", query)
				}
				// What a subquery has opened ends with the statement's context only:
				// go-mysql-server does not close it after a panic.
				if n, open := f.engine.HeldMemory(), store.open.Swap(0); n != 0 || open != 0 && !strings.Contains(query, "(SELECT") {
					t.Fatalf("%s, pushdown %s, after %d rows: %d bytes are held and %d reads go on", query, mode, after, n, open)
				}
			}
		}
	}
}

// panics runs a statement as the wire does, which catches a panic in either part,
// and reports whether there was one.
func (f *fixture) panics(query string) (panicked bool) {
	ctx := sql.NewContext(context.Background(), sql.WithSession(f.session), sql.WithQuery(query),
		sql.WithProcessList(f.engine.SQL().ProcessList))
	catch := func(do func()) {
		defer func() { panicked = recover() != nil || panicked }()
		do()
	}
	var r *engine.Result
	catch(func() { r, _ = f.engine.Execute(ctx, engine.Statement{Query: query}) })
	if r == nil {
		return panicked
	}
	catch(func() {
		for err := error(nil); err == nil; {
			if r.Batches != nil {
				err = r.Batches.NextBatch(ctx, &tables.Batch{})
			} else {
				_, err = r.Iter.Next(ctx)
			}
		}
	})
	catch(func() { _ = r.Iter.Close(ctx) })
	return panicked
}
