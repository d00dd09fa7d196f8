package semantics

import (
	"context"
	"strings"
	"testing"
)

// TestKnownDifferencesAreTrue runs each known difference.
func TestKnownDifferencesAreTrue(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Known {
		t.Run(d.ID, func(t *testing.T) {
			if seen[d.ID] {
				t.Errorf("the id is not unique")
			}
			seen[d.ID] = true
			e := newEngine(t, true, caseTables...)
			var got string
			for _, q := range strings.Split(d.SQL, "; ") {
				lines, err := e.run(context.Background(), q)
				if err != nil {
					first, _, _ := strings.Cut(err.Error(), "\n") // go-mysql-server's own go on
					got = "error: " + strings.TrimSpace(first)
				} else {
					got = strings.Join(lines[1:], " ; ")
				}
			}
			if got != d.Gridgate {
				t.Errorf("%s\ngives %s\nnot   %s", d.SQL, got, d.Gridgate)
			}
			if got == d.MySQL {
				t.Errorf("%s: this is no difference any more", d.SQL)
			}
			if d.Why == "" {
				t.Error("no reason is given")
			}
		})
	}
}

func TestKnownTable(t *testing.T) {
	table := KnownTable()
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != len(Known)+2 {
		t.Fatalf("%d lines for %d differences", len(lines), len(Known))
	}
	for _, l := range lines {
		if n := strings.Count(l, "|") - strings.Count(l, `\|`); n != 5 {
			t.Errorf("%d bars: %s", n, l)
		}
	}
}
