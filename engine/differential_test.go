package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"gridgate/engine"
	"gridgate/engine/difftest"
	"gridgate/tables"
)

var memoryTables = difftest.Generator{Tables: []difftest.Table{
	{Name: "words", Columns: []difftest.Column{
		{Name: "path", Text: true, Literals: []string{"'f0.txt'", "'f1.txt'", "'F0.TXT'"}},
		{Name: "pos", Literals: []string{"0", "3", "7", "16"}},
		{Name: "word", Text: true, Literals: []string{"'the'", "'grid'", "'is'", "'night'", "'cold '"}},
		{Name: "dt", Text: true, Literals: []string{"'2026-01-01'", "'2026-01-02'", "'2026-01-03'"}},
	}},
	{Name: "nouns", Columns: []difftest.Column{
		{Name: "word", Text: true, Literals: []string{"'grid'", "'line'", "'zebra'"}},
		{Name: "rank_no", Literals: []string{"1", "2", "3"}},
	}},
}}

// run runs a statement for difftest.
func (f *fixture) run(query, pushdown string) difftest.Rows {
	f.must("SET gridgate_pushdown = '" + pushdown + "'")
	rows, err := f.query(query)
	if err != nil {
		e := engine.MySQLError(err)
		return difftest.Rows{Code: uint16(e.Num), Error: e.Message}
	}
	var out difftest.Rows
	for _, r := range rows {
		cells := make([]*string, len(r))
		for i := range r {
			if r[i] != "NULL" {
				cells[i] = &r[i]
			}
		}
		out.Values = append(out.Values, cells)
	}
	return out
}

// TestDifferential runs generated statements over a store that takes
// everything and over ones that refuse or only narrow parts, with pushdown on
// and off.
func TestDifferential(t *testing.T) {
	for _, refuse := range []string{
		"", "group", "having", "distinct", "order", "limit", "offset", "output-call", "where", "where-like",
		"order limit", "group where-like", "output-call offset", "narrow", "narrow output-call",
	} {
		t.Run(fmt.Sprintf("refuse %q", refuse), func(t *testing.T) {
			m := memory()
			words := map[string]bool{}
			for _, w := range strings.Fields(refuse) {
				words[w] = true
			}
			m.Accept = refuser(words)
			if words["narrow"] {
				m.Narrow = narrowLike
			}
			f := newFixture(t, m)
			difftest.Check(t, difftest.Config{Generator: memoryTables, Run: f.run})
		})
	}
}

// TestDifferentialFindsFaults plants faults in what reaches the store: the
// differential test must find each.
func TestDifferentialFindsFaults(t *testing.T) {
	for name, fault := range queryFaults {
		t.Run(name, func(t *testing.T) {
			m := memory()
			f := newFixture(t, m)
			m.Fault = func(q tables.Query) tables.Query {
				// The reference runs plain scans only; a fault there would be
				// in both answers.
				if len(q.Where) == 0 && !q.Grouped && !q.Distinct && len(q.OrderBy) == 0 && q.Limit == nil && q.Offset == 0 {
					return q
				}
				return fault(q)
			}
			if sql, found := difftest.Finds(difftest.Config{Generator: memoryTables, Run: f.run}, 3000); found {
				t.Logf("found by %s", sql)
			} else {
				t.Error("not found by 3000 statements")
			}
		})
	}
}

// queryFaults are wrong translations, as a store might make them.
var queryFaults = map[string]func(tables.Query) tables.Query{
	"dropped conjunct": func(q tables.Query) tables.Query {
		if len(q.Where) > 0 {
			q.Where = q.Where[1:]
		}
		return q
	},
	"< for <=":           swapOp(tables.OpLe, tables.OpLt),
	"> for >=":           swapOp(tables.OpGe, tables.OpGt),
	"= for <=>":          swapOp(tables.OpNullSafeEq, tables.OpEq),
	"AND for OR":         swapOp(tables.OpOr, tables.OpAnd),
	"<= for <":           swapOp(tables.OpLt, tables.OpLe),
	"= for <>":           swapOp(tables.OpNe, tables.OpEq),
	"lost OFFSET":        func(q tables.Query) tables.Query { q.Offset = 0; return q },
	"lost LIMIT":         func(q tables.Query) tables.Query { q.Limit = nil; return q },
	"lost DISTINCT":      func(q tables.Query) tables.Query { q.Distinct = false; return q },
	"lost ORDER BY":      func(q tables.Query) tables.Query { q.OrderBy = nil; return q },
	"lost HAVING":        func(q tables.Query) tables.Query { q.Having = nil; return q },
	"LIMIT off by one":   func(q tables.Query) tables.Query { return limitPlus(q, 1) },
	"ascending for DESC": flipOrder,
	"lost second key": func(q tables.Query) tables.Query {
		if len(q.GroupBy) > 1 {
			keys := append([]tables.Expr{}, q.GroupBy...)
			keys[1] = keys[0]
			q.GroupBy = keys
		}
		return q
	},
	"COUNT(*) for COUNT(x)": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Func == tables.AggCount && !a.Distinct {
				a.Func, a.Arg = tables.AggCountStar, nil
			}
			return a
		})
	},
	"COUNT(x) for COUNT(DISTINCT x)": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg { a.Distinct = false; return a })
	},
	"IN without its last value": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if in, ok := e.(*tables.In); ok && len(in.List) > 1 {
				return &tables.In{Left: in.Left, List: in.List[:len(in.List)-1]}
			}
			return e
		})
	},
	"lost NOT": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == tables.OpNot {
				return c.Args[0]
			}
			return e
		})
	},
	"IS NULL always false": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == tables.OpIsNull {
				return &tables.Lit{Value: tables.Value{Type: tables.Bool}}
			}
			return e
		})
	},
	"LIKE without its first character": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if !isLike(e) {
				return e
			}
			c := *e.(*tables.Call)
			p, ok := c.Args[1].(*tables.Lit)
			if !ok || p.Value.S == "" {
				return e
			}
			c.Args = []tables.Expr{c.Args[0], &tables.Lit{Value: tables.TextValue(p.Value.S[1:])}, c.Args[2]}
			return &c
		})
	},
}

func mapWhere(q tables.Query, f func(tables.Expr) tables.Expr) tables.Query {
	where := make([]tables.Expr, len(q.Where))
	for i, e := range q.Where {
		where[i] = tables.Rewrite(e, f)
	}
	q.Where = where
	return q
}

func swapOp(from, to tables.Op) func(tables.Query) tables.Query {
	return func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == from {
				d := *c
				d.Op = to
				return &d
			}
			return e
		})
	}
}

func mapAggs(q tables.Query, f func(tables.Agg) tables.Agg) tables.Query {
	aggs := make([]tables.Agg, len(q.Aggs))
	for i, a := range q.Aggs {
		aggs[i] = f(a)
	}
	q.Aggs = aggs
	return q
}

func limitPlus(q tables.Query, n int64) tables.Query {
	if q.Limit != nil {
		more := *q.Limit + n
		q.Limit = &more
	}
	return q
}

func flipOrder(q tables.Query) tables.Query {
	order := append([]tables.Order{}, q.OrderBy...)
	for i := range order {
		order[i].Desc = false
	}
	q.OrderBy = order
	return q
}
