package engine_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"gridgate/engine"
)

var elapsed = regexp.MustCompile(`in [0-9.]+(ns|µs|ms|s)`)

// TestExplainAnalyze runs the statement and shows what each part did.
func TestExplainAnalyze(t *testing.T) {
	f := newFixture(t, memory())
	rows := f.must("EXPLAIN ANALYZE SELECT n.word, (SELECT COUNT(*) FROM words w WHERE w.word = n.word) FROM nouns n WHERE REVERSE(n.word) <> 'enil'")
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1: %v", len(rows), rows)
	}
	got := elapsed.ReplaceAllString(rows[0][0], "in TIME")
	want := `Project n.word, Subquery ...
 ├─ stays here: its rows are made in the gateway, by WHERE
 ├─ ran once: 2 rows, 189 bytes in TIME
 ├─ Filter NOT (reverse(n.word) = 'enil')
 │    ├─ stays here: NOT (reverse(n.word) = 'enil'): the function reverse is not translated for stores
 │    ├─ ran once: 2 rows, 153 bytes in TIME
 │    └─ Remote(memory)
 │         ├─ command: SELECT word FROM nouns AS n
 │         ├─ columns: word
 │         └─ ran once: 3 rows, 13 bytes in TIME
 └─ Subquery, run for each row
      └─ Remote(memory)
           ├─ command: SELECT COUNT(*) FROM words AS w WHERE word = ?
           ├─ arguments: n.word
           ├─ columns: COUNT(*)
           └─ ran 2 times: 2 rows, 16 bytes in TIME
In all: 2 rows in TIME`
	// What a row takes in memory is an estimate; whether it is counted is not.
	operators := regexp.MustCompile(`(\d+ rows), \d{3} bytes`)
	got, want = operators.ReplaceAllString(got, "$1, N bytes"), operators.ReplaceAllString(want, "$1, N bytes")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestExplainAnalyzeLookups says how a join looked up, and that it read the other
// side whole when that became cheaper.
func TestExplainAnalyzeLookups(t *testing.T) {
	m := memory()
	m.Accept = refuser(map[string]bool{"join": true})
	f := newFixture(t, m)
	const join = "SELECT a.word, b.rank_no FROM words a JOIN nouns b ON a.word = b.word"
	got := f.must("EXPLAIN ANALYZE " + join)[0][0]
	if !strings.Contains(got, "1 look-ups of 3 keys in all") {
		t.Errorf("no look-up is counted in\n%s", got)
	}
}

