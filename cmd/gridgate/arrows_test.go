package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "gridgate/"
	gms    = "github.com/dolthub/go-mysql-server/..."
)

// An arrowRule says what packages may import, directly or through others.
// Patterns are as go list's: "a/..." is a and everything below it. Test files
// are not looked at.
type arrowRule struct {
	of     string   // the packages it is about
	except []string // packages it is not about
	within string   // of the packages matched by within ...
	may    []string // ... only these, and itself, may be imported
	why    string
}

// Dependencies point one way. Packages of other modules that no rule names may
// be imported by all.
var arrowRules = []arrowRule{
	{of: "engine/...", within: module + "...", may: []string{"engine/...", "tables", "tables/jsontext"},
		why: "the engine knows stores only through the contract"},
	{of: "engine", within: module + "engine/...", may: []string{"engine/planner/...", "engine/semantics/...", "engine/eval/...", "engine/dialect/...", "engine/memory"},
		why: "the wire carries the engine, not the other way round"},
	{of: "engine/eval/...", within: module + "engine/...", may: []string{"engine/eval/...", "engine/semantics/...", "engine/memory"},
		why: "the evaluator is used by the planner and by the contract's tests"},
	{of: "engine/semantics/...", within: module + "engine/...", may: []string{"engine/semantics/...", "engine/memory"},
		why: "what MySQL means depends on nothing of ours but what counts its memory"},
	{of: "engine/memory", within: module + "...", may: nil,
		why: "counting memory depends on nothing of ours"},
	{of: "tables", within: module + "...", may: nil,
		why: "the contract stands alone"},
	{of: "tables", within: gms, may: nil,
		why: "the contract is not go-mysql-server's"},
	{of: "tables/tablestest", within: module + "...", may: []string{"tables"},
		why: "the contract's suite gets its evaluator as an argument"},
	{of: "tables/tablestest", within: gms, may: nil,
		why: "the contract's suite is not go-mysql-server's"},
	{of: "tables/wordrule/...", within: module + "...", may: []string{"tables/wordrule/..."},
		why: "what a word is depends on nothing of ours"},
	{of: "tables/jsontext", within: module + "...", may: []string{"tables"},
		why: "what JSON is depends on the contract only"},
	{of: "tables/scan", within: module + "...", may: []string{"tables"},
		why: "what scans share knows no store"},
	{of: "tables/...", except: []string{"tables", "tables/tablestest", "tables/wordrule/...", "tables/jsontext", "tables/scan"},
		within: module + "...", may: []string{"tables", "tables/wordrule", "tables/jsontext", "tables/scan"},
		why: "a store knows the contract, and no other store and no engine"},
	{of: "tables/...", within: gms, may: nil,
		why: "a store knows no go-mysql-server"},
	{of: "ingest", within: module + "ingest/...", may: []string{"ingest/kafkaclient"},
		why: "the ingest knows no sink and no decoder"},
	{of: "ingest/kafkaclient", within: module + "...", may: nil,
		why: "what talks to Kafka depends on nothing of ours"},
	{of: "ingest/...", within: module + "...", may: []string{"ingest/...", "tables/..."},
		why: "the ingest knows stores for their layout only"},
	{of: "...", except: []string{"cmd/..."}, within: module + "cmd/...", may: nil,
		why: "cmd wires the others and is used by none"},
}

// matches reports whether path is what pattern says.
func matches(path, pattern string) bool {
	below, ok := strings.CutSuffix(pattern, "...")
	if !ok {
		return path == pattern
	}
	return below == "" || path == strings.TrimSuffix(below, "/") || strings.HasPrefix(path, below)
}

// ours is a pattern of a rule as an import path's.
func ours(patterns []string) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = module + p
	}
	return out
}

// allows reports whether the rule lets a package import another.
func (r *arrowRule) allows(from, to string) bool {
	matchesAny := func(path string, patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return matches(path, p) })
	}
	switch {
	case !matches(from, module+r.of), matchesAny(from, ours(r.except)): // the rule is not about from
		return true
	case !matches(to, r.within), from == to: // or not about to
		return true
	}
	if r.of == "tables/..." && r.within != gms && sameStore(from, to) {
		return true
	}
	return matchesAny(to, ours(r.may))
}

// sameStore reports whether two packages are parts of one store.
func sameStore(a, b string) bool {
	store := func(path string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(path, module+"tables/"), "/")
		return name
	}
	return strings.HasPrefix(b, module+"tables/") && store(a) == store(b)
}

// imports lists our packages with all that they depend on.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Deps", "-tags", "gms_pure_go", module+"...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	found := map[string][]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Deps       []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			found[p.ImportPath] = p.Deps
		}
	}
}

func TestDependenciesPointOneWay(t *testing.T) {
	packages := imports(t)
	for _, must := range []string{"cmd/gridgate", "engine", "engine/wire", "tables", "tables/text", "tables/redis", "ingest", "ingest/sink/redis"} {
		if _, ok := packages[module+must]; !ok {
			t.Errorf("there is no package %s: is the module still called %s?", must, module)
		}
	}
	for from, deps := range packages {
		for _, to := range deps {
			for i := range arrowRules {
				if r := &arrowRules[i]; !r.allows(from, to) {
					t.Errorf("%s depends on %s: %s", from, to, r.why)
				}
			}
		}
	}
}

func TestArrowRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/gridgate", "engine/wire", true},
		{"cmd/gridgate", "tables/text", true},
		{"engine", "tables", true},
		{"engine", "tables/text", false},
		{"engine", "engine/planner", true},
		{"engine", "engine/wire", false},
		{"engine/wire", "engine", true},
		{"engine/wire", "tables/text", false},
		{"engine/planner", "engine/eval", true},
		{"engine/eval", "engine/planner", false},
		{"engine/eval", "engine", false},
		{"engine/eval", "tables", true},
		{"tables", "engine/eval", false},
		{"tables", "tables/text", false},
		{"tables/tablestest", "tables", true},
		{"tables/tablestest", "engine/eval", false},
		{"tables/text", "tables", true},
		{"tables/text", "tables/wordrule", true},
		{"tables/text", "tables/text/internal/codec", true},
		{"tables/text/internal/codec", "tables/text", true},
		{"tables/text", "tables/hive", false},
		{"tables/text", "engine", false},
		{"tables/text", "cmd/gridgate/internal/config", false},
		{"ingest/sink/redis", "tables/redis", true},
		{"ingest", "engine", false},
		{"ingest", "ingest/decode", false},
		{"ingest/decode", "ingest", true},
		{"tables/documents", "tables/scan", true},
		{"tables/scan", "tables/documents", false},
	} {
		allowed := true
		for i := range arrowRules {
			allowed = allowed && arrowRules[i].allows(module+c.from, module+c.to)
		}
		if allowed != c.allowed {
			t.Errorf("%s -> %s: allowed is %t", c.from, c.to, allowed)
		}
	}
	for from, want := range map[string]bool{"tables": false, "tables/text": false, "tables/tablestest": false, "engine": true} {
		allowed := true
		for i := range arrowRules {
			allowed = allowed && arrowRules[i].allows(module+from, "github.com/dolthub/go-mysql-server/sql")
		}
		if allowed != want {
			t.Errorf("%s -> go-mysql-server: allowed is %t", from, allowed)
		}
	}
}
