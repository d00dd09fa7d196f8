package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"gridgate/engine"
	"gridgate/engine/difftest"
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
	for name, fault := range difftest.Faults {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, difftest.WithFault(memory(), fault))
			if sql, found := difftest.Finds(difftest.Config{Generator: memoryTables, Run: f.run}, 3000); found {
				t.Logf("found by %s", sql)
			} else {
				t.Error("not found by 3000 statements")
			}
		})
	}
}
