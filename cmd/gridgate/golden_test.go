package main

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/go-sql-driver/mysql"

	"gridgate/cmd/gridgate/internal/config"
)

// TestGolden runs the files of testdata/queries/gateway through a whole gateway and a
// client. Read them as the specification. Directives:
//
//	file NAME     a file of the archive with that content; .gz is compressed
//	records       JSON records, a line each, that are sent through Kafka and waited for
//	query [SET] [names=CHARSET]
//	              the statement's plan (what each store gets, and what stays in
//	              the gateway and why) and its rows; SET is put before it
//	error         the statement's MySQL error code and message
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "../../testdata/queries/gateway", func(t *testing.T, path string) {
		dir := t.TempDir()
		g := startGateway(t, servingConfig(config.Text{Location: dir}))
		db := connect(t, g)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "file":
				writeArchiveFile(t, dir, d.CmdArgs[0].String(), d.Input+"\n")
				return ""
			case "records":
				feed(t, g, strings.Split(d.Input, "\n")...)
				return ""
			case "query":
				return goldenQuery(t, db, dir, d)
			case "error":
				rows, err := db.Query(d.Input)
				if err == nil {
					rows.Close()
					return "no error\n"
				}
				return errorText(err) + "\n"
			}
			d.Fatalf(t, "unknown directive %q", d.Cmd)
			return ""
		})
	})
}

var workers = regexp.MustCompile(`with \d+ workers?`)

func goldenQuery(t *testing.T, db *sql.DB, dir string, d *datadriven.TestData) string {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "SET gridgate_pushdown = 'on', time_zone = DEFAULT"); err != nil {
		t.Fatal(err) // the pool gives connections again
	}
	for _, a := range d.CmdArgs {
		if a.Key == "names" {
			if _, err := conn.ExecContext(t.Context(), "SET NAMES "+a.Vals[0]); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := conn.ExecContext(t.Context(), fmt.Sprintf("SET %s = '%s'", a.Key, a.Vals[0])); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	plan, err := conn.QueryContext(t.Context(), "EXPLAIN FORMAT=TREE "+d.Input)
	if err != nil {
		return "explain: " + errorText(err) + "\n"
	}
	for _, row := range readAll(t, plan) {
		text := strings.ReplaceAll(strings.Join(row, "|"), dir, "ARCHIVE")
		fmt.Fprintln(&b, workers.ReplaceAllString(text, "with all workers"))
	}
	b.WriteString("--\n")
	rows, err := conn.QueryContext(t.Context(), d.Input)
	if err != nil {
		fmt.Fprintln(&b, errorText(err))
		return b.String()
	}
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, strings.Join(columns, "|"))
	for _, row := range readAll(t, rows) {
		fmt.Fprintln(&b, strings.Join(row, "|"))
	}
	return b.String()
}

// readAll reads and closes rows; NULL is NULL.
func readAll(t *testing.T, rows *sql.Rows) [][]string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		to := make([]any, len(cells))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			if row[i] = c.String; !c.Valid {
				row[i] = "NULL"
			}
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// errorText is an error as MySQL's command line prints it.
func errorText(err error) string {
	if e, ok := err.(*mysql.MySQLError); ok {
		return fmt.Sprintf("ERROR %d (%s): %s", e.Number, e.SQLState, e.Message)
	}
	return err.Error()
}
