package difftest

import (
	"testing"

	"pgregory.net/rapid"
)

// Config is one run of the differential test.
type Config struct {
	Generator Generator
	// Run runs a statement with pushdown "on" or "off".
	Run func(sql, pushdown string) Rows
	// Tolerance is how far floats may differ.
	Tolerance float64
}

// Check runs generated statements until the number given by rapid's -checks
// flag is reached, and fails with the smallest counterexample.
func Check(t *testing.T, c Config) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) { CheckOne(rt, c) })
}

// CheckOne draws one statement and fails where it makes a difference.
func CheckOne(rt *rapid.T, c Config) {
	q := c.Generator.Query(rt)
	if d := c.difference(q); d != "" {
		rt.Fatalf("%s\n%s", q.SQL, d)
	}
}

// CheckSeed checks the statement of a seed: the same one each time, as long as
// the generator stays the same.
func CheckSeed(t *testing.T, c Config, seed int) {
	t.Helper()
	q := c.Generator.Example(seed)
	if d := c.difference(q); d != "" {
		t.Errorf("seed %d: %s\n%s", seed, q.SQL, d)
	}
}

// Finds reports whether the test finds a difference within n statements drawn
// from one seed on: with a fault planted it must.
func Finds(c Config, n int) (sql string, found bool) {
	for seed := range n {
		q := c.Generator.Example(seed)
		if c.difference(q) != "" {
			return q.SQL, true
		}
	}
	return "", false
}

func (c Config) difference(q Query) string {
	want := c.Run(q.SQL, "off")
	got := c.Run(q.SQL, "on")
	var unlimited Rows
	if q.Unlimited != "" {
		unlimited = c.Run(q.Unlimited, "off")
	}
	return Compare(q, want, unlimited, got, c.Tolerance)
}
