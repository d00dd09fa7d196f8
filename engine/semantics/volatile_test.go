package semantics

import (
	"context"
	"strconv"
	"testing"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// TestRandIsDrawnPerRow checks that a condition without columns is evaluated
// for each row: among 625 rows about half pass, never all or none.
func TestRandIsDrawnPerRow(t *testing.T) {
	const query = "SELECT COUNT(*) FROM t a, t b, t c, t d WHERE RAND() < 0.5"
	ours, plain := newEngine(t, true, caseTables...), newEngine(t, false, caseTables...)
	if n := count(t, ours, query); n < 200 || n > 425 {
		t.Errorf("%d of 625 rows", n)
	}
	if n := count(t, plain, query); n != 0 && n != 625 {
		t.Errorf("go-mysql-server alone gives %d of 625 rows: the correction is not needed any more", n)
	}
}

func count(t *testing.T, e *engine, query string) int {
	t.Helper()
	lines, err := e.run(context.Background(), query)
	if err != nil || len(lines) != 2 {
		t.Fatalf("%s: %q, %v", query, lines, err)
	}
	n, err := strconv.Atoi(lines[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPreparedStatement checks operators and aggregates over parameters, twice
// with different values: nothing of the first execution stays.
func TestPreparedStatement(t *testing.T) {
	const query = "SELECT SUM(a + ?), ? / 3 FROM t WHERE a * ? > 1"
	e := newEngine(t, true, caseTables...)
	ctx := e.context(context.Background(), query)
	if _, err := e.PrepareQuery(ctx, query); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ x, y, z, sum, quotient string }{
		{"1", "1", "1", "14", "0.3333"},
		{"10", "2", "-1", "NULL", "0.6667"},
		{"0", "2.50", "2", "12", "0.833333"},
	} {
		bindings := map[string]sqlparser.Expr{"v1": number(c.x), "v2": number(c.y), "v3": number(c.z)}
		schema, iter, _, err := e.QueryWithBindings(ctx, query, nil, bindings, nil)
		if err != nil {
			t.Fatal(err)
		}
		row, err := iter.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := iter.Close(ctx); err != nil {
			t.Fatal(err)
		}
		got, err := showRow(ctx, schema, row, false)
		if err != nil || got != c.sum+" | "+c.quotient {
			t.Errorf("%v: %s, %v", c, got, err)
		}
	}
}

func number(s string) sqlparser.Expr {
	for _, r := range s {
		if r == '.' {
			return sqlparser.NewFloatVal([]byte(s))
		}
	}
	return sqlparser.NewIntVal([]byte(s))
}
