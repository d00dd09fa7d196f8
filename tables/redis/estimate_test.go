package redis

import (
	"testing"

	"gridgate/tables"
)

// TestEstimate: named stations count, and unknown ones are guessed.
func TestEstimate(t *testing.T) {
	s := eachMillisecond(t, 3)
	text := func(of table, column int, v string) tables.Expr {
		c := of.columns()[column]
		return &tables.Call{Op: tables.OpEq, Args: []tables.Expr{
			&tables.Col{Index: column, Name: c.Name, Typ: c.Type, Null: c.Nullable}, &tables.Lit{Value: tables.TextValue(v)},
		}, Typ: tables.Bool}
	}
	for name, c := range map[string]struct {
		of    table
		where []tables.Expr
		rows  int64
		hint  string
	}{
		"all latest":  {of: latest, rows: assumedStations * assumedKinds, hint: "a condition on station would make it read less"},
		"all recent":  {of: recent, rows: assumedStations * assumedRecent, hint: "a condition on station would make it read less"},
		"one station": {of: recent, where: []tables.Expr{text(recent, colStation, "A")}, rows: assumedRecent},
		"one reading": {of: latest, where: []tables.Expr{text(latest, colStation, "A"), text(latest, colKind, "wind")}, rows: 1},
	} {
		n := &snapshot{store: s, table: c.of}
		p, refused := n.Compile(tables.Query{From: &tables.Scan{Snapshot: n}, Where: c.where})
		if refused != nil {
			t.Fatalf("%s: %v", name, refused)
		}
		if got := tables.EstimateOf(p, nil); got.Rows != c.rows || got.Hint != c.hint {
			t.Errorf("%s: %+v, want %d rows and %q", name, got, c.rows, c.hint)
		}
	}
}
