package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine"
)

// TestPreparedStatementsPushAlike: what reaches the store is the same whether the
// values stand in the statement, are bound by a client, or come with EXECUTE.
func TestPreparedStatementsPushAlike(t *testing.T) {
	for _, c := range []struct {
		text, prepared string
		values         []string // as SQL
	}{
		{"SELECT word FROM words WHERE pos = 3", "SELECT word FROM words WHERE pos = ?", []string{"3"}},
		{"SELECT word, COUNT(*) FROM words WHERE path LIKE 'f0%' AND pos BETWEEN 1 AND 9 GROUP BY word ORDER BY 2 DESC, word LIMIT 2",
			"SELECT word, COUNT(*) FROM words WHERE path LIKE ? AND pos BETWEEN ? AND ? GROUP BY word ORDER BY 2 DESC, word LIMIT ?", []string{"'f0%'", "1", "9", "2"}},
		{"SELECT station FROM readings WHERE ts >= '2026-01-01 10:00:01' AND value > 0.5", "SELECT station FROM readings WHERE ts >= ? AND value > ?",
			[]string{"'2026-01-01 10:00:01'", "0.5"}},
		{"SELECT n.word FROM nouns n JOIN words w ON w.word = n.word WHERE w.pos < 6", "SELECT n.word FROM nouns n JOIN words w ON w.word = n.word WHERE w.pos < ?", []string{"6"}},
		{"SELECT word FROM words WHERE pos IN (1, 2, 3)", "SELECT word FROM words WHERE pos IN (?, ?, ?)", []string{"1", "2", "3"}},
	} {
		m := memory()
		f := newFixture(t, m)
		rows := f.must(c.text)
		pushed := m.Opened()
		bound, err := f.bound(c.prepared, c.values)
		if err != nil {
			t.Fatalf("%s: %v", c.prepared, err)
		}
		if got := m.Opened(); !slices.Equal(got, pushed) || fmt.Sprint(bound) != fmt.Sprint(rows) {
			t.Errorf("%s: bound, the store gets %v and gives %v; as text %v and %v", c.text, got, bound, pushed, rows)
		}
	}
}

// bound runs a statement with values for its placeholders, as the wire does for
// a prepared one.
func (f *fixture) bound(query string, values []string) ([][]string, error) {
	bindings := map[string]sqlparser.Expr{}
	for i, v := range values {
		parsed, err := sqlparser.Parse("SELECT " + v)
		if err != nil {
			return nil, err
		}
		bindings[fmt.Sprintf("v%d", i+1)] = parsed.(*sqlparser.Select).SelectExprs[0].(*sqlparser.AliasedExpr).Expr
	}
	_, rows, err := f.execute(engine.Statement{Query: query, Bindings: bindings})
	return rows, err
}
