package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"gridgate/cmd/gridgate/internal/config"
)

// wantError checks a statement's error: its code, SQLSTATE and what it says.
func wantError(t *testing.T, err error, code uint16, state string, says ...string) {
	t.Helper()
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != code || string(e.SQLState[:]) != state {
		t.Errorf("the error is %v, want %d (%s)", err, code, state)
		return
	}
	for _, s := range says {
		if !strings.Contains(e.Message, s) {
			t.Errorf("%q does not say %q", e.Message, s)
		}
	}
}

// sized is an archive of two partitions with 6000 bytes each.
func sized(t *testing.T) string {
	line := strings.Repeat("x", 59) + "\n"
	return writeArchive(t, map[string]string{
		"dt=2026-01-01/a.txt": strings.Repeat(line, 100),
		"dt=2026-01-02/b.txt": strings.Repeat(line, 100),
	})
}

// TestScansAreGuarded: a statement that would read too much is refused before it
// reads, with what would help; one that reads less, or is only shown, is not. The
// session may ask for less than is configured, and not for more.
func TestScansAreGuarded(t *testing.T) {
	c := servingConfig(config.Text{Location: sized(t)})
	c.Limits.ScanBytes = 10_000
	db := connect(t, startGateway(t, c))
	db.SetMaxOpenConns(1)
	const all, part = "SELECT COUNT(*) FROM text_lines", "SELECT COUNT(*) FROM text_lines WHERE dt = '2026-01-02'"
	for _, mode := range []string{"on", "off"} {
		rowsOf(t, db, "SET gridgate_pushdown = '"+mode+"'")
		for _, query := range []string{all, "SELECT 1 WHERE 1 < (" + all + ")", "SELECT * FROM text_lines a JOIN text_lines b ON a.path < b.path"} {
			_, err := queryRows(t, db, query)
			wantError(t, err, 1104, "42000", "12000 bytes of text_lines (text)", "the limit is 10000", "a condition on dt would leave files out")
		}
	}
	_, err := queryRows(t, db, part)
	wantError(t, err, 1104, "42000") // without pushdown everything is read
	rowsOf(t, db, "SET gridgate_pushdown = 'on'")
	if got := rowsOf(t, db, part); got[0] != "100" {
		t.Errorf("one partition has %v lines", got)
	}
	rowsOf(t, db, "EXPLAIN "+all)
	_, err = queryRows(t, db, "EXPLAIN ANALYZE "+all)
	wantError(t, err, 1104, "42000")

	if got := rowsOf(t, db, "SELECT @@gridgate_max_scan_bytes, @@gridgate_max_scan_rows, @@gridgate_warn_rows"); got[0] != "10000|0|100000" {
		t.Errorf("a session begins with %v", got)
	}
	rowsOf(t, db, "SET gridgate_max_scan_bytes = 5000")
	_, err = queryRows(t, db, part)
	wantError(t, err, 1104, "42000", "6000 bytes", "the limit is 5000")
	_, err = queryRows(t, db, "SET gridgate_max_scan_bytes = 10001")
	wantError(t, err, 1231, "42000", "10000 is configured")
	rowsOf(t, db, "SET gridgate_max_scan_bytes = DEFAULT")
	rowsOf(t, db, part)
	_, err = queryRows(t, db, all)
	wantError(t, err, 1104, "42000", "the limit is 10000")

	rowsOf(t, db, "SET gridgate_max_scan_rows = 50")
	_, err = queryRows(t, db, part)
	wantError(t, err, 1104, "42000", "100 rows", "the limit is 50")
	_, err = queryRows(t, db, "SELECT /*+ SET_VAR(gridgate_max_scan_rows = 99) */ COUNT(*) FROM text_lines WHERE dt = '2026-01-02'")
	wantError(t, err, 1104, "42000", "the limit is 99")
	rowsOf(t, db, "SELECT /*+ SET_VAR(gridgate_max_scan_rows = 100) */ COUNT(*) FROM text_lines WHERE dt = '2026-01-02'")
}

// TestLimitsOverTheWire: the errors, hints and warnings of limits reach a client,
// text and prepared, and the connection lives on.
func TestLimitsOverTheWire(t *testing.T) {
	c := servingConfig(config.Text{Location: sized(t)})
	c.Limits.QueryMemory, c.Limits.WarnRows = 20_000, 50
	g := startGateway(t, c)
	db := connect(t, g)
	db.SetMaxOpenConns(1)
	const sort = "SELECT REVERSE(line) r FROM text_lines ORDER BY r"
	const hinted = "SELECT /*+ SET_VAR(gridgate_pushdown=strict) */ line FROM text_lines WHERE REVERSE(line) = ?"
	for range 2 {
		_, err := queryRows(t, db, sort)
		wantError(t, err, 1038, "HY001", "rows to sort", "one statement may hold 20000 bytes", "WHERE")
		_, err = queryRows(t, db, hinted, "abc")
		wantError(t, err, 1235, "42000", "reverse is not translated")
		if got := rowsOf(t, db, strings.Replace(hinted, "strict", "on", 1), "abc"); len(got) != 0 {
			t.Errorf("%d rows", len(got))
		}
		warnings := rowsOf(t, db, "SHOW WARNINGS")
		if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "Note|1105|200 rows of text_lines (text) were read into the gateway") {
			t.Errorf("the warnings are %q", warnings)
		}
	}
}

