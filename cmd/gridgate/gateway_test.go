package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
)

// servingConfig is a configuration on a free port of this machine.
func servingConfig(text config.Text) config.Config {
	c := config.Default()
	c.Server.Listen, c.Server.ListenGiven = "127.0.0.1:0", true
	c.Text = text
	return c
}

// startGateway starts a gateway that ends with the test. What it logs is the
// test's log.
func startGateway(t testing.TB, c config.Config) *Gateway {
	t.Helper()
	g, err := Start(t.Context(), c, Options{Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.InfoLevel)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("closing the gateway: %v", err)
		}
	})
	return g
}

// connect opens a client as root of database grid.
func connect(t testing.TB, g *Gateway) *sql.DB {
	t.Helper()
	return connectAs(t, g, "root", "")
}

func connectAs(t testing.TB, g *Gateway, user, password string) *sql.DB {
	t.Helper()
	return clientOf(t, g.Info().Addr.String(), user, password)
}

func clientOf(t testing.TB, addr, user, password string) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = user, password, "tcp", addr, config.Database
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// rowsOf runs a query and returns its rows as text, columns joined by |, NULL
// as NULL.
func rowsOf(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := queryRows(t, db, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return rows
}

func queryRows(t testing.TB, db *sql.DB, query string, args ...any) ([]string, error) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		to := make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		texts := make([]string, len(columns))
		for i, v := range values {
			if texts[i] = v.String; !v.Valid {
				texts[i] = "NULL"
			}
		}
		out = append(out, strings.Join(texts, "|"))
	}
	return out, rows.Err()
}

// writeArchive writes files by path into a new folder; .gz is compressed.
func writeArchive(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeArchiveFile(t, dir, name, text)
	}
	return dir
}

func writeArchiveFile(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	content := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		fmt.Fprint(zip, text)
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		content = b.Bytes()
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// smallDemo is a demo archive that is written and read in no time.
func smallDemo(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := demo.Write(t.Context(), dir, demo.Options{Days: 3, LinesPerFile: 200}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// within fails the test when f takes longer than d.
func within(t testing.TB, d time.Duration, what string, f func()) {
	t.Helper()
	begin := time.Now()
	f()
	if took := time.Since(begin); took > d {
		t.Errorf("%s took %v, more than %v", what, took, d)
	}
}
