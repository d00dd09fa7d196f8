package text

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"gridgate/tables"
)

// TestPushes compiles the shapes below. testdata/pushes.golden says which are
// pushed and why the others aren't; -rewrite writes it anew. A new shape is
// added to both, in the file with nothing below its ----.
func TestPushes(t *testing.T) {
	dir := archive(t, map[string]string{"dt=1/h=2/a.txt": "x"})
	store := open(t, Config{Dir: dir, Workers: 2})
	snapshots := map[bool]tables.Snapshot{false: snapshotOf(t, store, "text_lines"), true: snapshotOf(t, store, "words")}
	seen := map[string]bool{}
	datadriven.RunTest(t, "testdata/pushes.golden", func(t *testing.T, d *datadriven.TestData) string {
		build, ok := shapes[d.Cmd]
		if !ok {
			return "there is no such shape in pushes_test.go\n"
		}
		seen[d.Cmd] = true
		q, args := build(shape{t, snapshots[!strings.HasPrefix(d.Cmd, "lines-")]})
		plan, refused := q.Scans()[0].Snapshot.Compile(q)
		if refused != nil {
			return fmt.Sprintf("%s\nrefused at %s %d (%s): %s\n", tables.FormatQuery(&q, args), refused.Part, refused.Index, refused.Code, refused.Text)
		}
		command, err := plan.Command(args)
		if err != nil || len(plan.Recheck()) > 0 {
			t.Errorf("%s: %v, to be checked again %v", d.Cmd, err, plan.Recheck())
		}
		pushed := "pushed"
		if !plan.Deterministic() {
			pushed = "pushed, not deterministic"
		}
		return strings.ReplaceAll(command, dir, "DIR") + "\n" + pushed + "\n"
	})
	for name := range shapes {
		if !seen[name] {
			t.Errorf("testdata/pushes.golden lacks the shape %s", name)
		}
	}
}

// where makes a shape of one condition.
func where(f func(s shape) tables.Expr, args ...tables.Arg) func(shape) (tables.Query, tables.Args) {
	return func(s shape) (tables.Query, tables.Args) {
		q := s.scan("path")
		q.Where = []tables.Expr{f(s)}
		return q, args
	}
}

func made(f func(s shape) tables.Query) func(shape) (tables.Query, tables.Args) {
	return func(s shape) (tables.Query, tables.Args) { return f(s), nil }
}

func param(n int, t tables.Type) *tables.Param { return &tables.Param{N: n, Typ: t} }

// change returns q after f has changed it.
func change(q tables.Query, f func(q *tables.Query)) tables.Query {
	f(&q)
	return q
}

func orderBy(q *tables.Query, es ...tables.Expr) {
	for _, e := range es {
		q.OrderBy = append(q.OrderBy, tables.Order{Expr: e})
	}
}

