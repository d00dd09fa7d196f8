package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gridgate/engine"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// failing is a store whose plans fail to open, or to give their first batch, a
// number of times.
type failing struct {
	*tablestest.Memory
	inNext bool
	err    error
	left   int
}

type failingSnapshot struct {
	tables.Snapshot
	store *failing
}

type failingPlan struct {
	tables.Plan
	store *failing
}

type failingRows struct {
	tables.Rows
	err error
}

func (f *failing) Table(ctx context.Context, name string) (tables.Snapshot, error) {
	s, err := f.Memory.Table(ctx, name)
	return &failingSnapshot{s, f}, err
}

func (s *failingSnapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	q = tables.MapScans(q, func(x *tables.Scan) *tables.Scan {
		return &tables.Scan{Snapshot: x.Snapshot.(*failingSnapshot).Snapshot, Alias: x.Alias}
	})
	p, refused := s.Snapshot.Compile(q)
	return &failingPlan{p, s.store}, refused
}

func (p *failingPlan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	rows, err := p.Plan.Open(ctx, args)
	if err != nil || p.store.left == 0 {
		return rows, err
	}
	p.store.left--
	if p.store.inNext {
		return &failingRows{rows, p.store.err}, nil
	}
	return nil, errors.Join(p.store.err, rows.Close())
}

func (r *failingRows) Next(context.Context, *tables.Batch) error { return r.err }

// TestChangedTablesArePlannedAgain, once, whether the plan is one leaf or not,
// and whether opening it or reading it says so. Other errors are not tried
// again.
func TestChangedTablesArePlannedAgain(t *testing.T) {
	changed := &tables.SchemaChanged{Store: "memory", Table: "words", What: "a column is gone"}
	outage := &tables.Outage{Store: "memory", Doing: "reading", Err: errors.New("no route")}
	for _, query := range []string{
		"SELECT COUNT(*) FROM words",
		"SELECT COUNT(*) FROM words WHERE REVERSE(word) <> 'x'",
	} {
		for _, inNext := range []bool{false, true} {
			for _, c := range []struct {
				err   error
				times int
				code  int // 0: it answers
			}{{changed, 1, 0}, {changed, 2, 1412}, {outage, 1, 1429}} {
				f := newFixture(t, &failing{Memory: memory(), inNext: inNext, err: c.err, left: c.times})
				rows, err := f.query(query)
				switch {
				case c.code == 0 && (err != nil || len(rows) != 1 || rows[0][0] != "17"):
					t.Errorf("%s, %v %d times (in Next: %t): %v, %v", query, c.err, c.times, inNext, rows, err)
				case c.code != 0 && (err == nil || engine.MySQLError(err).Num != c.code):
					t.Errorf("%s, %v %d times (in Next: %t): %v, want code %d", query, c.err, c.times, inNext, err, c.code)
				}
			}
		}
	}
}

// TestStoppedStatements get the code of what stopped them.
func TestStoppedStatements(t *testing.T) {
	f := newFixture(t, memory())
	if _, err := f.query("SELECT word FROM words WHERE"); err == nil || !strings.Contains(engine.MySQLError(err).Message, "syntax") {
		t.Errorf("half a statement: %v", err)
	}
	for stop, code := range map[engine.Stop]int{engine.StopKilled: 1317, engine.StopTimeout: 3024, engine.StopShutdown: 1053} {
		if got := engine.MySQLError(stop).Num; got != code {
			t.Errorf("%v has the code %d, want %d", stop, got, code)
		}
	}
}
