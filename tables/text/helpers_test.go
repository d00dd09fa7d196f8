package text

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gridgate/tables"
)

// archive writes files, whose names may have folders, to a new folder. A nil
// content makes the folder only.
func archive(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		write(t, dir, name, content)
	}
	return dir
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, config Config) *Store {
	t.Helper()
	if config.Workers == 0 {
		config.Workers = 3
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func snapshotOf(t testing.TB, s *Store, table string) tables.Snapshot {
	t.Helper()
	n, err := s.Table(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A shape builds expressions over a snapshot's columns by name.
type shape struct {
	t testing.TB
	n tables.Snapshot
}

func (s shape) col(name string) tables.Expr {
	for i, c := range s.n.Columns() {
		if c.Name == name {
			return &tables.Col{Index: i, Name: name, Typ: c.Type, Null: c.Nullable}
		}
	}
	s.t.Fatalf("no column %s", name)
	return nil
}

func (s shape) cols(names string) (out []tables.Expr) {
	for _, name := range strings.Fields(names) {
		out = append(out, s.col(name))
	}
	return out
}

func (s shape) query() tables.Query { return tables.Query{From: &tables.Scan{Snapshot: s.n}} }

// scan is SELECT columns.
func (s shape) scan(columns string) tables.Query {
	q := s.query()
	q.Output = s.cols(columns)
	return q
}

// group is SELECT keys, aggs GROUP BY keys.
func (s shape) group(keys string, aggs ...tables.Agg) tables.Query {
	q := s.query()
	q.Grouped, q.GroupBy, q.Aggs = true, s.cols(keys), aggs
	for i, k := range q.GroupBy {
		q.Output = append(q.Output, &tables.KeyRef{N: i, Typ: k.Type(), Null: k.Nullable()})
	}
	for i := range aggs {
		q.Output = append(q.Output, &tables.AggRef{N: i, Typ: tables.Int64})
	}
	return q
}

var countAll = tables.Agg{Func: tables.AggCountStar, Typ: tables.Int64}

func countOf(e tables.Expr) tables.Agg {
	return tables.Agg{Func: tables.AggCount, Arg: e, Typ: tables.Int64}
}

func countDistinct(e tables.Expr) tables.Agg {
	return tables.Agg{Func: tables.AggCount, Arg: e, Distinct: true, Typ: tables.Int64}
}

func str(s string) tables.Expr { return &tables.Lit{Value: tables.TextValue(s)} }
func num(i int64) tables.Expr  { return &tables.Lit{Value: tables.IntValue(i)} }
func null() tables.Expr        { return &tables.Lit{} }

func call(op tables.Op, args ...tables.Expr) tables.Expr {
	return &tables.Call{Op: op, Args: args, Typ: tables.Bool, Null: true}
}

func likes(x tables.Expr, pattern string) tables.Expr {
	return call(tables.OpLike, x, str(pattern), str(`\`))
}

func limit(n int64) *int64 { return &n }

// answer runs q and returns its rows, written as text.
func answer(t testing.TB, q tables.Query, args ...tables.Arg) []string {
	t.Helper()
	rows, err := tryAnswer(t, q, args...)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func tryAnswer(t testing.TB, q tables.Query, args ...tables.Arg) ([]string, error) {
	t.Helper()
	plan, refused := q.Scans()[0].Snapshot.Compile(q)
	if refused != nil {
		t.Fatalf("refused: %v", refused)
	}
	return openAnswer(t.Context(), t, plan, args...)
}

func openAnswer(ctx context.Context, t testing.TB, plan tables.Plan, args ...tables.Arg) ([]string, error) {
	t.Helper()
	rows, err := plan.Open(ctx, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []string{}
	for {
		var b tables.Batch
		if err := rows.Next(ctx, &b); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return out, err
		}
		if b.N == 0 {
			t.Fatal("Next returned no rows and no error")
		}
		for i := range b.N {
			values := make([]tables.Value, len(b.Cols))
			for j := range b.Cols {
				values[j] = b.Cols[j].Value(i)
			}
			out = append(out, format(values))
		}
	}
}

func format(values []tables.Value) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.SQL())
	}
	return b.String()
}

// wantRows compares rows; in any order, unless ordered.
func wantRows(t testing.TB, got []string, ordered bool, want ...string) {
	t.Helper()
	got = slices.Clone(got)
	if !ordered {
		want = slices.Clone(want)
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func gzipped(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		io.WriteString(w, p)
		w.Close()
	}
	return b.String()
}

func deflated(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts {
		w := zlib.NewWriter(&b)
		io.WriteString(w, p)
		w.Close()
	}
	return b.String()
}

// order is ORDER BY a, b with their directions.
func order(a tables.Expr, aDesc bool, b tables.Expr, bDesc bool) []tables.Order {
	return []tables.Order{{Expr: a, Desc: aDesc}, {Expr: b, Desc: bDesc}}
}
