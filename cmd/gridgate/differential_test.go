package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/go-sql-driver/mysql"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine"
	"gridgate/engine/difftest"
	"gridgate/engine/wire"
	"gridgate/tables"
)

// differentialChecks is how many statements TestDifferential generates.
const differentialChecks = "5000"

// textTables are the text store's tables for the generator, with constants
// that occur in differentialArchive, and some that only nearly do.
var textTables = difftest.Generator{Tables: []difftest.Table{
	{Name: "words", Columns: []difftest.Column{
		{Name: "path", Type: difftest.Text, Literals: []string{"'dt=2026-01-01/a.log'", "'dt=2026-01-02/b.log.gz'", "'plain.txt'", "'PLAIN.TXT'"}},
		{Name: "byte_offset", Literals: []string{"0", "24", "60"}},
		{Name: "pos", Literals: []string{"0", "1", "2"}},
		{Name: "word", Type: difftest.Text, Literals: []string{"'grid'", "'the'", "'isn\\'t'", "'naïve'", "'naive'", "'σίσυφος'", "'Grid'", "'grid '"}},
		{Name: "dt", Type: difftest.Text, Literals: []string{"'2026-01-01'", "'2026-01-02'", "'A'"}},
	}},
	{Name: "text_lines", Columns: []difftest.Column{
		{Name: "path", Type: difftest.Text, Literals: []string{"'dt=2026-01-01/a.log'", "'plain.txt'"}},
		{Name: "byte_offset", Literals: []string{"0", "24"}},
		{Name: "line", Type: difftest.Text, Literals: []string{"'the grid isn\\'t stable'", "'one'", "'Σίσυφος 100%'", "''", "'last'", "' indented  '", "' indented'", "'two'", "'THE GRID IS DOWN'"}},
		{Name: "dt", Type: difftest.Text, Literals: []string{"'2026-01-01'", "'2026-01-02'", "'A'"}},
	}},
}}

func differentialArchive(t testing.TB) string {
	return writeArchive(t, map[string]string{
		"dt=2026-01-01/a.log":    strings.Repeat("the grid isn't stable\nThe GRID is down\n", 3) + "one\r\ntwo\r\nTwo\r\n",
		"dt=2026-01-02/b.log.gz": "naïve naive NAIVE\nthe grid\n\n'quoted' grid’s\n",
		"dt=a/c.log":             "the Grid\n",
		"dt=%41/c.log":           "the grid\n", // a partition that is A, also where files' names have no case
		"dt=%41%20/c.log":        "grid\n",
		"plain.txt":              "Σίσυφος 100%\ngrid_under score\n indented  \n\n" + strings.Repeat("long", 30) + " line\nbroken \xff\xc3 a\r\nlast",
	})
}

// side is one connection with one setting of gridgate_pushdown, and maybe others.
type side struct{ conn *sql.Conn }

func newSide(t testing.TB, db *sql.DB, mode string, settings ...string) side {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	settings = append([]string{"SET NAMES utf8mb4", "SET gridgate_pushdown = '" + mode + "'"}, settings...) // most clients send the first
	for _, set := range settings {
		if _, err := conn.ExecContext(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	return side{conn}
}

// runner runs statements for difftest over two connections, after the settings.
func runner(t testing.TB, db *sql.DB, settings ...string) func(query, pushdown string) difftest.Rows {
	sides := map[string]side{"on": newSide(t, db, "on", settings...), "off": newSide(t, db, "off", settings...)}
	return func(query, pushdown string) difftest.Rows {
		out, err := sides[pushdown].run(t, query)
		var e *mysql.MySQLError
		if errors.As(err, &e) {
			return difftest.Rows{Code: e.Number, Error: e.Message}
		}
		if err != nil {
			t.Fatalf("%s with pushdown %s: %v", query, pushdown, err)
		}
		return out
	}
}

func (s side) run(t testing.TB, query string) (difftest.Rows, error) {
	rows, err := s.conn.QueryContext(t.Context(), query)
	if err != nil {
		return difftest.Rows{}, err
	}
	defer rows.Close()
	return difftest.Read(rows, func(c *sql.ColumnType) string { return c.Name() + " " + c.DatabaseTypeName() })
}

// fixedInCI makes CI run the same statements each time: what a change has broken
// shows there, and new statements are for everybody else.
func fixedInCI(t testing.TB) {
	if os.Getenv("CI") != "true" {
		return
	}
	if err := flag.Set("rapid.seed", "20261125"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.seed", "0") })
}

// TestDifferential runs generated statements over the text tables through a
// client, with pushdown on and off.
func TestDifferential(t *testing.T) {
	fixedInCI(t)
	if err := flag.Set("rapid.checks", differentialChecks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", "100") })
	g := startGateway(t, servingConfig(config.Text{Location: differentialArchive(t)}))
	difftest.Check(t, difftest.Config{Generator: textTables, Run: runner(t, connect(t, g)), Tolerance: 1e-9})
}

// serveStore serves one store without the rest of the gateway.
func serveStore(t testing.TB, store tables.Store) *sql.DB {
	t.Helper()
	e, err := engine.New(engine.Config{
		Databases: []engine.Database{{Name: config.Database, Stores: []tables.Store{store}}},
		Log:       zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := wire.New(wire.Config{
		Listener: l, SQL: e.SQL(), Executor: e, Account: e.Account, NewSession: e.NewSession, Logger: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if err := errors.Join(server.Shutdown(ctx), <-served); err != nil {
			t.Errorf("stopping the server: %v", err)
		}
	})
	return clientOf(t, l.Addr().String(), "root", "")
}

// TestPushedShare counts how many generated statements the text store answers
// whole, by what they ask for, against testdata/pushed_share: refusing
// everything is no way to pass the differential test.
func TestPushedShare(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: differentialArchive(t)}))
	explained := newSide(t, connect(t, g), "on")
	whole, all := map[string]int{}, map[string]int{}
	draw := rapid.Custom(textTables.Query)
	for seed := range 1500 {
		q := draw.Example(seed)
		plan, err := explained.run(t, "EXPLAIN "+q.SQL)
		if err != nil {
			continue // a statement that is wrong is not planned
		}
		one := len(plan.Values) == 1 && *plan.Values[0][1] == "text"
		for _, name := range clauses(q.SQL) {
			all[name]++
			if one {
				whole[name]++
			}
		}
	}
	datadriven.RunTest(t, "testdata/pushed_share", func(t *testing.T, d *datadriven.TestData) string {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintf(&b, "%-12s %4d of %4d (%d%%)\n", name, whole[name], all[name], 100*whole[name]/all[name])
		}
		return b.String()
	})
}

// clauses names what a generated statement asks for.
func clauses(query string) []string {
	names := []string{"any"}
	for _, c := range []string{"WHERE", "GROUP BY", "HAVING", "DISTINCT ", "ORDER BY", "LIMIT", "OFFSET", "JOIN", "UNION", "FROM ("} {
		if strings.Contains(query, c) {
			names = append(names, strings.ToLower(strings.Trim(c, " (")))
		}
	}
	return names
}
