package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

var begin = time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC).UnixMicro()

// document makes a document whose parts depend on i; some have no station, no
// value or no unit, and some share their time.
func document(i int) Document {
	d := Document{
		ID: fmt.Sprintf("t:0:%d", i), Station: []string{"DK1", "dk1", "Ødis", "DK1 "}[i%4], TS: begin + int64(i/3)*1_250_000,
		Kind: []string{"", "real_time"}[i%2], Value: float64(i) / 8, HasValue: i%7 != 0, IngestedAt: begin + int64(i)*1000,
		Doc: fmt.Sprintf(`{"value": %d}`, i),
	}
	if i%5 == 0 {
		d.Station = ""
	}
	if i%3 == 0 {
		d.Unit = "MW"
	}
	return d
}

func filled(t testing.TB, n int) *Store {
	t.Helper()
	s := New(Config{Log: zerolog.Nop()})
	var docs []Document
	for i := range n {
		docs = append(docs, document(i))
	}
	if inserted, evicted := s.Insert(docs); inserted != n || evicted != 0 {
		t.Fatalf("inserted %d, evicted %d", inserted, evicted)
	}
	return s
}

func TestContract(t *testing.T) {
	s := filled(t, 100)
	edges := []Document{
		{ID: "first", TS: 1_000_000, IngestedAt: begin, Doc: "{}"},
		{ID: "last", Station: "DK1", TS: time.Date(2038, 1, 19, 3, 14, 7, 999e6, time.UTC).UnixMicro(), IngestedAt: begin, Doc: `{"a": [1, null]}`},
	}
	s.Insert(edges)
	var rows [][]tables.Value
	for _, d := range append(edges, func() (all []Document) {
		for i := range 100 {
			all = append(all, document(i))
		}
		return all
	}()...) {
		row := make([]tables.Value, len(columns))
		for c := range columns {
			row[c] = d.value(c)
		}
		rows = append(rows, row)
	}
	tablestest.Run(t, tablestest.Suite{Store: s, Table: tableName, Rows: rows, Evaluator: eval.Evaluator{}})
}

// query is a scan of _id with conditions.
func query(t testing.TB, s *Store, where ...tables.Expr) tables.Query {
	t.Helper()
	n, err := s.Table(t.Context(), tableName)
	if err != nil {
		t.Fatal(err)
	}
	return tables.Query{From: &tables.Scan{Snapshot: n}, Output: []tables.Expr{col(colID)}, Where: where}
}

func col(i int) *tables.Col {
	return &tables.Col{Index: i, Name: columns[i].Name, Typ: columns[i].Type, Null: columns[i].Nullable}
}

func lit(s string) tables.Expr { return &tables.Lit{Value: tables.TextValue(s)} }

func instant(us int64) tables.Expr {
	return &tables.Lit{Value: tables.Value{Type: tables.Timestamp(6), I: us}}
}

func call(op tables.Op, args ...tables.Expr) tables.Expr {
	return &tables.Call{Op: op, Args: args, Typ: tables.Bool}
}

// open compiles and opens a query, which must be taken.
func open(t testing.TB, q tables.Query) *rows {
	t.Helper()
	p, refused := q.Scans()[0].Snapshot.Compile(q)
	if refused != nil {
		t.Fatal(refused)
	}
	r, err := p.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r.(*rows)
}

// ids reads all rows of a query of _id.
func ids(t testing.TB, r tables.Rows) []string {
	t.Helper()
	var out []string
	for {
		var b tables.Batch
		err := r.Next(context.Background(), &b)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Cols[0].Strings[:b.N]...)
	}
}

func TestARangeOfTimeOfAStationVisitsNothingElse(t *testing.T) {
	s := filled(t, 10_000)
	from, to := begin+100*1_250_000, begin+200*1_250_000
	r := open(t, query(t, s, call(tables.OpEq, col(colStation), lit("DK1")),
		call(tables.OpGe, col(colTS), instant(from)), call(tables.OpLt, col(colTS), instant(to))))
	found := ids(t, r)
	var want []string
	for i := range 10_000 {
		if d := document(i); d.Station == "DK1" && d.TS >= from && d.TS < to {
			want = append(want, d.ID)
		}
	}
	slices.Sort(want)
	slices.Sort(found)
	if !slices.Equal(found, want) || len(want) == 0 {
		t.Errorf("found %d, want %d", len(found), len(want))
	}
	// One more says that the range is over.
	if visited := r.source.(*walk).visited; visited > len(want)+1 {
		t.Errorf("%d documents visited for %d rows", visited, len(want))
	}
}

func TestNobodyIsTheEmptyStation(t *testing.T) {
	s := filled(t, 10)
	if found := ids(t, open(t, query(t, s, call(tables.OpEq, col(colStation), lit(""))))); len(found) > 0 {
		t.Errorf("station = '' gives %v, whose station is NULL", found)
	}
}

