package engine_test

import (
	"regexp"
	"strings"
	"testing"
)

var elapsed = regexp.MustCompile(`in [0-9.]+(ns|µs|ms|s)`)

// TestExplainAnalyze runs the statement and shows what each leaf gave.
func TestExplainAnalyze(t *testing.T) {
	f := newFixture(t, memory())
	rows := f.must("EXPLAIN ANALYZE SELECT n.word, (SELECT COUNT(*) FROM words w WHERE w.word = n.word) FROM nouns n WHERE REVERSE(n.word) <> 'x'")
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1: %v", len(rows), rows)
	}
	got := elapsed.ReplaceAllString(rows[0][0], "in TIME")
	for _, want := range []string{"ran once: 3 rows in TIME", "ran 3 times: 3 rows in TIME", "In all: 3 rows in TIME"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
