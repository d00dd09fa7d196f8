package eval_test

import (
	"fmt"
	"testing"

	"gridgate/engine/difftest"
	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// memory is a table of every kind that the suite's generator makes constants
// of, with NULLs and with values that tie.
func memory() (*tablestest.Memory, [][]tables.Value) {
	columns := []tables.Column{
		{Name: "name", Type: tables.Varchar(20)},
		{Name: "note", Type: tables.Text, Nullable: true},
		{Name: "n", Type: tables.Int64, Nullable: true},
		{Name: "small", Type: tables.Type{Kind: tables.KindInt16}},
		{Name: "big", Type: tables.Uint64},
		{Name: "x", Type: tables.Float64, Nullable: true},
		{Name: "price", Type: tables.Decimal(10, 2)},
		{Name: "day", Type: tables.Date},
		{Name: "ts", Type: tables.Timestamp(3)},
		{Name: "at", Type: tables.Datetime(6)},
		{Name: "doc", Type: tables.JSON, Nullable: true},
	}
	var rows [][]tables.Value
	for i := range 60 {
		k := int64(i)
		row := []tables.Value{
			{Type: columns[0].Type, S: fmt.Sprintf("name%d", i%7)},
			tables.TextValue([]string{"a", "A", "á", "a ", ""}[i%5]),
			tables.IntValue(k%9 - 4),
			{Type: columns[3].Type, I: k % 4},
			tables.UintValue(1<<63 + uint64(i%3)),
			tables.FloatValue(float64(i%6) / 4),
			{Type: columns[6].Type, S: fmt.Sprintf("%d.%02d", i%5, i%100)},
			{Type: columns[7].Type, I: 20000 + k%3},
			{Type: columns[8].Type, I: 1700000000000000 + k%4*1000},
			{Type: columns[9].Type, I: 1711846800000000 + k%5*1800_000_000 + k%2}, // the night of a change of clocks
			{Type: columns[10].Type, S: []string{`{"value": 1, "station": "DK1"}`, `{"a": {"b": "x"}}`, `{"list": [1.5, null]}`, `"a"`}[i%4]},
		}
		for j, c := range columns {
			if c.Nullable && (i+j)%8 == 0 {
				row[j] = tables.NullOf(c.Type)
			}
		}
		rows = append(rows, row)
	}
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}}
	m.Add("things", columns, rows)
	return m, rows
}

// TestSuite runs the contract's suite over the store in memory: what the suite
// asks for can be met.
func TestSuite(t *testing.T) {
	m, rows := memory()
	tablestest.Run(t, tablestest.Suite{Store: m, Table: "things", Rows: rows, Evaluator: eval.Evaluator{}})
}

// TestSuiteFindsFaults plants faults in the store: the suite must find each,
// and nothing where there is none.
func TestSuiteFindsFaults(t *testing.T) {
	m, rows := memory()
	if d, found := tablestest.Finds(tablestest.Suite{Store: m, Table: "things", Rows: rows, Evaluator: eval.Evaluator{}}, 3000); found {
		t.Fatalf("found without a fault: %s", d)
	}
	for name, fault := range difftest.Faults {
		t.Run(name, func(t *testing.T) {
			m, rows := memory()
			s := tablestest.Suite{Store: difftest.WithFault(m, difftest.Fault{Query: fault}), Table: "things", Rows: rows, Evaluator: eval.Evaluator{}}
			if d, found := tablestest.Finds(s, 3000); found {
				t.Log(d)
			} else {
				t.Error("not found by 3000 queries")
			}
		})
	}
}