func TestAScanSeesOneMoment(t *testing.T) {
	s := filled(t, 5000)
	r := open(t, query(t, s))
	var b tables.Batch
	if err := r.Next(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	n := b.N
	for i := range 5000 {
		s.Insert([]Document{{ID: fmt.Sprintf("new%d", i), Station: "DK1", TS: begin + int64(i), Doc: "{}"}})
	}
	rest := ids(t, r)
	if n+len(rest) != 5000 {
		t.Errorf("%d rows, want the 5000 there were", n+len(rest))
	}
	if slices.ContainsFunc(rest, func(id string) bool { return strings.HasPrefix(id, "new") }) {
		t.Error("a document that came later is among the rows")
	}
}

// TestModel compares inserts, repeats and evictions with a plain model.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kept := rapid.IntRange(1, 20).Draw(rt, "documents that fit")
		one := Document{ID: "00", Doc: "{}"}
		s := New(Config{MaxBytes: int64(kept) * one.bytes(), Log: zerolog.Nop()})
		var model []string
		evictions := 0
		for range rapid.IntRange(1, 60).Draw(rt, "batches") {
			var batch []Document
			for range rapid.IntRange(1, 5).Draw(rt, "batch") {
				id := fmt.Sprintf("%02d", rapid.IntRange(0, 40).Draw(rt, "id"))
				batch = append(batch, Document{ID: id, TS: rapid.Int64Range(1, 9).Draw(rt, "ts") * 1000, Doc: "{}"})
				if slices.Contains(model, id) {
					continue
				}
				if model = append(model, id); len(model) > kept {
					model = model[1:]
					evictions++
				}
			}
			_, evicted := s.Insert(batch)
			evictions -= evicted
		}
		if evictions != 0 {
			rt.Errorf("evictions differ by %d", evictions)
		}
		found := ids(t, open(t, query(t, s)))
		slices.Sort(found)
		slices.Sort(model)
		if !slices.Equal(found, model) {
			rt.Errorf("kept %v, want %v", found, model)
		}
		for _, id := range model {
			if got := ids(t, open(t, query(t, s, call(tables.OpEq, col(colID), lit(id))))); len(got) != 1 {
				rt.Errorf("_id = %s gives %v", id, got)
			}
		}
	})
}

func TestADocumentLargerThanTheBoundGoesAtOnce(t *testing.T) {
	s := New(Config{MaxBytes: 1000, Log: zerolog.Nop()})
	inserted, evicted := s.Insert([]Document{{ID: "a", Doc: "{}"}, {ID: "b", Doc: strings.Repeat("x", 2000)}, {ID: "c", Doc: "{}"}})
	if inserted != 3 || evicted != 2 {
		t.Errorf("inserted %d, evicted %d", inserted, evicted)
	}
	if found := ids(t, open(t, query(t, s))); !slices.Equal(found, []string{"c"}) {
		t.Errorf("kept %v", found)
	}
}

// TestMemoryIsAccounted compares what the collection counts with what the
// process needs: the bound is a promise.
func TestMemoryIsAccounted(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	s := New(Config{MaxBytes: math.MaxInt64, Log: zerolog.Nop()})
	before := heap()
	const n = 100_000
	for i := range n {
		s.Insert([]Document{{
			ID: fmt.Sprintf("INGESTION:%d:%d", i%4, i), Station: strings.Clone(fmt.Sprintf("station-%d", i%50)), TS: begin + int64(i)*1000,
			Doc: fmt.Sprintf(`{"unit": "MW", "value": %d, "station": "station-%d", "created_at": 1758100000.25, "schema_version": 1}`, i, i%50),
		}})
	}
	grown := heap() - before
	t.Logf("counted %d bytes a document, grew by %d", s.bytes/n, grown/n)
	if ratio := float64(grown) / float64(s.bytes); ratio > 1.25 || ratio < 0.6 {
		t.Errorf("the heap grew by %.2f times what was counted", ratio)
	}
	runtime.KeepAlive(s)
}

func TestReadersAndWriters(t *testing.T) {
	s := New(Config{MaxBytes: 500 * overhead, Log: zerolog.Nop()})
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range 2000 {
				s.Insert([]Document{document(i*4 + w)})
			}
		})
		group.Go(func() {
			for range 50 {
				found := ids(t, open(t, query(t, s)))
				slices.Sort(found)
				if len(slices.Compact(found)) != len(found) {
					t.Error("an _id is there twice")
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkInsert(b *testing.B) {
	s := New(Config{Log: zerolog.Nop()})
	batch := make([]Document, 1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for j := range batch {
			batch[j] = document(i*len(batch) + j)
		}
		s.Insert(batch)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "documents/s")
}

func BenchmarkScan(b *testing.B) {
	s := filled(b, 100_000)
	q := query(b, s)
	for b.Loop() {
		ids(b, open(b, q))
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkStationRange(b *testing.B) {
	s := filled(b, 100_000)
	q := query(b, s, call(tables.OpEq, col(colStation), lit("DK1")), call(tables.OpGe, col(colTS), instant(begin+30_000*1_250_000)),
		call(tables.OpLt, col(colTS), instant(begin+30_050*1_250_000)))
	for b.Loop() {
		ids(b, open(b, q))
	}
}
