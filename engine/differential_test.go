package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine"
	"gridgate/engine/difftest"
)

var memoryTables = difftest.Generator{Tables: []difftest.Table{
	{Name: "words", Columns: []difftest.Column{
		{Name: "path", Type: difftest.Text, Literals: []string{"'f0.txt'", "'f1.txt'", "'F0.TXT'"}},
		{Name: "pos", Literals: []string{"0", "3", "7", "16"}},
		{Name: "word", Type: difftest.Text, Literals: []string{"'the'", "'grid'", "'is'", "'night'", "'cold '"}},
		{Name: "dt", Type: difftest.Text, Literals: []string{"'2026-01-01'", "'2026-01-02'", "'2026-01-03'"}},
	}},
	{Name: "nouns", Columns: []difftest.Column{
		{Name: "word", Type: difftest.Text, Literals: []string{"'grid'", "'line'", "'zebra'"}},
		{Name: "rank_no", Literals: []string{"1", "2", "3"}},
	}},
	{Name: "readings", Columns: []difftest.Column{
		{Name: "station", Type: difftest.Text, Literals: []string{"'DK1'", "'dk1'", "'Ø'", "'DK1 '"}},
		{Name: "ts", Type: difftest.Time, Literals: []string{
			"'2026-01-01 10:00:01.25'", "'2026-01-01 10:00:02'", "'2026-01-01'", "TIMESTAMP '2026-01-01 10:00:05.000'",
			"FROM_UNIXTIME(1767261602)", "'2026-01-01T10:00:03.750000'", "'2026-01-01 10:00:01.2504'",
		}},
		{Name: "value", Type: difftest.Double, Literals: []string{"0.25", "-0.5", "1", "0", "1e0"}},
		{Name: "_id", Type: difftest.Text, Literals: []string{"'t:0:1'", "'t:0:10'", "'t:0'"}},
		{Name: "_doc", Type: difftest.JSON, Literals: []string{"'DK1'", "'Ø'"}},
	}},
}}

// run runs a statement for difftest.
func (f *fixture) run(query, pushdown string) difftest.Rows {
	f.must("SET gridgate_pushdown = '" + pushdown + "'")
	schema, rows, err := f.querySchema(query)
	if err != nil {
		e := engine.MySQLError(err)
		return difftest.Rows{Code: uint16(e.Num), Error: e.Message}
	}
	var out difftest.Rows
	for _, c := range schema {
		out.Columns = append(out.Columns, c.Name+" "+c.Type.String())
		out.Inexact = append(out.Inexact, types.IsFloat(c.Type))
	}
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
		"join", "join derived", "join output-call", "join keys", "join narrow", "join group distinct",
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
			difftest.Check(t, difftest.Config{Generator: memoryTables, Run: f.run, Tolerance: 1e-9})
		})
	}
}

// TestDifferentialFindsFaults plants faults in what reaches the store: the
// differential test must find each.
func TestDifferentialFindsFaults(t *testing.T) {
	for name, fault := range difftest.Faults {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, difftest.WithFault(memory(), fault))
			if sql, found := difftest.Finds(difftest.Config{Generator: memoryTables, Run: f.run, Tolerance: 1e-9}, 3000); found {
				t.Logf("found by %s", sql)
			} else {
				t.Error("not found by 3000 statements")
			}
		})
	}
}
