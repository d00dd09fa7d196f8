// Package tablestest holds the suite that every store has to pass: generated
// queries are compiled and run, and each answer is compared with the
// evaluator's over the same rows; and the promises of package tables about
// batches, cancellation and closing are tried.
//
// A store's test calls Run with its rows loaded:
//
//	tablestest.Run(t, tablestest.Suite{
//		Store: store, Table: "words", Rows: rows, Evaluator: eval.Evaluator{},
//	})
//
// The evaluator is an argument because package tables knows no SQL engine.
package tablestest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gridgate/tables"
)

// Evaluator answers a query over rows in memory, as MySQL would.
type Evaluator interface {
	// Evaluate gets the rows of each scan of q, in the order of q.Scans().
	Evaluate(ctx context.Context, q tables.Query, scans [][][]tables.Value, args tables.Args) ([][]tables.Value, error)
	// TypeOf is the type that MySQL gives a Call over its typed arguments, and
	// whether its value may be NULL. ok is false where there is no such operator
	// for them, or none with a type of the stores.
	TypeOf(c *tables.Call) (t tables.Type, null, ok bool)
	// TypeOfAgg is likewise that of an aggregate.
	TypeOfAgg(a tables.Agg) (t tables.Type, null, ok bool)
}

// Suite is a store's table with what it holds.
type Suite struct {
	Store     tables.Store
	Table     string
	Rows      [][]tables.Value // every row of the table, in any order
	Evaluator Evaluator
	// Pushed, when not nil, gets for each operator the number of queries that
	// offered it and the number that the store took.
	Pushed map[string]Share
}

// Share counts how many of the offered were taken.
type Share struct{ Offered, Taken int }

// String is the share in per cent.
func (s Share) String() string {
	if s.Offered == 0 {
		return "never offered"
	}
	return fmt.Sprintf("%d of %d (%d%%)", s.Taken, s.Offered, 100*s.Taken/s.Offered)
}

// timeout is the longest that any one query of the suite may take.
const timeout = 30 * time.Second

// Run runs the whole suite. The store is not closed.
func Run(t *testing.T, s Suite) {
	t.Helper()
	if s.Pushed == nil {
		s.Pushed = map[string]Share{}
	}
	snapshot, err := s.Store.Table(context.Background(), s.Table)
	if err != nil {
		t.Fatalf("opening table %s: %v", s.Table, err)
	}
	r := &runner{Suite: s, snapshot: snapshot}
	t.Run("columns", r.columns)
	t.Run("scan", r.scan)
	t.Run("no columns", r.noColumns)
	t.Run("no such table", r.noSuchTable)
	t.Run("batches stay valid", r.batchesStay)
	t.Run("cancel", r.cancel)
	t.Run("close", r.close)
	t.Run("opened by several at once", r.concurrent)
	t.Run("queries", r.queries)
	for _, name := range sortedKeys(s.Pushed) {
		t.Logf("%-12s pushed %s", name, s.Pushed[name])
	}
}

type runner struct {
	Suite
	snapshot tables.Snapshot
	// asked and errors count the queries that were compared, and those among
	// them whose right answer is an error: what a store may make of those depends
	// on which rows it computes.
	asked, errors int
}

// all is the plain scan of every column.
func (r *runner) all() tables.Query {
	q := tables.Query{From: &tables.Scan{Snapshot: r.snapshot}}
	for i, c := range r.snapshot.Columns() {
		q.Output = append(q.Output, &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable})
	}
	return q
}

func (r *runner) mustCompile(t testing.TB, q tables.Query) tables.Plan {
	t.Helper()
	p, refused := r.snapshot.Compile(q)
	if refused != nil {
		t.Fatalf("%s was refused: %v", tables.FormatQuery(&q, nil), refused)
	}
	return p
}

func (r *runner) columns(t *testing.T) {
	if r.snapshot.Name() != r.Table {
		t.Errorf("the snapshot's name is %q, not %q", r.snapshot.Name(), r.Table)
	}
	if len(r.Rows) > 0 && len(r.Rows[0]) != len(r.snapshot.Columns()) {
		t.Fatalf("the rows given have %d values; the table has %d columns", len(r.Rows[0]), len(r.snapshot.Columns()))
	}
	seen := map[string]bool{}
	for i, c := range r.snapshot.Columns() {
		if c.Name == "" || seen[c.Name] {
			t.Errorf("column %d has the name %q, which is empty or taken", i, c.Name)
		}
		seen[c.Name] = true
		if c.Type.Kind == tables.KindNull {
			t.Errorf("column %s has no type", c.Name)
		}
		for _, row := range r.Rows {
			if row[i].IsNull() && !c.Nullable {
				t.Errorf("column %s is not nullable but holds NULL", c.Name)
				break
			}
		}
	}
	infos, err := r.Store.Tables(context.Background())
	if err != nil {
		t.Fatalf("listing tables: %v", err)
	}
	listed := false
	for _, x := range infos {
		listed = listed || x.Name == r.Table
	}
	if !listed {
		t.Errorf("the table is not among those listed: %v", infos)
	}
}

