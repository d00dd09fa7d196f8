package text

import (
	"fmt"
	"strings"
	"testing"

	"gridgate/engine/eval"
	"gridgate/tables/tablestest"
)

// TestContract runs the suite of every store over a small archive: partitions
// (one file has none), codecs, line ends of every kind, and words that differ
// in case and marks only.
func TestContract(t *testing.T) {
	lines := func(n int, words ...string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s %s, %d\n", words[i%len(words)], words[(i*7+3)%len(words)], i%4)
		}
		return b.String()
	}
	dir := archive(t, map[string]string{
		"dt=2026-01-01/a.log":                 lines(40, "The", "grid", "isn't", "stable"),
		"dt=2026-01-02/b.log.gz":              gzipped(lines(30, "Naïve", "naïve", "NAIVE", "grid")),
		"dt=2026-01-02/c.log":                 "one\r\ntwo\rthree\n\n'quoted' don’t\nlast without an end",
		"plain.txt":                           lines(10, "grid", "Σίσυφος", "ΣΊΣΥΦΟΣ"),
		"dt=__HIVE_DEFAULT_PARTITION__/d.log": "nobody knows when\n",
	})
	for _, table := range []string{"words", "text_lines"} {
		t.Run(table, func(t *testing.T) {
			s := open(t, Config{Dir: dir, blockBytes: 64, rangeBytes: 200, batchRows: 5})
			tablestest.Run(t, tablestest.Suite{
				Store: s, Table: table, Rows: naiveRows(t, dir, snapshotOf(t, s, table)), Evaluator: eval.Evaluator{},
			})
		})
	}
}
