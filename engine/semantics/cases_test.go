package semantics

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestCases asks the questions in testdata/*.txt. Each file reads as a
// specification: SQL, then the types and the rows that MySQL 8 gives.
//
//	mended  go-mysql-server without this package gives another answer
//	query   it gives the same
//	ours    it is not asked, because its answer would change the whole process
//	zones   it is not asked; the answers are those of sessions in three time zones
func TestCases(t *testing.T) {
	runCases(t, "testdata/*.txt", true)
}

func runCases(t *testing.T, glob string, comparePlain bool) {
	files, err := filepath.Glob(glob)
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			ours, plain := newEngine(t, true, caseTables...), newEngine(t, false, caseTables...)
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				if d.Cmd == "zones" {
					return inZones(t, d.Input)
				}
				got := ours.answer(d.Input)
				if d.Cmd == "ours" || !comparePlain {
					return got
				}
				same := plain.answer(d.Input) == got
				switch {
				case d.Cmd == "mended" && same:
					d.Fatalf(t, "go-mysql-server alone gives this answer too: write query")
				case d.Cmd == "query" && !same:
					d.Fatalf(t, "go-mysql-server alone gives another answer: write mended")
				case d.Cmd != "mended" && d.Cmd != "query":
					d.Fatalf(t, "unknown command %s", d.Cmd)
				}
				return got
			})
		})
	}
}

// inZones are the answers to the last of some statements in sessions with different
// zones, each in an engine of its own; one answer stands for zones that agree.
func inZones(t *testing.T, query string) string {
	var answers, zones []string
	for _, zone := range []string{"UTC", "+02:00", "Europe/Copenhagen"} {
		e := newEngine(t, true, caseTables...)
		if _, err := e.run(t.Context(), "SET time_zone = '"+zone+"'"); err != nil {
			t.Fatal(err)
		}
		statements := strings.Split(query, ";\n")
		for _, q := range statements[:len(statements)-1] {
			if _, err := e.run(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		answer := e.answer(statements[len(statements)-1])
		if i := slices.Index(answers, answer); i >= 0 {
			zones[i] += ", " + zone
			continue
		}
		answers, zones = append(answers, answer), append(zones, zone)
	}
	var b strings.Builder
	for i, answer := range answers {
		b.WriteString("-- " + zones[i] + "\n" + answer)
	}
	return b.String()
}
