package text

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gridgate/tables"
)

// TestRandomQueries compares random queries over random archives with the
// naive reference, with blocks and ranges so small that there is a border
// everywhere.
func TestRandomQueries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "text")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		randomArchive(t, rt, dir)
		s := open(t, Config{
			Dir: dir, Workers: rapid.IntRange(1, 3).Draw(rt, "workers"),
			blockBytes: rapid.SampledFrom([]int{1, 2, 3, 7, 64, 4096}).Draw(rt, "block"),
			rangeBytes: rapid.SampledFrom([]int64{1, 2, 5, 16, 1 << 20}).Draw(rt, "range"),
			batchRows:  rapid.SampledFrom([]int{1, 3, 100}).Draw(rt, "batch"),
		})
		n := snapshotOf(t, s, rapid.SampledFrom([]string{"text_lines", "words"}).Draw(rt, "table"))
		rows := naiveRows(t, dir, n)
		for range 5 {
			q, args := randomQuery(rt, n)
			plan, refused := n.Compile(q)
			if refused != nil && refused.Part == tables.PartAggs && refused.Code == "distinct" {
				continue
			}
			if refused != nil {
				rt.Fatalf("%s: refused: %v", tables.FormatQuery(&q, args), refused)
			}
			command, _ := plan.Command(args)
			got, err := openAnswer(t.Context(), t, plan, args...)
			if err != nil {
				rt.Fatalf("%s: %v", command, err)
			}
			if diff := compareAnswers(&q, rows, args, got); diff != "" {
				rt.Fatalf("%s\n%s", command, diff)
			}
		}
	})
}

// compareAnswers says how got differs from the reference's answer.
func compareAnswers(q *tables.Query, rows [][]tables.Value, args tables.Args, got []string) string {
	all, sortKeys := naiveQuery(q, rows, args)
	from, to := int64(0), int64(len(all))
	if top, ok := q.Top(); ok {
		to = min(to, top)
	}
	from = min(q.Offset, to)
	if int64(len(got)) != to-from {
		return fmt.Sprintf("got %d rows, want %d\n\t%s", len(got), to-from, strings.Join(got, "\n\t"))
	}
	// Each row is one of those that tie with the one at its place.
	left := map[string]int{}
	for i, v := range all {
		left[format(sortKeys[i])+"|"+format(v)]++
	}
	for i, g := range got {
		k := format(sortKeys[int(from)+i]) + "|" + g
		if left[k]--; left[k] < 0 {
			return fmt.Sprintf("row %d, %s, isn't in its place, or too often\n\t%s", i, g, strings.Join(got, "\n\t"))
		}
	}
	return ""
}

var (
	someFolders = []string{"", "", "x/", "dt=1/", "dt=2/", "DT=2/h=a/", "dt=__HIVE_DEFAULT_PARTITION__/", "dt=a%3Ab/", "h=b/", "x/h=b/dt=1/"}
	somePieces  = []string{
		"a", "b", "cat", "Cat", "don't", "ΑΣ", "σ", "é", "é", "\xff", "\xe2\x80", "’", "'", " ", " ", " ", " ", ",", "longer-than-sixteen-bytes",
		"Donaudampfschifffahrt", "\n", "\n", "\n", "\r", "\r", "\r\n", "\ufeff", "\x00", "İ", "😀",
	}
	someTexts    = []string{"", "a", "b", "cat", "don't", "dt", "1", "2", "ας", "é", "a.txt", "dt=1/a.txt", "cat cat", "a:b", "longer", "\ufffd"}
	somePatterns = []string{"%", "", "a%", "%a", "%a%", "_", "_a%", "c_t", "%a%t%", "%.txt", "dt=%", "\\%", "%\\_%", "_%_", "%é", "a\\", "%😀%"}
)