// TestExplainJSON: the document is valid, says what TREE says, and has its keys in
// one order.
func TestExplainJSON(t *testing.T) {
	f := newFixture(t, memory())
	const query = "SELECT word, COUNT(*) FROM words WHERE REVERSE(word) = 'eht' AND pos IN (SELECT rank_no FROM nouns WHERE word < @x OR word > 'a') GROUP BY word"
	f.must("SET @x = 'b'")
	for _, explain := range []string{"EXPLAIN FORMAT=JSON ", "explain  format = json\n", "/* x */ DESC FORMAT=Json "} {
		got := f.must(explain + query)[0][0]
		var doc struct {
			Plan struct {
				Operation, Store string
				RunsIn           string   `json:"runs_in"`
				StaysHere        []string `json:"stays_here"`
				Children         []json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(got), &doc); err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
		if doc.Plan.RunsIn != "gateway" || doc.Plan.Store != "" || len(doc.Plan.StaysHere) != 1 || len(doc.Plan.Children) == 0 {
			t.Errorf("%s gives\n%s", explain, got)
		}
		if a, b := strings.Index(got, `"operation"`), strings.Index(got, `"runs_in"`); a < 0 || b < a {
			t.Errorf("the keys are out of order in\n%s", got)
		}
		for _, line := range strings.Split(f.must("EXPLAIN FORMAT=TREE " + query)[0][0], "\n") {
			_, line, _ = strings.Cut(line, "─ ")
			for _, label := range []string{"stays here: ", "command: "} {
				if said, ok := strings.CutPrefix(line, label); ok && !strings.Contains(got, said) {
					t.Errorf("%q of TREE is missing in\n%s", said, got)
				}
			}
		}
	}
	got := f.must("EXPLAIN ANALYZE FORMAT=JSON " + query)[0][0]
	if !json.Valid([]byte(got)) || !strings.Contains(got, `"milliseconds"`) || !strings.Contains(got, `"ran": 1`) {
		t.Errorf("ANALYZE gives\n%s", got)
	}
	if got := f.must("EXPLAIN ANALYZE FORMAT=TREE SELECT 1")[0][0]; !strings.Contains(got, "In all: 1 rows") {
		t.Errorf("ANALYZE FORMAT=TREE gives\n%s", got)
	}
	f.must("PREPARE s FROM 'EXPLAIN FORMAT=JSON SELECT word FROM words WHERE word = ? AND pos > ?'")
	f.must("SET @w = 'grid', @p = 7")
	if got := f.must("EXECUTE s USING @w, @p")[0][0]; !json.Valid([]byte(got)) || !strings.Contains(got, "WHERE word = 'grid' AND pos > 7") {
		t.Errorf("EXECUTE gives\n%s", got)
	}
	for wrong, code := range map[string]int{"EXPLAIN FORMAT=JSON ANALYZE SELECT 1": 1064, "EXPLAIN FORMAT=XML SELECT 1": 1791} {
		if rows, err := f.query(wrong); err == nil || engine.MySQLError(err).Num != code {
			t.Errorf("%s gives %v, %v; want error %d", wrong, rows, err, code)
		}
	}
}

// TestExplainAnalyzeRunsEverything runs every SELECT of testdata/plans under EXPLAIN
// ANALYZE, with pushdown and without: it gives as many rows as the statement, TREE
// and JSON have a plan of the same parts, and nothing is held afterwards.
func TestExplainAnalyzeRunsEverything(t *testing.T) {
	ran := 0
	datadriven.Walk(t, "testdata/plans", func(t *testing.T, path string) {
		m := memory()
		f := newFixture(t, m)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "refuse", "narrow":
				changeStore(m, d)
			case "sql":
				if first, _, _ := strings.Cut(d.Input, " "); first != "SELECT" && first != "WITH" || strings.Contains(d.Input, "SQL_CALC_FOUND_ROWS") {
					return d.Expected
				}
				for _, mode := range []string{"on", "off"} {
					f.must("SET gridgate_pushdown = '" + mode + "'")
					rows, err := f.query(d.Input)
					if err != nil {
						continue
					}
					got, err := f.query("EXPLAIN ANALYZE " + d.Input)
					if want := fmt.Sprintf("In all: %d rows in ", len(rows)); err != nil || !strings.Contains(got[0][0], want) {
						t.Errorf("%s: %s\n%v, error %v, want %q", mode, d.Input, got, err, want)
					}
					ran++
					tree := f.must("EXPLAIN FORMAT=TREE " + d.Input)[0][0]
					doc := f.must("EXPLAIN FORMAT=JSON " + d.Input)[0][0]
					table := f.must("EXPLAIN " + d.Input)
					if parts := strings.Count(doc, `"operation": `); parts != len(table) {
						t.Errorf("%s: JSON has %d parts, the table %d:\n%s\n%s\n%v", mode, parts, len(table), tree, doc, table)
					}
					if held := f.engine.HeldMemory(); held != 0 {
						t.Errorf("%s: %s: %d bytes are still held", mode, d.Input, held)
					}
				}
			}
			return d.Expected
		})
	})
	if ran < 200 {
		t.Errorf("only %d statements ran", ran)
	}
}

// TestManyConditions: planning thousands of conditions does not take the square of
// their number, which for these would be half a minute.
func TestManyConditions(t *testing.T) {
	f := newFixture(t, memory())
	var and []string
	for i := range 6000 {
		and = append(and, fmt.Sprintf("pos <> %d", i+100))
	}
	begin := time.Now()
	if rows := f.must("SELECT word FROM words WHERE " + strings.Join(and, " AND ")); len(rows) != 17 {
		t.Errorf("%d rows", len(rows))
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
