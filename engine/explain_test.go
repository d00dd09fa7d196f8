package engine_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
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
	for _, wrong := range []string{"EXPLAIN FORMAT=JSON ANALYZE SELECT 1", "EXPLAIN FORMAT=XML SELECT 1"} {
		if rows, err := f.query(wrong); err == nil {
			t.Errorf("%s gives %v", wrong, rows)
		}
	}
}
