package engine_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/rs/zerolog"

	"gridgate/engine"
	"gridgate/tables"
)

// planned are statements of which the planning takes long, or is done often.
func planned() map[string]string {
	var in, and, union, joins []string
	for i := range 3000 {
		and = append(and, fmt.Sprintf("pos <> %d", i))
	}
	for i := range 1000 {
		in = append(in, fmt.Sprint(i))
		union = append(union, fmt.Sprintf("SELECT word FROM words WHERE pos = %d", i))
	}
	for i := range 10 {
		t := fmt.Sprintf("words t%d", i)
		if i > 0 {
			t += fmt.Sprintf(" ON t%d.pos = t%d.pos", i-1, i)
		}
		joins = append(joins, t)
	}
	return map[string]string{
		"typical":   "SELECT word, COUNT(*) n FROM words WHERE path = 'f1.txt' AND pos > 3 GROUP BY word ORDER BY n DESC, word LIMIT 10",
		"10joins":   "SELECT t0.word, t9.word FROM " + strings.Join(joins, " JOIN ") + " WHERE t0.path = 'f1.txt'",
		"in1000":    "SELECT word FROM words WHERE pos IN (" + strings.Join(in, ", ") + ")",
		"and3000":   "SELECT word FROM words WHERE " + strings.Join(and, " AND "),
		"union1000": strings.Join(union, " UNION ALL "),
	}
}

// BenchmarkPlanning plans a statement, from its text to what EXPLAIN shows: as
// gridgate does it (on-ms), and as go-mysql-server does it (off-ms), where the
// planner's rule does nothing. Both are the fastest of all runs; the difference is
// what planning for stores adds.
func BenchmarkPlanning(b *testing.B) {
	e, err := engine.New(engine.Config{Databases: []engine.Database{{Name: "grid", Stores: []tables.Store{memory()}}}, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	s, err := e.NewSession(context.Background(), "bench", "root", "127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	s.SetCurrentDatabase("grid")
	run := func(b *testing.B, query string) time.Duration {
		ctx := sql.NewContext(b.Context(), sql.WithSession(s), sql.WithQuery(query), sql.WithProcessList(e.SQL().ProcessList))
		begin := time.Now()
		r, err := e.Execute(ctx, engine.Statement{Query: query})
		took := time.Since(begin)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Iter.Close(ctx); err != nil {
			b.Fatal(err)
		}
		return took
	}
	all := planned()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			off, on := time.Hour, time.Hour
			for b.Loop() {
				run(b, "SET gridgate_pushdown = 'off'")
				off = min(off, run(b, "EXPLAIN "+all[name]))
				run(b, "SET gridgate_pushdown = 'on'")
				on = min(on, run(b, "EXPLAIN "+all[name]))
			}
			b.ReportMetric(float64(off.Microseconds())/1000, "off-ms")
			b.ReportMetric(float64(on.Microseconds())/1000, "on-ms")
			b.ReportMetric(float64((on-off).Microseconds())/1000, "added-ms")
		})
	}
}
