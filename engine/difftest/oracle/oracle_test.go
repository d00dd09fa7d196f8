package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/rs/zerolog"

	"gridgate/engine"
	"gridgate/engine/difftest"
	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/engine/wire"
	"gridgate/tables"
	"gridgate/tables/tablestest"
	"gridgate/testdata/services"
)

// sqlMode is MySQL 8's default. MariaDB's ONLY_FULL_GROUP_BY knows no
// functional dependence and no expressions, so it is left out there.
const sqlMode = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// server is one of the two that are asked.
type server struct {
	db        *sql.DB
	conn      *sql.Conn
	translate func(string) string
}

func connect(t testing.TB, addr, database string, settings ...string) *server {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = "root", "tcp", addr, database
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &server{db: db, conn: conn, translate: func(q string) string { return q }}
	for _, set := range settings {
		if _, err := conn.ExecContext(t.Context(), set); err != nil {
			t.Fatalf("%s: %v", set, err)
		}
	}
	return s
}

// ask runs a statement and gives its rows as the client reads them.
func (s *server) ask(t testing.TB, query string) difftest.Rows {
	t.Helper()
	out, err := s.rows(t.Context(), s.translate(query))
	var e *mysql.MySQLError
	switch {
	case errors.As(err, &e):
		return difftest.Rows{Code: e.Number, Error: e.Message}
	case err != nil:
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func (s *server) rows(ctx context.Context, query string) (difftest.Rows, error) {
	rows, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return difftest.Rows{}, err
	}
	defer rows.Close()
	return difftest.Read(rows, (*sql.ColumnType).Name)
}

// mariadb is a MariaDB with the sample's rows that compares text by code point
// and without padding, as gridgate's columns do.
func mariadb(t testing.TB) *server {
	t.Helper()
	addr := services.MariaDB(t, "--character-set-server=utf8mb4", "--collation-server=utf8mb4_nopad_bin", "--default-time-zone=+00:00")
	s := connect(t, addr, "test",
		"SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin", "SET time_zone = '+00:00'", "SET sql_mode = '"+sqlMode+"'",
		"ALTER DATABASE test CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
		"SET group_concat_max_len = 1024", "SET div_precision_increment = 4")
	s.translate = difftest.Translate
	for _, table := range difftest.Sample() {
		for _, statement := range creation(table) {
			if _, err := s.conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	return s
}

func creation(table difftest.SampleTable) []string {
	var columns []string
	for _, c := range table.Columns {
		typ := c.Type.String()
		if c.Type.Kind == tables.KindJSON {
			typ = "LONGTEXT"
		}
		columns = append(columns, fmt.Sprintf("%s %s NULL", c.Name, typ))
	}
	out := []string{fmt.Sprintf("CREATE TABLE %s (%s)", table.Name, strings.Join(columns, ", "))}
	for _, row := range table.Rows {
		var values []string
		for _, v := range row {
			values = append(values, difftest.Literal(v))
		}
		out = append(out, fmt.Sprintf("INSERT INTO %s VALUES (%s)", table.Name, strings.Join(values, ", ")))
	}
	return out
}

// gridgate is a gateway over the same rows that runs everything itself.
func gridgate(t testing.TB) *server {
	t.Helper()
	store := &tablestest.Memory{Evaluator: eval.Evaluator{}}
	for _, table := range difftest.Sample() {
		store.Add(table.Name, table.Columns, table.Rows)
	}
	e, err := engine.New(engine.Config{
		Databases: []engine.Database{{Name: "grid", Stores: []tables.Store{store}}},
		Log:       zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, err := wire.New(wire.Config{Listener: l, SQL: e.SQL(), Executor: e, Account: e.Account, NewSession: e.NewSession, Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(w.Shutdown(context.Background()), <-served); err != nil {
			t.Errorf("stopping the server: %v", err)
		}
	})
	return connect(t, l.Addr().String(), "grid", "SET NAMES utf8mb4", "SET gridgate_pushdown = 'off'")
}

const (
	// statements is how many are asked: those of the seeds from 0 on.
	statements = 6000
	// maxSkipped is which share of them, in percent, may be left to explained
	// differences.
	maxSkipped = 2.0
	// tolerance is how far DOUBLEs may differ, relative to the larger one and to 1.
	tolerance = 1e-9
)

// TestOracle asks both servers. They must fail alike or answer alike, by
// difftest's rule. The types of columns are not compared, but what a client
// reads is.
func TestOracle(t *testing.T) {
	m, g := mariadb(t), gridgate(t)
	generator := difftest.SampleGenerator(difftest.Sample())
	generator.Portable = true
	skipped, total := map[string]int{}, 0
	sameCode, otherCode := 0, 0
	for seed := range statements {
		q := generator.Example(seed)
		want, got := m.ask(t, q.SQL), g.ask(t, q.SQL)
		if want.Code != 0 && got.Code != 0 {
			if want.Code == got.Code {
				sameCode++
			} else {
				otherCode++
			}
			continue
		}
		d := compare(t, m, q, want, got, tolerance)
		if d == "" {
			continue
		}
		loosely := func(tolerance float64) bool { return compare(t, m, q, want, got, tolerance) == "" }
		if id := explanation(q, want, got, loosely); id != "" {
			skipped[id]++
			total++
			continue
		}
		t.Errorf("seed %d: %s\n%s", seed, q.SQL, d)
	}
	t.Logf("%d statements; both failed: %d with one code, %d with two; skipped: %d, %v", statements, sameCode, otherCode, total, skipped)
	if share := 100 * float64(total) / statements; share > maxSkipped {
		t.Errorf("%.1f%% of the statements are skipped, and no more than %.1f%% may be", share, maxSkipped)
	}
}

// nested is how many statements of subqueries in subqueries are asked.
const nested = 2000

// TestNested asks both servers with pushdown off, and the gateway with pushdown on
// too: what the planner makes of semi-joins must not depend on its own reference.
func TestNested(t *testing.T) {
	m, g := mariadb(t), gridgate(t)
	generator := difftest.SampleGenerator(difftest.Sample())
	failed := 0
	for _, mode := range []string{"off", "on"} {
		if _, err := g.conn.ExecContext(t.Context(), "SET gridgate_pushdown = '"+mode+"'"); err != nil {
			t.Fatal(err)
		}
		for seed := range nested {
			q := generator.Nested(seed)
			want, got := m.ask(t, q.SQL), g.ask(t, q.SQL)
			if want.Code != 0 && want.Code == got.Code {
				failed++
				continue
			}
			if d := compare(t, m, q, want, got, tolerance); d != "" {
				t.Errorf("seed %d, pushdown %s: %s\n%s", seed, mode, q.SQL, d)
			}
		}
	}
	if most := nested / 50; failed > most {
		t.Errorf("%d statements fail on both servers, and no more than %d may", failed, most)
	}
}

// compare is difftest's rule; floats may differ in their last digits where both
// servers give a DOUBLE.
func compare(t testing.TB, m *server, q difftest.Query, want, got difftest.Rows, tolerance float64) string {
	if want.Code != got.Code {
		return fmt.Sprintf("MariaDB: error %d (%s); gridgate: error %d (%s)", want.Code, want.Error, got.Code, got.Error)
	}
	var unlimited difftest.Rows
	if q.Unlimited != "" {
		unlimited = m.ask(t, q.Unlimited)
	}
	for i := range want.Inexact {
		want.Inexact[i] = want.Inexact[i] && i < len(got.Inexact) && got.Inexact[i]
	}
	return difftest.Compare(q, want, unlimited, got, tolerance)
}

// explanation is the id of what explains a difference; "": nothing does.
func explanation(q difftest.Query, mariadb, gridgate difftest.Rows, equal func(tolerance float64) bool) string {
	for _, d := range differences {
		if d.explains(q, mariadb) && (d.tolerance == 0 || equal(d.tolerance)) {
			return d.id
		}
	}
	for _, id := range slices.Sorted(maps.Keys(knownHere)) {
		if knownHere[id](q, gridgate) {
			return id
		}
	}
	return ""
}

// TestDifferencesAreTrue asks MariaDB for each example: what it has mended, or
// never did, explains nothing.
func TestDifferencesAreTrue(t *testing.T) {
	m, g := mariadb(t), gridgate(t)
	seen := map[string]bool{}
	for _, d := range differences {
		if seen[d.id] || d.mysql == "" || d.why == "" {
			t.Errorf("%s: it has no reason, or stands here twice", d.id)
		}
		seen[d.id] = true
		if got := shown(m.ask(t, d.example)); got != d.mariadb {
			t.Errorf("%s: %s\nMariaDB gives %s, not %s", d.id, d.example, got, d.mariadb)
		}
		if got := shown(g.ask(t, d.example)); got == d.mariadb {
			t.Errorf("%s: %s\ngridgate gives MariaDB's answer, %s", d.id, d.example, got)
		}
	}
	for id := range knownHere {
		if !slices.ContainsFunc(semantics.Known, func(d semantics.Difference) bool { return d.ID == id }) {
			t.Errorf("engine/semantics/known.go has no %q", id)
		}
	}
}

// shown is the first value of an answer of one row, or how many rows there are, or
// the error.
func shown(r difftest.Rows) string {
	switch {
	case r.Code != 0:
		return fmt.Sprintf("error %d", r.Code)
	case len(r.Values) != 1:
		return fmt.Sprintf("%d rows", len(r.Values))
	case r.Values[0][0] == nil:
		return "NULL"
	}
	return *r.Values[0][0]
}
