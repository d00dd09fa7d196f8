package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// volatile is what differs in plans from run to run: times, the archive's
// folder, files and most frequent words, how many cores there are, and
// estimates of how much there is to read.
var volatile = []struct {
	is  *regexp.Regexp
	was string
}{
	{regexp.MustCompile(`with \d+ workers?`), "with all workers"},
	{regexp.MustCompile(`path IN \('[^()]*'\)`), "path IN (PATHS)"},
	{regexp.MustCompile(`word IN \('[^()]*'\)`), "word IN (WORDS)"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?(?: \+0000 UTC)?)?`), "TIME"},
	{regexp.MustCompile(`\b\d{16}\b`), "MICROSECONDS"},
	{regexp.MustCompile(`\n[^\n]*─ estimated: [^\n]*`), ""},
}

// TestGrafanaPlans holds testdata/grafana.plans: where each statement of
// deploy/grafana runs, what stays in the gateway and why. Directives:
//
//	plans FILE    those of a dashboard
//	plans alerts  those of the alert rules
//
// Every statement has one leaf: a store is asked once.
func TestGrafanaPlans(t *testing.T) {
	d := startGrafanaDemo(t)
	db := d.client(t, "+00:00", nil)
	var seen []string
	datadriven.RunTest(t, "testdata/grafana.plans", func(t *testing.T, data *datadriven.TestData) string {
		if data.Cmd != "plans" || len(data.CmdArgs) != 1 {
			t.Fatalf("unknown directive %s", data.Cmd)
		}
		of := data.CmdArgs[0].Key
		seen = append(seen, of)
		statements := d.alerts
		if of != "alerts" {
			statements = func(t *testing.T) []sentStatement { return d.sent(t, db, of) }
		}
		var b strings.Builder
		last := ""
		for _, s := range statements(t) {
			if s.Repeat != "" && s.Title == last {
				continue // as the first of its panels
			}
			last = s.Title
			plan := strings.Join(rowsOf(t, db, "EXPLAIN FORMAT=TREE "+s.sql), "\n")
			if n := strings.Count(plan, "Remote("); n != 1 {
				t.Errorf("%s: %d leaves\n%s", s.name, n, plan)
			}
			plan = strings.ReplaceAll(plan, d.archive, "ARCHIVE")
			for _, v := range volatile {
				plan = v.is.ReplaceAllString(plan, v.was)
			}
			_, name, _ := strings.Cut(s.name, ": ")
			if of == "alerts" {
				name = s.name
			}
			fmt.Fprintf(&b, "%s\n%s\n", name, plan)
		}
		return b.String()
	})
	want := append(d.files(), "alerts")
	slices.Sort(want)
	slices.Sort(seen)
	if !slices.Equal(seen, want) {
		t.Errorf("plans of %q, but there are %q", seen, want)
	}
}
