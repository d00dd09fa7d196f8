package engine_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// TestGolden runs the files of testdata/queries over a store in memory. They are
// the specification of what is pushed and what is not. Directives:
//
//	query [VARIABLE=VALUE ...]
//	                  the statement's plan (what the store gets, and what stays in
//	                  the gateway and why) and its rows; the variables are set before
//	refuse [WORD...]  the store refuses these from now on: see TestPlans
//	dialect mongo     the store takes what mongoDialect takes
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("../testdata/queries/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".test"), func(t *testing.T) {
			m := samples()
			f := newFixture(t, m)
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				switch d.Cmd {
				case "refuse":
					changeStore(m, d)
					return ""
				case "dialect":
					m.Accept = mongoDialect
					return ""
				case "query":
					for _, a := range d.CmdArgs {
						f.must(fmt.Sprintf("SET %s = '%s'", a.Key, a.Vals[0]))
					}
					return f.planAndRows(d.Input)
				}
				d.Fatalf(t, "unknown directive %q", d.Cmd)
				return ""
			})
		})
	}
}

func (f *fixture) planAndRows(query string) string {
	var b strings.Builder
	plan, err := f.query("EXPLAIN FORMAT=TREE " + query)
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	for _, row := range plan {
		fmt.Fprintln(&b, strings.Join(row, "|"))
	}
	b.WriteString("--\n")
	rows, err := f.query(query)
	for _, row := range rows {
		fmt.Fprintln(&b, strings.Join(row, "|"))
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return b.String()
}

// samples is a store with a table of values of every type, at their extremes and
// around a change of clocks in Copenhagen (2024-03-31 01:00 UTC), one of nouns and
// an empty one.
func samples() *tablestest.Memory {
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}}
	price, at, ts := tables.Decimal(10, 2), tables.Datetime(6), tables.Timestamp(3)
	columns := []tables.Column{
		{Name: "id", Type: tables.Int64, PrimaryKey: true},
		{Name: "n", Type: tables.Int64, Nullable: true},
		{Name: "u", Type: tables.Uint64},
		{Name: "d", Type: tables.Float64, Nullable: true},
		{Name: "p", Type: price, Nullable: true},
		{Name: "t", Type: tables.Varchar(40), Nullable: true},
		{Name: "day", Type: tables.Date, Nullable: true},
		{Name: "at", Type: at},
		{Name: "ts", Type: ts},
		{Name: "j", Type: tables.JSON, Nullable: true},
	}
	const change = 1_711_846_800_000_000 // microseconds
	texts := []string{"naive", "Naive", "naïve", "", "a_b", " x ", "naive", "line", "grid"}
	prices := []string{"2.50", "0.01", "-3.00", "99999999.99"}
	docs := []string{`{"kind": "wind", "value": 1.5}`, `{"kind": "sun", "at": {"x": [1, 2]}}`, `{"value": null}`, `[]`}
	var rows [][]tables.Value
	for i := range 9 {
		k := int64(i)
		row := []tables.Value{
			tables.IntValue(k + 1),
			tables.IntValue([]int64{2, 1, 2, -3, 0, 1, 3, 2, 1}[i]),
			tables.UintValue([]uint64{0, 1 << 63, 18446744073709551615}[i%3]),
			tables.FloatValue([]float64{0.5, -1.25, 0, 2, 1e300, 0.5, 3.75}[i%7]),
			{Type: price, S: prices[i%4]},
			{Type: tables.Varchar(40), S: texts[i]},
			{Type: tables.Date, I: 19781 + (k%4)*2}, // 2024-02-28, 03-01, 03-03, 03-05
			{Type: at, I: change + (k-4)*1_800_000_000 + k},
			{Type: ts, I: change + (k-4)*900_000_000 + (k%2)*1000},
			{Type: tables.JSON, S: docs[i%4]},
		}
		for j, c := range columns {
			if c.Nullable && (i*3+j)%8 == 7 {
				row[j] = tables.NullOf(c.Type)
			}
		}
		rows = append(rows, row)
	}
	rows[4][6].I = 19782 // 2024-02-29
	m.Add("samples", columns, rows)
	m.Add("nothing", columns, nil)
	text := tables.TextValue
	m.Add("nouns", []tables.Column{{Name: "word", Type: tables.Text}, {Name: "rank_no", Type: tables.Int64}},
		[][]tables.Value{{text("grid"), tables.IntValue(1)}, {text("line"), tables.IntValue(2)}, {text("zebra"), tables.IntValue(7)}})
	return m
}
