package semantics

import (
	"context"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/sqlparser"
	"pgregory.net/rapid"
)

func TestRewriteTwiceIsRewriteOnce(t *testing.T) {
	for _, q := range []string{
		"SELECT a + 1, -b, CASE WHEN a / 2 = 1 THEN a * 3 END, CAST(a AS DECIMAL) FROM t WHERE (a / 3) BETWEEN 1 AND 2",
		"SELECT DISTINCT a % 2, b FROM t ORDER BY 1, 2",
		"SELECT x FROM (SELECT a DIV 2 AS x FROM t GROUP BY a - 1 HAVING SUM(a) + 1 > 2) q UNION SELECT -1 * 2 LIMIT 1",
		"WITH c AS (SELECT a + 1 FROM t) SELECT (SELECT MAX(a + 2) FROM c) FROM t JOIN u ON t.a = u.a + 1",
		"SELECT NOW() - INTERVAL 1 + 1 DAY",
		"SELECT SUM(a) OVER (PARTITION BY a + 1 ORDER BY a * 2) FROM t",
	} {
		stmt, err := sqlparser.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		Rewrite(stmt)
		once := sqlparser.String(stmt)
		Rewrite(stmt)
		if twice := sqlparser.String(stmt); twice != once {
			t.Errorf("%s\nonce:  %s\ntwice: %s", q, once, twice)
		}
		_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
			if b, ok := n.(*sqlparser.BinaryExpr); ok && !isInterval(b.Left) && !isInterval(b.Right) {
				t.Errorf("%s: %s stayed", q, sqlparser.String(b))
			}
			return true, nil
		}, stmt)
	}
}

func TestKeepWildcardEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`SELECT 'a\_b'`:             `SELECT 'a\\_b'`,
		`SELECT "a\%b"`:             `SELECT "a\\%b"`,
		`SELECT 'a\\_b'`:            `SELECT 'a\\_b'`,
		`SELECT 'it''s \_', '\''`:   `SELECT 'it''s \\_', '\''`,
		"SELECT `\\_` -- '\\_'\n":   "SELECT `\\_` -- '\\_'\n",
		`SELECT /* '\_' */ 1 # '\_`: `SELECT /* '\_' */ 1 # '\_`,
		`SELECT 'a`:                 `SELECT 'a`,
		`SELECT '\`:                 `SELECT '\`,
	} {
		if got := KeepWildcardEscapes(in); got != want {
			t.Errorf("%s becomes %s; want %s", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		query := rapid.StringOf(rapid.RuneFrom([]rune(`\_%'"`+"` -#/*a\n"))).Draw(t, "query")
		once := KeepWildcardEscapes(query)
		if twice := KeepWildcardEscapes(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", query, once, twice)
		}
		if n := originalPosition(query, len(once)); n != len(query) {
			t.Fatalf("%q: the end is at %d", query, n)
		}
	})
}

// TestSecondStatementIsFound checks that the position of the next statement
// counts in the text that the caller gave.
func TestSecondStatementIsFound(t *testing.T) {
	query := `SELECT 'a\_b', '\%'; SELECT 2`
	_, next, err := NewParser(nil).ParseOneWithOptions(context.Background(), query, sqlparser.ParserOptions{})
	if err != nil || sql.RemoveSpaceAndDelimiter(query[next:], ';') != "SELECT 2" {
		t.Errorf("next = %d, %v", next, err)
	}
}