func (r *runner) scan(t *testing.T) {
	q := r.all()
	got := r.fetch(t, r.mustCompile(t, q), q, nil)
	if d := Diff(&q, r.Rows, got, 0); d != "" {
		t.Errorf("%s\n%s", tables.FormatQuery(&q, nil), d)
	}
}

// noColumns reads no column at all: only the number of rows counts.
func (r *runner) noColumns(t *testing.T) {
	q := tables.Query{From: &tables.Scan{Snapshot: r.snapshot}}
	if got := r.fetch(t, r.mustCompile(t, q), q, nil); len(got) != len(r.Rows) {
		t.Errorf("a scan of no columns gives %d rows, not %d", len(got), len(r.Rows))
	}
}

func (r *runner) noSuchTable(t *testing.T) {
	_, err := r.Store.Table(context.Background(), "no_such_table")
	var none *tables.NoTable
	if !errors.As(err, &none) {
		t.Errorf("opening a missing table gives %v, not *tables.NoTable", err)
	}
}

// batchesStay keeps every batch and looks at the first again at the end.
func (r *runner) batchesStay(t *testing.T) {
	q := r.all()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	rows, err := r.mustCompile(t, q).Open(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var kept []tables.Batch
	var copies [][][]tables.Value
	for {
		var b tables.Batch
		if err := rows.Next(ctx, &b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, b)
		copies = append(copies, values(&b, len(q.Output)))
	}
	for i := range kept {
		again := values(&kept[i], len(q.Output))
		for j := range again {
			for k := range again[j] {
				if again[j][k] != copies[i][j][k] {
					t.Fatalf("row %d of batch %d changed after a later Next: %v became %v", j, i, copies[i][j][k], again[j][k])
				}
			}
		}
	}
}

func (r *runner) cancel(t *testing.T) {
	if len(r.Rows) == 0 {
		t.Skip("the table is empty: nothing to cancel")
	}
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := r.mustCompile(t, r.all()).Open(ctx, nil)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer rows.Close()
	cancel()
	begin := time.Now()
	for {
		var b tables.Batch
		err := rows.Next(ctx, &b)
		if err == nil {
			continue // a batch that was ready
		}
		if !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
			t.Errorf("Next after the end of its context gives %v", err)
		}
		break
	}
	if d := time.Since(begin); d > 5*time.Second { // 100 ms is the promise; a loaded machine is not the store's fault
		t.Errorf("Next returned %v after the end of its context", d)
	}
}

func (r *runner) close(t *testing.T) {
	plan := r.mustCompile(t, r.all())
	rows, err := plan.Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Errorf("closing before the first row: %v", err)
	}
	if err := rows.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func (r *runner) concurrent(t *testing.T) {
	q := r.all()
	plan := r.mustCompile(t, q)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := fetch(plan, q, nil)
			if err != nil {
				t.Errorf("%v", err)
				return
			}
			if d := Diff(&q, r.Rows, got, 0); d != "" {
				t.Errorf("one of four at once: %s", d)
			}
		})
	}
	wg.Wait()
}

func (r *runner) queries(t *testing.T) {
	g := newGenerator(r.snapshot, r.Rows, r.Evaluator)
	rapid.Check(t, func(rt *rapid.T) {
		q, args := g.query(rt)
		if d := r.difference(q, args); d != "" {
			rt.Fatal(d)
		}
	})
	if r.errors*5 > r.asked {
		t.Errorf("%d of %d queries have an error for their answer: too many to learn from", r.errors, r.asked)
	}
}

// difference compiles and runs q as far as the store takes it and compares the
// answer with the evaluator's; "" when they are equal.
func (r *runner) difference(q tables.Query, args tables.Args) string {
	q, plan, err := r.compile(q)
	if err != nil {
		return err.Error()
	}
	text := tables.FormatQuery(&q, args)
	want, err := r.answer(q, args)
	r.asked++
	if err != nil {
		r.errors++
		return ""
	}
	got, err := fetch(plan, q, args)
	if err != nil {
		return fmt.Sprintf("running %s: %v", text, err)
	}
	if recheck := plan.Recheck(); len(recheck) > 0 {
		// What is only narrowed may let rows through, and nothing else may.
		decided := q
		decided.Where = nil
		for i, e := range q.Where {
			if !slices.Contains(recheck, i) {
				decided.Where = append(decided.Where, e)
			}
		}
		most, err := r.answer(decided, args)
		if err != nil {
			return fmt.Sprintf("evaluating %s: %v", text, err)
		}
		if d := missing(want, got); d != "" {
			return text + " only narrows, but lacks " + d
		}
		if d := missing(got, most); d != "" {
			return text + " narrows a part of its conditions, but another lets through " + d
		}
		return ""
	}
	if d := Diff(&q, want, got, r.tolerance()); d != "" {
		return text + "\n" + d
	}
	if _, err := plan.Command(args); err != nil {
		return fmt.Sprintf("the command of %s: %v", text, err)
	}
	return ""
}

