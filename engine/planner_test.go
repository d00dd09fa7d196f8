package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// TestPlans runs the golden files of testdata/plans: SQL, and the queries that
// reach the store. Directives:
//
//	refuse WORD...   the store refuses these: having, group, distinct, order, limit, offset, output-call, where-like, where,
//	                 join, derived, keys (lists of keys to look up)
//	narrow           the store only narrows LIKE
//	sql [pushdown=on|off|strict] [rows]
func TestPlans(t *testing.T) {
	datadriven.Walk(t, "testdata/plans", func(t *testing.T, path string) {
		m := memory()
		f := newFixture(t, m)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "refuse", "narrow":
				changeStore(m, d)
				return ""
			case "sql":
				mode := "on"
				d.MaybeScanArgs(t, "pushdown", &mode)
				f.must("SET gridgate_pushdown = '" + mode + "'")
				m.Opened()
				rows, err := f.query(d.Input)
				var b strings.Builder
				for _, o := range m.Opened() {
					fmt.Fprintf(&b, "memory: %s\n", o)
				}
				if err != nil {
					fmt.Fprintf(&b, "error: %v\n", err)
					return b.String()
				}
				if d.HasArg("rows") {
					for _, r := range rows {
						fmt.Fprintln(&b, strings.Join(r, " | "))
					}
				} else {
					fmt.Fprintf(&b, "%d rows\n", len(rows))
				}
				return b.String()
			}
			d.Fatalf(t, "unknown directive %q", d.Cmd)
			return ""
		})
	})
}

// changeStore follows a directive that says what a store takes from now on.
func changeStore(m *tablestest.Memory, d *datadriven.TestData) {
	switch d.Cmd {
	case "narrow":
		m.Narrow = narrowLike
	case "refuse":
		words := map[string]bool{}
		for _, a := range d.CmdArgs {
			words[a.Key] = true
		}
		m.Accept = refuser(words)
	}
}

// refuser makes a store's Accept that refuses the named parts.
func refuser(words map[string]bool) func(*tables.Query) *tables.Unsupported {
	return func(q *tables.Query) *tables.Unsupported {
		no := func(p tables.Part, i int) *tables.Unsupported {
			return tables.Refuse(p, i, "test", "the test refuses it")
		}
		calls := func(e tables.Expr) bool {
			found := false
			tables.Walk(e, func(x tables.Expr) bool {
				_, is := x.(*tables.Call)
				found = found || is
				return true
			})
			return found
		}
		switch q.From.(type) {
		case *tables.Join:
			if words["join"] {
				return no(tables.PartFrom, 0)
			}
		case *tables.Derived:
			if words["derived"] {
				return no(tables.PartFrom, 0)
			}
		}
		for i, e := range q.Output {
			if words["output-call"] && calls(e) {
				return no(tables.PartOutput, i)
			}
		}
		for i, e := range q.Where {
			in, _ := e.(*tables.In)
			if words["where"] || words["where-like"] && isLike(e) || words["keys"] && in != nil && in.Keys != nil {
				return no(tables.PartWhere, i)
			}
		}
		switch {
		case words["group"] && q.Grouped:
			return no(tables.PartGroupBy, 0)
		case words["having"] && len(q.Having) > 0:
			return no(tables.PartHaving, 0)
		case words["distinct"] && q.Distinct:
			return no(tables.PartDistinct, 0)
		case words["order"] && len(q.OrderBy) > 0:
			return no(tables.PartOrderBy, 0)
		case words["limit"] && q.Limit != nil:
			return no(tables.PartLimit, 0)
		case words["offset"] && q.Offset > 0:
			return no(tables.PartOffset, 0)
		}
		return nil
	}
}

func isLike(e tables.Expr) bool {
	c, ok := e.(*tables.Call)
	return ok && c.Op == tables.OpLike
}

func narrowLike(q *tables.Query) []int {
	var out []int
	for i, e := range q.Where {
		if isLike(e) {
			out = append(out, i)
		}
	}
	return out
}