// TestMemoryOverTheWire: each operator that holds something fails with its own
// sentence over a client's connection, in both modes; the connection lives, and
// nothing stays held.
func TestMemoryOverTheWire(t *testing.T) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "%060d\n", i)
	}
	c := servingConfig(config.Text{Location: writeArchive(t, map[string]string{"a.txt": lines.String()})})
	c.Limits.QueryMemory = 60_000
	g := startGateway(t, c)
	db := connect(t, g)
	db.SetMaxOpenConns(1)
	for query, what := range map[string]string{
		"SELECT REVERSE(line) r FROM text_lines ORDER BY r":                                                    "rows to sort",
		"SELECT REVERSE(line) r FROM text_lines ORDER BY r LIMIT 900":                                          "first rows of a sort",
		"SELECT REVERSE(line) r, COUNT(*) FROM text_lines GROUP BY r":                                          "groups",
		"SELECT DISTINCT REVERSE(line) FROM text_lines":                                                        "distinct values",
		"SELECT COUNT(DISTINCT REVERSE(line)) FROM text_lines":                                                 "distinct values",
		"SELECT GROUP_CONCAT(REVERSE(line)) FROM text_lines":                                                   "an aggregate collects",
		"SELECT line FROM text_lines UNION SELECT line FROM text_lines":                                        "distinct values",
		"SELECT SUM(byte_offset) OVER (ORDER BY line) FROM text_lines":                                         "window functions",
		"SELECT COUNT(*) FROM text_lines a JOIN text_lines b ON REVERSE(a.line) = REVERSE(b.line)":             "inner side of a join",
		"SELECT COUNT(*) FROM text_lines WHERE line IN (SELECT REVERSE(line) FROM text_lines) OR path = 'b.c'": "a subquery",
	} {
		for _, mode := range []string{"on", "off"} {
			rowsOf(t, db, "SET gridgate_pushdown = '"+mode+"'")
			_, err := queryRows(t, db, query)
			wantError(t, err, 1038, "HY001", what)
			if got := rowsOf(t, db, "SELECT COUNT(*) FROM text_lines"); got[0] != "1000" {
				t.Errorf("after %s: %v", query, got)
			}
			if n := g.engine.HeldMemory(); n != 0 {
				t.Errorf("%s: %d bytes are still held", query, n)
			}
		}
	}
}

// TestExplainJSONOverTheWire: text and prepared statements get the document.
func TestExplainJSONOverTheWire(t *testing.T) {
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: sized(t)})))
	for _, explain := range []string{"EXPLAIN FORMAT=JSON ", "EXPLAIN ANALYZE FORMAT=JSON ", "EXPLAIN ANALYZE FORMAT=TREE "} {
		text := rowsOf(t, db, explain+"SELECT COUNT(*) FROM words WHERE word = 'x'")
		prepared := rowsOf(t, db, explain+"SELECT COUNT(*) FROM words WHERE word = ?", "x")
		if len(text) != 1 || len(prepared) != 1 || !strings.Contains(prepared[0], "word = 'x'") {
			t.Errorf("%s gives %q, and prepared %q", explain, text, prepared)
		}
	}
}

// TestKilledStatementsGiveBack: a statement that is ended by KILL or by its time
// leaves nothing held, also EXPLAIN ANALYZE.
func TestKilledStatementsGiveBack(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: sized(t)}))
	db := connect(t, g)
	// 200^4 rows of a join in the gateway take longer than anybody waits.
	const endless = "SELECT COUNT(*) FROM text_lines a JOIN text_lines b ON a.byte_offset + b.byte_offset < REVERSE(a.line) + 1e9 " +
		"JOIN text_lines c ON b.byte_offset + c.byte_offset < REVERSE(a.line) + 1e9 JOIN text_lines d ON c.byte_offset + d.byte_offset < REVERSE(a.line) + 1e9"
	for _, query := range []string{endless, "EXPLAIN ANALYZE " + endless} {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var id int64
		if err := conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id); err != nil {
			t.Fatal(err)
		}
		failed := make(chan error, 1)
		go func() { failed <- drain(t.Context(), conn, query) }()
		eventually(t, "the statement holds memory", func() bool { return g.engine.HeldMemory() > 0 })
		rowsOf(t, db, fmt.Sprintf("KILL QUERY %d", id))
		select {
		case err := <-failed:
			wantError(t, err, 1317, "70100")
		case <-time.After(5 * time.Second):
			t.Fatal("KILL did not end the statement")
		}
		if n := g.engine.HeldMemory(); n != 0 {
			t.Errorf("%d bytes are still held", n)
		}
		if _, err := conn.ExecContext(t.Context(), "SET max_execution_time = 200"); err != nil {
			t.Fatal(err)
		}
		err = drain(t.Context(), conn, query)
		wantError(t, err, 3024, "HY000")
		if n := g.engine.HeldMemory(); n != 0 {
			t.Errorf("%d bytes are still held after a timeout", n)
		}
		conn.Close()
	}
}

func drain(ctx context.Context, conn *sql.Conn, query string) error {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