// Finds runs n generated queries and reports whether one of them showed a
// difference: over a store with a planted fault, one must.
func Finds(s Suite, n int) (difference string, found bool) {
	if s.Pushed == nil {
		s.Pushed = map[string]Share{}
	}
	snapshot, err := s.Store.Table(context.Background(), s.Table)
	if err != nil {
		return err.Error(), true
	}
	r := &runner{Suite: s, snapshot: snapshot}
	g := newGenerator(snapshot, s.Rows, s.Evaluator)
	type drawn struct {
		query tables.Query
		args  tables.Args
	}
	draw := rapid.Custom(func(t *rapid.T) drawn {
		q, args := g.query(t)
		return drawn{q, args}
	})
	for seed := range n {
		d := draw.Example(seed)
		if diff := r.difference(d.query, d.args); diff != "" {
			return diff, true
		}
	}
	return "", false
}

// answer is the evaluator's, without LIMIT and OFFSET: Diff needs all rows.
func (r *runner) answer(q tables.Query, args tables.Args) ([][]tables.Value, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	q.Limit, q.Offset = nil, 0
	scans := make([][][]tables.Value, len(q.Scans()))
	for i := range scans {
		scans[i] = r.Rows // every scan is of the one table
	}
	return r.Evaluator.Evaluate(ctx, q, scans, args)
}

// compile offers q and, as the planner would, drops what the store refuses
// until it takes the rest.
func (r *runner) compile(q tables.Query) (tables.Query, tables.Plan, error) {
	offered := operators(&q)
	for range 100 {
		p, refused := r.snapshot.Compile(q)
		if refused == nil {
			taken := operators(&q)
			for name := range offered {
				s := r.Pushed[name]
				s.Offered += offered[name]
				s.Taken += taken[name]
				r.Pushed[name] = s
			}
			return q, p, nil
		}
		q = without(q, refused, r.all())
	}
	return q, nil, errors.New("the store goes on refusing what is not there any more: " + tables.FormatQuery(&q, nil))
}

// tolerance is how far sums of DOUBLEs may differ.
func (r *runner) tolerance() float64 {
	sum := 0.0
	for _, row := range r.Rows {
		for _, v := range row {
			if v.Type.Kind.Storage() == tables.StoreFloats && !v.IsNull() {
				sum += max(v.F, -v.F)
			}
		}
	}
	return 1e-12 * sum
}

func (r *runner) fetch(t testing.TB, p tables.Plan, q tables.Query, args tables.Args) [][]tables.Value {
	t.Helper()
	got, err := fetch(p, q, args)
	if err != nil {
		t.Fatalf("running %s: %v", tables.FormatQuery(&q, args), err)
	}
	return got
}

func fetch(p tables.Plan, q tables.Query, args tables.Args) ([][]tables.Value, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return Fetch(ctx, p, q, args)
}

// Fetch runs a plan to its end and checks that the batches have the types of
// the query's Output.
func Fetch(ctx context.Context, p tables.Plan, q tables.Query, args tables.Args) (out [][]tables.Value, err error) {
	rows, err := p.Open(ctx, args)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		var b tables.Batch
		err := rows.Next(ctx, &b)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if b.N == 0 {
			return nil, errors.New("a batch without rows")
		}
		if len(b.Cols) != len(q.Output) {
			return nil, fmt.Errorf("a batch has %d columns; the query has %d", len(b.Cols), len(q.Output))
		}
		for i := range b.Cols {
			if b.Cols[i].Type != q.Output[i].Type() {
				return nil, fmt.Errorf("column %d has the type %v; the query's is %v", i, b.Cols[i].Type, q.Output[i].Type())
			}
			if b.Cols[i].Len() < b.N {
				return nil, fmt.Errorf("column %d has %d values; the batch has %d rows", i, b.Cols[i].Len(), b.N)
			}
		}
		out = append(out, values(&b, len(q.Output))...)
	}
}

func values(b *tables.Batch, width int) [][]tables.Value {
	out := make([][]tables.Value, b.N)
	for i := range out {
		row := make([]tables.Value, width)
		for j := range row {
			row[j] = b.Cols[j].Value(i)
		}
		out[i] = row
	}
	return out
}