// The shapes, by name. Those of text_lines begin with "lines-".
var shapes = map[string]func(s shape) (tables.Query, tables.Args){
	"scan":         made(func(s shape) tables.Query { return s.scan("path byte_offset pos word dt h") }),
	"scan-nothing": made(func(s shape) tables.Query { return s.scan("") }),
	"scan-literal": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { q.Output = append(q.Output, num(1)) })
	}),
	"scan-lower": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) {
			q.Output = append(q.Output, &tables.Call{Op: tables.OpLower, Args: s.cols("path"), Typ: tables.Text})
		})
	}),
	"scan-limit": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { q.Limit, q.Offset = limit(10), 5 })
	}),
	"scan-order": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { orderBy(q, s.col("word")) })
	}),
	"scan-order-limit": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { orderBy(q, s.col("dt"), s.col("word")); q.Limit = limit(10) })
	}),
	"scan-order-total": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { orderBy(q, s.cols("path byte_offset pos")...); q.Limit = limit(10) })
	}),
	"scan-order-large-limit": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) {
			orderBy(q, s.col("word"))
			q.Limit, q.Offset = limit(math.MaxInt64), 7
		})
	}),
	"lines-scan": made(func(s shape) tables.Query { return s.scan("path byte_offset line dt h") }),
	"lines-order-total": made(func(s shape) tables.Query {
		return change(s.scan("line"), func(q *tables.Query) { orderBy(q, s.cols("path byte_offset")...); q.Limit = limit(1) })
	}),

	"where-word":         where(func(s shape) tables.Expr { return call(tables.OpEq, s.col("word"), str("it's")) }),
	"where-path-like":    where(func(s shape) tables.Expr { return likes(s.col("path"), "logs/%") }),
	"where-dt-null":      where(func(s shape) tables.Expr { return call(tables.OpIsNull, s.col("dt")) }),
	"where-dt-null-safe": where(func(s shape) tables.Expr { return call(tables.OpNullSafeEq, s.col("dt"), null()) }),
	"where-columns":      where(func(s shape) tables.Expr { return call(tables.OpGt, s.col("dt"), s.col("h")) }),
	"where-offset":       where(func(s shape) tables.Expr { return call(tables.OpGe, s.col("byte_offset"), num(100)) }),
	"where-logic": where(func(s shape) tables.Expr {
		return call(tables.OpNot, call(tables.OpOr, call(tables.OpEq, s.col("pos"), num(0)), call(tables.OpLt, s.col("dt"), str("2"))))
	}),
	"where-in": where(func(s shape) tables.Expr {
		return &tables.In{Left: s.col("word"), List: []tables.Expr{str("a"), null()}}
	}),
	"where-in-column": where(func(s shape) tables.Expr {
		return &tables.In{Left: s.col("word"), List: []tables.Expr{s.col("dt")}}
	}),
	"where-in-keys": where(func(s shape) tables.Expr {
		return &tables.In{Left: s.col("word"), Keys: param(0, tables.Text)}
	}, tables.Arg{Keys: []tables.Value{tables.TextValue("x"), tables.TextValue("y")}}),
	"where-param":         where(func(s shape) tables.Expr { return call(tables.OpEq, s.col("dt"), param(0, tables.Text)) }, tables.Arg{Value: tables.TextValue("2024")}),
	"where-param-unknown": where(func(s shape) tables.Expr { return call(tables.OpEq, s.col("dt"), param(0, tables.Text)) }),
	"where-text-number":   where(func(s shape) tables.Expr { return call(tables.OpEq, s.col("dt"), num(2024)) }),
	"where-number-text":   where(func(s shape) tables.Expr { return call(tables.OpEq, s.col("pos"), str("1")) }),
	"where-number-double": where(func(s shape) tables.Expr {
		return call(tables.OpEq, s.col("pos"), &tables.Lit{Value: tables.FloatValue(1)})
	}),
	"where-in-mixed": where(func(s shape) tables.Expr {
		return &tables.In{Left: s.col("word"), List: []tables.Expr{str("a"), num(1)}}
	}),
	"where-like-number":     where(func(s shape) tables.Expr { return likes(s.col("pos"), "1%") }),
	"where-like-column":     where(func(s shape) tables.Expr { return call(tables.OpLike, s.col("word"), s.col("dt"), str(`\`)) }),
	"where-like-no-escape":  where(func(s shape) tables.Expr { return call(tables.OpLike, s.col("word"), str(`a\%`), str("")) }),
	"where-like-odd-escape": where(func(s shape) tables.Expr { return call(tables.OpLike, s.col("word"), str("a%%"), str("%")) }),
	"where-function": where(func(s shape) tables.Expr {
		return call(tables.OpEq, &tables.Call{Op: tables.OpLower, Args: s.cols("path"), Typ: tables.Text}, str("a"))
	}),
	"where-case":      where(func(s shape) tables.Expr { return call(tables.OpCase, num(1), num(1)) }),
	"where-true":      where(func(s shape) tables.Expr { return num(1) }),
	"lines-line-like": where(func(s shape) tables.Expr { return likes(s.col("line"), "%ERROR%") }),

	"group-word": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) {
			q.OrderBy = order(q.Output[1], true, q.Output[0], false)
			q.Limit = limit(20)
		})
	}),
	"group-word-ties": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) { orderBy(q, q.Output[1]); q.Limit = limit(20) })
	}),
	"group-nothing":  made(func(s shape) tables.Query { return s.group("", countAll) }),
	"group-all-keys": made(func(s shape) tables.Query { return s.group("word path dt h", countAll, countOf(s.col("dt"))) }),
	"group-files":    made(func(s shape) tables.Query { return s.group("word", countAll, countDistinct(s.col("path"))) }),
	"group-distinct": made(func(s shape) tables.Query { return s.group("dt", countDistinct(s.col("word")), countOf(s.col("dt"))) }),
	"group-nullable": made(func(s shape) tables.Query { return s.group("word", countOf(s.col("dt")), countOf(s.col("h"))) }),
	"group-distinct2": made(func(s shape) tables.Query {
		return s.group("", countDistinct(s.col("word")), countDistinct(s.col("path")))
	}),
	"group-distinct-nullable": made(func(s shape) tables.Query {
		return s.group("", countDistinct(s.col("word")), countOf(s.col("dt")))
	}),
	"group-distinct-number": made(func(s shape) tables.Query { return s.group("", countDistinct(s.col("pos"))) }),
	"group-pos":             made(func(s shape) tables.Query { return s.group("pos", countAll) }),
	"group-max": made(func(s shape) tables.Query {
		return s.group("path", tables.Agg{Func: tables.AggMax, Arg: s.col("word"), Typ: tables.Text, Null: true})
	}),
	"group-expression": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) {
			q.GroupBy = []tables.Expr{&tables.Call{Op: tables.OpLength, Args: s.cols("word"), Typ: tables.Int64}}
		})
	}),
	"group-output-expression": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) {
			q.Output[1] = &tables.Call{Op: tables.OpAdd, Args: []tables.Expr{q.Output[1], num(1)}, Typ: tables.Int64}
		})
	}),
	"group-having": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) {
			q.Having = []tables.Expr{call(tables.OpGt, q.Output[1], num(5)), likes(q.Output[0], "a%")}
		})
	}),
	"group-having-arithmetic": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) {
			twice := &tables.Call{Op: tables.OpMul, Args: []tables.Expr{q.Output[1], num(2)}, Typ: tables.Int64}
			q.Having = []tables.Expr{call(tables.OpGt, twice, num(5))}
		})
	}),
	"lines-group-line": made(func(s shape) tables.Query { return s.group("line", countAll) }),
	"lines-group-path": made(func(s shape) tables.Query { return s.group("path dt", countAll) }),

	"distinct": made(func(s shape) tables.Query {
		return change(s.scan("word dt"), func(q *tables.Query) { q.Distinct = true; orderBy(q, s.col("dt")) })
	}),
	"distinct-pos": made(func(s shape) tables.Query {
		return change(s.scan("word pos"), func(q *tables.Query) { q.Distinct = true })
	}),
	"distinct-order": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) { q.Distinct = true; orderBy(q, s.col("dt")) })
	}),
	"distinct-groups": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) { q.Distinct = true })
	}),
	"distinct-counts": made(func(s shape) tables.Query {
		return change(s.group("word", countAll), func(q *tables.Query) { q.Distinct = true; q.Output = slices.Clone(q.Output[1:]) })
	}),
	"join": made(func(s shape) tables.Query {
		return change(s.scan("word"), func(q *tables.Query) {
			q.From = &tables.Join{Left: q.From, Right: q.From, On: []tables.Expr{call(tables.OpEq, s.col("word"), s.col("word"))}}
		})
	}),
}
