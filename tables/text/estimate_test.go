package text

import (
	"strings"
	"testing"

	"gridgate/tables"
)

// TestEstimate: only the files count that the conditions on path and partitions
// leave, with their sizes on the disk.
func TestEstimate(t *testing.T) {
	line := strings.Repeat("x", usualLine-1) + "\n"
	s := open(t, Config{Dir: archive(t, map[string]string{
		"dt=2026-01-01/a.txt": strings.Repeat(line, 10),
		"dt=2026-01-02/b.txt": strings.Repeat(line, 20),
		"c.txt":               strings.Repeat(line, 30),
	})})
	n := shape{t, snapshotOf(t, s, "text_lines")}
	const hint, narrower = "a condition on dt would leave files out", "a narrower condition on dt would leave more files out"
	param := &tables.Param{N: 0, Typ: tables.Text}
	for name, c := range map[string]struct {
		where []tables.Expr
		limit int64
		args  tables.Args
		rows  int64
		hint  string
	}{
		"all":              {rows: 60, hint: hint},
		"a partition":      {where: []tables.Expr{call(tables.OpEq, n.col("dt"), str("2026-01-02"))}, rows: 20},
		"two partitions":   {where: []tables.Expr{call(tables.OpGe, n.col("dt"), str("2026-01-01"))}, rows: 30, hint: narrower},
		"a path":           {where: []tables.Expr{likes(n.col("path"), "dt=2026-01-01/%")}, rows: 10},
		"a line":           {where: []tables.Expr{likes(n.col("line"), "y%")}, rows: 60, hint: hint},
		"no file":          {where: []tables.Expr{call(tables.OpEq, n.col("path"), str("d.txt"))}, rows: 0},
		"argument missing": {where: []tables.Expr{call(tables.OpEq, n.col("dt"), param)}, rows: 60, hint: narrower},
		"argument there":   {where: []tables.Expr{call(tables.OpEq, n.col("dt"), param)}, args: tables.Args{{Value: tables.TextValue("2026-01-01")}}, rows: 10},
		"first rows":       {limit: 7, rows: 7, hint: hint},
		"first of some":    {where: []tables.Expr{likes(n.col("line"), "y%")}, limit: 7, rows: 60, hint: hint},
	} {
		q := n.scan("line")
		q.Where = c.where
		if c.limit > 0 {
			q.Limit = limit(c.limit)
		}
		p, refused := n.n.Compile(q)
		if refused != nil {
			t.Fatalf("%s: %v", name, refused)
		}
		got := tables.EstimateOf(p, c.args)
		if got.Rows != c.rows || got.Hint != c.hint || c.limit == 0 && got.Bytes != c.rows*usualLine {
			t.Errorf("%s: %+v, want %d rows and %q", name, got, c.rows, c.hint)
		}
	}
}
