package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"gridgate/engine/semantics"
)

var writeReadme = flag.Bool("write-readme", false, "write the README's table of limits anew")

// TestReadmeLimits compares the README's table of limits with the list that it
// is made from.
func TestReadmeLimits(t *testing.T) {
	const name, begin, end = "../../README.md", "<!-- known -->\n", "<!-- /known -->"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no %q and %q", begin, end)
	}
	want := "\n" + strings.TrimSpace(semantics.KnownTable()) + "\n\n"
	if old == want {
		return
	}
	if !*writeReadme {
		t.Fatal("the README's table of limits is not that of known.go: go test ./cmd/gridgate -run TestReadmeLimits -write-readme")
	}
	if err := os.WriteFile(name, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
