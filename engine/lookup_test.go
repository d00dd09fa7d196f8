package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// The tables of the look-up tests: ids.id is 0 to 2499, with a NULL; facts has
// three rows for each second id, some of type BIGINT and some of other types.
const idRows = 2500

func idsAndFacts(factsEstimate uint64) *tablestest.Memory {
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}, Accept: refuser(map[string]bool{"join": true})}
	m.Estimate = func(table string) (uint64, bool) {
		if table == "facts" {
			return factsEstimate, true
		}
		return idRows, true
	}
	var ids, facts [][]tables.Value
	for i := range int64(idRows) {
		ids = append(ids, []tables.Value{tables.IntValue(i), tables.TextValue(fmt.Sprint(i))})
		if i%2 == 0 {
			for k := range int64(3) {
				facts = append(facts, []tables.Value{
					tables.IntValue(i), {Type: tables.Type{Kind: tables.KindInt16}, I: i}, tables.UintValue(uint64(i)),
					tables.TextValue(fmt.Sprint(i)), tables.IntValue(k),
				})
			}
		}
	}
	ids = append(ids, []tables.Value{tables.NullOf(tables.Int64), tables.TextValue("")})
	m.Add("ids", []tables.Column{{Name: "id", Type: tables.Int64, Nullable: true}, {Name: "name", Type: tables.Text}}, ids)
	m.Add("facts", []tables.Column{
		{Name: "id", Type: tables.Int64, Nullable: true}, {Name: "small", Type: tables.Type{Kind: tables.KindInt16}},
		{Name: "big", Type: tables.Uint64}, {Name: "name", Type: tables.Text}, {Name: "k", Type: tables.Int64},
	}, facts)
	return m
}

// lookups runs a statement and counts the queries that the facts got: looking
// up, and reading all.
func (f *fixture) lookups(m *tablestest.Memory, statement string) (rows [][]string, lookups, scans int) {
	f.Helper()
	m.Opened()
	rows = f.must(statement)
	for _, o := range m.Opened() {
		switch {
		case !strings.Contains(o, "FROM facts"):
		case strings.Contains(o, " IN ("):
			lookups++
		default:
			scans++
		}
	}
	return rows, lookups, scans
}

// TestLookUpsAreBatched: a thousand keys are one query, and a table is read as a
// whole only where the keys are too many for it.
func TestLookUpsAreBatched(t *testing.T) {
	const large, small = 1_000_000, 15_000
	for _, c := range []struct {
		name, statement string
		facts           uint64
		want            string
		lookups, scans  int
	}{
		{"inner", "SELECT COUNT(*), SUM(f.k) FROM ids i JOIN facts f ON f.id = i.id", large, "3750 | 3750", 3, 0},
		{"of few rows", "SELECT COUNT(*), SUM(f.k) FROM ids i JOIN facts f ON f.id = i.id", small, "3750 | 3750", 1, 1},
		{"left", "SELECT COUNT(*), COUNT(f.id) FROM ids i LEFT JOIN facts f ON f.id = i.id", large, "5001 | 3750", 3, 0},
		{"left, of few rows", "SELECT COUNT(*), COUNT(f.id) FROM ids i LEFT JOIN facts f ON f.id = i.id", small, "5001 | 3750", 1, 1},
		{"residual", "SELECT COUNT(*), COUNT(f.id) FROM ids i LEFT JOIN facts f ON f.id = i.id AND f.k + i.id > 2", large, "4998 | 3746", 3, 0},
		{"semi", "SELECT COUNT(*) FROM ids i WHERE EXISTS (SELECT 1 FROM facts f WHERE f.id = i.id AND f.k <> i.id)", large, "1250", 3, 0},
		{"anti", "SELECT COUNT(*) FROM ids i WHERE NOT EXISTS (SELECT 1 FROM facts f WHERE f.id = i.id)", large, "1251", 3, 0},
		{"anti, of few rows", "SELECT COUNT(*) FROM ids i WHERE NOT EXISTS (SELECT 1 FROM facts f WHERE f.id = i.id)", small, "1251", 1, 1},
		// Two questions before: has facts a row without an id, and any row.
		{"not in", "SELECT COUNT(*) FROM ids WHERE id NOT IN (SELECT id FROM facts)", large, "1250", 3, 2},
		{"a narrower type", "SELECT COUNT(*) FROM ids i JOIN facts f ON f.small = i.id * 100", large, "75", 1, 0},
		{"an unsigned type", "SELECT COUNT(*) FROM ids i JOIN facts f ON f.big = i.id - 1000", large, "2250", 2, 0},
		{"text", "SELECT COUNT(*) FROM ids i JOIN facts f ON f.name = i.name", large, "3750", 3, 0},
		{"two keys", "SELECT COUNT(*) FROM ids i JOIN facts f ON f.name = i.name AND f.id = i.id", large, "3750", 3, 0},
		{"under a limit", "SELECT i.id FROM ids i JOIN facts f ON f.id = i.id WHERE i.id < 10 LIMIT 1", large, "0", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := idsAndFacts(c.facts)
			f := newFixture(t, m)
			rows, lookups, scans := f.lookups(m, c.statement)
			if len(rows) != 1 || strings.Join(rows[0], " | ") != c.want {
				t.Errorf("%v, want %s", rows, c.want)
			}
			if lookups != c.lookups || scans != c.scans {
				t.Errorf("%d look-ups and %d scans, want %d and %d", lookups, scans, c.lookups, c.scans)
			}
			if c.name == "residual" || c.name == "semi" {
				return // go-mysql-server's loops take a quarter of a minute
			}
			f.must("SET gridgate_pushdown = 'off'")
			if off := f.must(c.statement); fmt.Sprint(off) != fmt.Sprint(rows) {
				t.Errorf("without pushdown %v, with it %v", off, rows)
			}
		})
	}
}

// TestTheSmallSideDrives, on whichever side of a join it stands, and also when
// it is a query of its own.
func TestTheSmallSideDrives(t *testing.T) {
	for _, statement := range []string{
		"SELECT COUNT(*) FROM facts f JOIN ids i ON f.id = i.id WHERE i.id < 7",
		"SELECT COUNT(*) FROM ids i JOIN facts f ON f.id = i.id WHERE i.id < 7",
		"SELECT COUNT(*) FROM facts WHERE id IN (SELECT id FROM ids WHERE id < 7)",
		"SELECT COUNT(*) FROM facts f WHERE EXISTS (SELECT 1 FROM ids i WHERE i.id = f.id AND i.id < 7)",
		"SELECT COUNT(*) FROM (SELECT id, k FROM facts) f JOIN (SELECT DISTINCT id FROM ids WHERE id < 7) i ON f.id = i.id",
	} {
		m := idsAndFacts(1_000_000)
		f := newFixture(t, m)
		rows, lookups, scans := f.lookups(m, statement)
		if fmt.Sprint(rows) != "[[12]]" || lookups != 1 || scans != 0 {
			t.Errorf("%s: %v with %d look-ups and %d scans, want 12 with 1 and 0", statement, rows, lookups, scans)
		}
	}
}
