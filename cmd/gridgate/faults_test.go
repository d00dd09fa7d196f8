package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine/difftest"
	"gridgate/tables"
	"gridgate/tables/text"
)

// leastFaults is how many faults each store has at least.
const leastFaults = 20

// TestFindsFaults plants faults in each embedded store, one at a time: the
// golden queries and the generated ones must have one that finds it. A fault
// that changes nothing of any statement is a hole in what is generated, and
// fails too.
func TestFindsFaults(t *testing.T) {
	t.Run("text", func(t *testing.T) {
		store, err := text.New(text.Config{Dir: differentialArchive(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		faults := difftest.Translations(difftest.Faults)
		maps.Copy(faults, difftest.FileFaults)
		maps.Copy(faults, difftest.KeyFaults)
		maps.Copy(faults, difftest.ValueFaults)
		for _, name := range notOfText {
			delete(faults, name)
		}
		findFaults(t, store, faults, textTables, "words.test", "text_lines.test")
	})
	g := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	feed(t, g, liveRecords()...)
	for of, names := range map[string][]string{"documents": {"readings"}, "redis": {"latest_readings", "recent_readings"}} {
		at := slices.IndexFunc(g.live.stores, func(s tables.Store) bool { return s.Name() == of })
		faults := map[string]difftest.Fault{}
		for _, name := range []string{
			"dropped conjunct", "< for <=", "> for >=", "<= for <", ">= for >", "lost LIMIT", "lost OFFSET", "LIMIT off by one", "IN without its last value",
		} {
			faults[name] = difftest.Fault{Query: difftest.Faults[name]}
		}
		maps.Copy(faults, difftest.KeyFaults)
		maps.Copy(faults, difftest.ValueFaults)
		if of == "redis" {
			maps.Copy(faults, difftest.CacheFaults)
			// No key is ever NULL there.
			delete(faults, "'' finds NULL")
			delete(faults, "NULL in a list finds NULL")
		}
		t.Run(of, func(t *testing.T) {
			findFaults(t, g.live.stores[at], faults, only(names...), "live.test", "time_zones.test")
		})
	}
}

// notOfText are faults that a store of texts and whole numbers can't have, and of
// counting, which it does itself.
var notOfText = []string{
	"0 as NULL", "NULL as 0", "a DOUBLE with seven digits", "a sign lost", "a document cut",
	"a bound in UTC for the session's zone", "a bound in seconds rounded up", "a bound without its fraction",
	"a range without its begin", "a range without its end",
	"an instant in the session's zone", "an instant without its milliseconds",
	"the table's rows counted for those that match",
}

// only is the live generator over some of its tables.
func only(names ...string) difftest.Generator {
	var out difftest.Generator
	for _, table := range liveTables.Tables {
		if slices.Contains(names, table.Name) {
			out.Tables = append(out.Tables, table)
		}
	}
	return out
}

// faultStatements is by how many generated statements a fault must be found.
const faultStatements = 10_000

func findFaults(t *testing.T, store tables.Store, faults map[string]difftest.Fault, g difftest.Generator, golden ...string) {
	faulty := difftest.WithFault(store, difftest.Fault{})
	run := runner(t, serveStore(t, faulty), "SET time_zone = '+02:00'")
	found := 0
	findings, wrong := difftest.Hunt(difftest.Config{Generator: g, Run: run, Tolerance: 1e-9}, faulty, faults, goldenQueries(t, golden...), faultStatements)
	for _, f := range findings {
		switch {
		case f.By != "":
			found++
			t.Logf("%s: found by statement %d, number %d of those that it changed: %s", f.Fault, f.Statements, f.Planted, f.By)
		case f.Planted == 0:
			t.Errorf("%s: changed nothing of %d statements", f.Fault, f.Statements)
		default:
			t.Errorf("%s: not found by %d statements, although it changed %d of them", f.Fault, f.Statements, f.Planted)
		}
	}
	for _, d := range wrong {
		t.Errorf("a difference without a fault: %s", d)
	}
	t.Logf("%s: %d of %d planted faults were found", store.Name(), found, len(faults))
	if len(faults) < leastFaults {
		t.Errorf("only %d faults are planted, and at least %d must be", len(faults), leastFaults)
	}
}

// goldenQueries are the statements of some files of testdata/queries/gateway.
func goldenQueries(t *testing.T, files ...string) []difftest.Query {
	var out []difftest.Query
	for _, name := range files {
		path := filepath.Join("../../testdata/queries/gateway", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		datadriven.RunTestFromString(t, string(text), func(_ *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "query" {
				out = append(out, difftest.Query{SQL: d.Input})
			}
			return d.Expected
		})
	}
	return out
}