func randomArchive(t testing.TB, rt *rapid.T, dir string) {
	for i := range rapid.IntRange(0, 6).Draw(rt, "files") {
		var b strings.Builder
		if rapid.IntRange(0, 5).Draw(rt, "mark") == 0 {
			b.WriteString("\ufeff")
		}
		for range rapid.IntRange(0, 25).Draw(rt, "pieces") {
			b.WriteString(rapid.SampledFrom(somePieces).Draw(rt, "piece"))
		}
		content, suffix := b.String(), ".txt"
		switch rapid.IntRange(0, 8).Draw(rt, "codec") {
		case 0:
			half := len(content) / 2
			content, suffix = gzipped(content[:half], content[half:]), ".gz"
		case 1:
			content, suffix = deflated(content), ".deflate"
		case 2:
			if i == 0 && content != "" { // it costs a process
				content, suffix = bzipped(t, content), ".bz2"
			}
		}
		folder := rapid.SampledFrom(someFolders).Draw(rt, "folder")
		write(t, dir, folder+string(rune('a'+i))+suffix, content)
	}
}

// bzipped is content as bzip2 compresses it; Go has no writer.
func bzipped(t testing.TB, content string) string {
	cmd := exec.Command("bzip2", "-c")
	cmd.Stdin = strings.NewReader(content)
	out, err := cmd.Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("bzip2 is missing, and CI may skip nothing: %v", err)
		}
		t.Skipf("skipped: bzip2 is missing: %v", err)
	}
	return string(out)
}

func randomQuery(rt *rapid.T, n tables.Snapshot) (tables.Query, tables.Args) {
	r := randomizer{rt: rt, n: n}
	q := tables.Query{From: &tables.Scan{Snapshot: n}}
	for range r.upTo(2) {
		q.Where = append(q.Where, r.condition(2, r.column))
	}
	kind := r.upTo(3)
	switch kind {
	case 0: // plain
		for range r.upTo(4) {
			q.Output = append(q.Output, r.column())
		}
	case 1: // distinct
		q.Distinct = true
		for range 1 + r.upTo(2) {
			q.Output = append(q.Output, r.textColumn())
		}
	default:
		r.group(&q)
	}
	if kind != 0 || r.upTo(1) == 0 {
		for range r.upTo(2) {
			if e := r.orderKey(&q); e != nil {
				q.OrderBy = append(q.OrderBy, tables.Order{Expr: e, Desc: r.upTo(1) == 0})
			}
		}
	}
	if kind == 0 && len(q.OrderBy) > 0 || r.upTo(2) == 0 {
		q.Limit = limit(1 + int64(r.upTo(9)))
		q.Offset = int64(r.upTo(1) * r.upTo(9))
	}
	return q, r.args
}

type randomizer struct {
	rt   *rapid.T
	n    tables.Snapshot
	args tables.Args
}

func (r *randomizer) upTo(n int) int { return rapid.IntRange(0, n).Draw(r.rt, "n") }

func (r *randomizer) colAt(i int) tables.Expr {
	c := r.n.Columns()[i]
	return &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable}
}

func (r *randomizer) column() tables.Expr { return r.colAt(r.upTo(len(r.n.Columns()) - 1)) }

func (r *randomizer) textColumn() tables.Expr {
	for {
		if c := r.column(); c.Type().Kind == tables.KindText {
			return c
		}
	}
}

func (r *randomizer) group(q *tables.Query) {
	q.Grouped = true
	for range r.upTo(3) {
		q.GroupBy = append(q.GroupBy, r.textColumn())
	}
	var distinct tables.Expr
	for range r.upTo(3) {
		switch r.upTo(2) {
		case 0:
			q.Aggs = append(q.Aggs, countAll)
		case 1:
			q.Aggs = append(q.Aggs, countOf(r.column()))
		default:
			if distinct == nil {
				distinct = r.textColumn()
			}
			of := distinct
			if n := len(q.GroupBy); n > 0 && r.upTo(2) == 0 {
				of = q.GroupBy[r.upTo(n-1)]
			}
			q.Aggs = append(q.Aggs, countDistinct(of))
		}
	}
	ref := func() tables.Expr { return r.groupRef(q) }
	for i := range q.GroupBy {
		q.Output = append(q.Output, r.keyRef(q, i))
	}
	for range r.upTo(3) {
		if e := ref(); e != nil {
			q.Output = append(q.Output, e)
		}
	}
	if len(q.GroupBy)+len(q.Aggs) > 0 && r.upTo(2) == 0 {
		q.Having = append(q.Having, r.condition(1, ref))
	}
	q.Distinct = r.upTo(5) == 0
}

