package documents

import (
	"fmt"
	"testing"

	"github.com/rs/zerolog"

	"gridgate/tables"
)

// TestEstimate compares the estimate with how many documents the walk looks at.
func TestEstimate(t *testing.T) {
	s := New(Config{Log: zerolog.Nop()})
	for i := range 3000 {
		s.Insert([]Document{{ID: fmt.Sprint(i), Station: fmt.Sprintf("S%d", i%3), TS: begin + int64(i/3)*1000, Doc: "{}"}})
	}
	at := func(op tables.Op, i int64) tables.Expr { return call(op, col(colTS), instant(begin+i*1000)) }
	station := func(name string) tables.Expr { return call(tables.OpEq, col(colStation), lit(name)) }
	both := &tables.In{Left: col(colStation), List: []tables.Expr{lit("S0"), lit("S2"), lit("nobody")}}
	const hint = "a condition on station, and a range of ts, would make it read less"
	for name, c := range map[string]struct {
		where []tables.Expr
		rows  int64
		hint  string
	}{
		"all":          {rows: 3000, hint: hint},
		"times only":   {where: []tables.Expr{at(tables.OpGe, 10), at(tables.OpLt, 20)}, rows: 3000, hint: hint},
		"station":      {where: []tables.Expr{station("S1")}, rows: 1000, hint: "a range of ts would make it read less"},
		"range":        {where: []tables.Expr{station("S1"), at(tables.OpGe, 10), at(tables.OpLt, 20)}, rows: 10},
		"two stations": {where: []tables.Expr{both, at(tables.OpGt, 10), at(tables.OpLe, 20)}, rows: 20},
		"empty range":  {where: []tables.Expr{station("S1"), at(tables.OpGt, 20), at(tables.OpLt, 10)}, rows: 0},
		"identity":     {where: []tables.Expr{call(tables.OpEq, col(colID), lit("7"))}, rows: 1},
		"argument":     {where: []tables.Expr{call(tables.OpEq, col(colStation), &tables.Param{Typ: tables.Text})}, rows: -1, hint: "a range of ts would make it read less"},
	} {
		q := query(t, s, c.where...)
		snapshot := q.From.(*tables.Scan).Snapshot
		p, refused := snapshot.Compile(q)
		if refused != nil {
			t.Fatalf("%s: %v", name, refused)
		}
		got := tables.EstimateOf(p, nil)
		if got.Rows != c.rows || got.Hint != c.hint || got.Bytes >= 0 {
			t.Errorf("%s: %+v, want %d rows and %q", name, got, c.rows, c.hint)
		}
		if c.rows < 0 {
			continue
		}
		if w, ok := open(t, q).source.(*walk); ok {
			for w.next() != nil {
			}
			// The walk also looks at the neighbour behind each range.
			if extra := int64(w.visited) - got.Rows; extra < 0 || extra > 3 {
				t.Errorf("%s: the walk looks at %d documents, the estimate is %d", name, w.visited, got.Rows)
			}
		}
	}
}
