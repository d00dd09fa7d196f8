package difftest

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gridgate/tables"
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

// Finding is what the test has made of a fault.
type Finding struct {
	Fault string
	// By is the statement that found it; "" where none did.
	By string
	// Planted is in how many statements it has changed something, the last of
	// which found it.
	Planted int
	// Statements is how many were run.
	Statements int
}

// Hunt plants each fault in turn and looks for a statement that finds it: among
// the given ones first, and then among n generated ones, which are the same each
// time. The statements are run over a server that has store; c.Run with pushdown
// "off" is the reference, taken without a fault. What the store changes nothing
// in is not compared, since what is found there is no finding of the fault.
// Without a fault there must be no difference, and none either where the results
// are computed for the store but are right: wrong lists the statements that have
// one, at most ten. They find nothing.
func Hunt(c Config, store *FaultyStore, faults map[string]Fault, given []Query, n int) (findings []Finding, wrong []string) {
	var left []*Finding
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		left = append(left, &Finding{Fault: name})
	}
	all := slices.Clone(left)
	for i := 0; i < len(given)+n && len(left) > 0; i++ {
		var q Query
		if i < len(given) {
			q = given[i]
		} else {
			q = c.Generator.Example(i - len(given))
		}
		var want, unlimited *Rows
		usable := true
		reference := func() {
			store.Plant(nil)
			off := c.Run(q.SQL, "off")
			want, unlimited = &off, &Rows{}
			if q.Unlimited != "" {
				*unlimited = c.Run(q.Unlimited, "off")
			}
			for _, none := range []*Fault{nil, {Give: asItIs}} {
				store.Plant(none)
				d := Compare(q, *want, *unlimited, c.Run(q.SQL, "on"), c.Tolerance)
				if usable = usable && d == ""; d != "" && len(wrong) < 10 {
					wrong = append(wrong, q.SQL+"\n"+d)
				}
			}
		}
		// Where the store does nothing but scan, only what it claims can be wrong.
		store.Plant(&Fault{})
		c.Run(q.SQL, "on")
		scans := store.opened.Load() == 0
		left = slices.DeleteFunc(left, func(f *Finding) bool {
			f.Statements++
			fault := faults[f.Fault]
			if scans && fault.Claims == nil {
				return false
			}
			store.Plant(&fault)
			got := c.Run(q.SQL, "on")
			if store.Planted() == 0 {
				return false
			}
			f.Planted++
			if want == nil {
				reference()
			}
			if !usable || Compare(q, *want, *unlimited, got, c.Tolerance) == "" {
				return false
			}
			f.By = q.SQL
			return true
		})
	}
	store.Plant(nil)
	for _, f := range all {
		findings = append(findings, *f)
	}
	return findings, wrong
}

// asItIs is a fault that is none.
func asItIs(_ *tables.Query, rows [][]tables.Value) [][]tables.Value { return rows }

func (c Config) difference(q Query) string {
	want := c.Run(q.SQL, "off")
	got := c.Run(q.SQL, "on")
	var unlimited Rows
	if q.Unlimited != "" {
		unlimited = c.Run(q.Unlimited, "off")
	}
	return Compare(q, want, unlimited, got, c.Tolerance)
}