func (r *randomizer) keyRef(q *tables.Query, i int) tables.Expr {
	return &tables.KeyRef{N: i, Typ: q.GroupBy[i].Type(), Null: q.GroupBy[i].Nullable()}
}

func (r *randomizer) groupRef(q *tables.Query) tables.Expr {
	n := len(q.GroupBy) + len(q.Aggs)
	if n == 0 {
		return nil
	}
	if i := r.upTo(n - 1); i < len(q.GroupBy) {
		return r.keyRef(q, i)
	} else {
		return &tables.AggRef{N: i - len(q.GroupBy), Typ: tables.Int64}
	}
}

func (r *randomizer) orderKey(q *tables.Query) tables.Expr {
	switch {
	case q.Distinct:
		if len(q.Output) == 0 {
			return nil
		}
		return q.Output[r.upTo(len(q.Output)-1)]
	case q.Grouped:
		return r.groupRef(q)
	}
	return r.column()
}

func (r *randomizer) condition(depth int, operand func() tables.Expr) tables.Expr {
	if depth > 0 {
		switch r.upTo(6) {
		case 0:
			return call(tables.OpAnd, r.condition(depth-1, operand), r.condition(depth-1, operand))
		case 1:
			return call(tables.OpOr, r.condition(depth-1, operand), r.condition(depth-1, operand))
		case 2:
			return call(tables.OpNot, r.condition(depth-1, operand))
		case 3:
			return call(tables.OpIsNull, r.condition(depth-1, operand))
		}
	}
	x := operand()
	switch r.upTo(5) {
	case 0:
		return call(tables.OpIsNull, x)
	case 1:
		in := &tables.In{Left: x}
		for range 1 + r.upTo(3) {
			in.List = append(in.List, r.constant(x.Type()))
		}
		return in
	case 2:
		keys := tables.Arg{}
		for range r.upTo(3) {
			if v := r.value(x.Type()); !v.IsNull() && !slices.Contains(keys.Keys, v) {
				keys.Keys = append(keys.Keys, v)
			}
		}
		r.args = append(r.args, keys)
		return &tables.In{Left: x, Keys: &tables.Param{N: len(r.args) - 1, Typ: x.Type()}}
	case 3:
		if x.Type().Kind == tables.KindText {
			return likes(x, rapid.SampledFrom(somePatterns).Draw(r.rt, "pattern"))
		}
	}
	ops := []tables.Op{tables.OpEq, tables.OpNe, tables.OpLt, tables.OpLe, tables.OpGt, tables.OpGe, tables.OpNullSafeEq}
	return call(ops[r.upTo(len(ops)-1)], x, r.constant(x.Type()))
}

// constant is a literal or a parameter to compare a value of type t with.
func (r *randomizer) constant(t tables.Type) tables.Expr {
	v := r.value(t)
	if r.upTo(3) == 0 {
		r.args = append(r.args, tables.Arg{Value: v})
		return &tables.Param{N: len(r.args) - 1, Typ: t}
	}
	return &tables.Lit{Value: v}
}

func (r *randomizer) value(t tables.Type) tables.Value {
	if r.upTo(9) == 0 {
		return tables.NullOf(t)
	}
	if t.Kind == tables.KindText {
		return tables.TextValue(rapid.SampledFrom(someTexts).Draw(r.rt, "text"))
	}
	return tables.IntValue(int64(r.upTo(30)) - 2)
}
