package semantics

import (
	"path/filepath"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestCases asks the questions in testdata/*.txt. Each file reads as a
// specification: SQL, then the types and the rows that MySQL 8 gives.
//
//	mended  go-mysql-server without this package gives another answer
//	query   it gives the same
//	ours    it is not asked, because its answer would change the whole process
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
