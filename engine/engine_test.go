package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/rs/zerolog"

	"gridgate/engine"
	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// memory is a store with a table of words, one of nouns and one of readings.
func memory() *tablestest.Memory {
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}}
	text := func(s string) tables.Value { return tables.TextValue(s) }
	var rows [][]tables.Value
	for i, w := range strings.Fields("the grid is up the grid is down the line is long and the night is cold") {
		dt := text(fmt.Sprintf("2026-01-0%d", 1+i%3))
		if i%5 == 0 {
			dt = tables.NullOf(tables.Varchar(64))
		}
		rows = append(rows, []tables.Value{text(fmt.Sprintf("f%d.txt", i%2)), tables.IntValue(int64(i)), text(w), dt})
	}
	m.Add("words", []tables.Column{
		{Name: "path", Type: tables.Varchar(4096)},
		{Name: "pos", Type: tables.Int64},
		{Name: "word", Type: tables.Text},
		{Name: "dt", Type: tables.Varchar(64), Nullable: true},
	}, rows)
	m.Add("nouns", []tables.Column{{Name: "word", Type: tables.Text}, {Name: "rank_no", Type: tables.Int64}},
		[][]tables.Value{{text("grid"), tables.IntValue(1)}, {text("line"), tables.IntValue(2)}, {text("zebra"), tables.IntValue(3)}})
	m.Add("readings", []tables.Column{
		{Name: "station", Type: tables.Varchar(255), Nullable: true},
		{Name: "ts", Type: tables.Timestamp(3)},
		{Name: "value", Type: tables.Float64, Nullable: true},
		{Name: "_id", Type: tables.Varchar(512), PrimaryKey: true},
		{Name: "_doc", Type: tables.JSON},
	}, readings())
	return m
}

// readings are rows of every kind that a table of readings may have: without a
// station, without a value, at one time.
func readings() [][]tables.Value {
	var rows [][]tables.Value
	begin := time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC)
	for i := range 12 {
		station := tables.Value{Type: tables.Varchar(255), S: []string{"DK1", "dk1", "DK2", "Ø"}[i%4]}
		if i%5 == 4 {
			station = tables.NullOf(tables.Varchar(255))
		}
		value := tables.FloatValue(float64(i-3) / 4)
		doc := fmt.Sprintf(`{"value": %d, "station": %q}`, i-3, station.S)
		if i%6 == 5 {
			value, doc = tables.NullOf(tables.Float64), `{}`
		}
		ts := begin.Add(time.Duration(i/2) * 1250 * time.Millisecond)
		rows = append(rows, []tables.Value{
			station, {Type: tables.Timestamp(3), I: ts.UnixMicro()}, value,
			{Type: tables.Varchar(512), S: fmt.Sprintf("t:0:%d", i)}, {Type: tables.JSON, S: doc},
		})
	}
	return rows
}

// fixture is an engine over memory(), with one session.
type fixture struct {
	testing.TB
	engine  *engine.Engine
	session sql.Session
}

func newFixture(t testing.TB, store tables.Store) *fixture {
	t.Helper()
	e, err := engine.New(engine.Config{
		Databases: []engine.Database{{Name: "grid", Stores: []tables.Store{store}}},
		Log:       zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	s, err := e.NewSession(context.Background(), "test", "root", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s.SetCurrentDatabase("grid")
	return &fixture{TB: t, engine: e, session: s}
}

// query runs a statement and gives its rows as text.
func (f *fixture) query(query string) ([][]string, error) {
	_, rows, err := f.querySchema(query)
	return rows, err
}

// querySchema runs a statement and gives its columns, and its rows as text.
func (f *fixture) querySchema(query string) (sql.Schema, [][]string, error) {
	return f.execute(engine.Statement{Query: query})
}

func (f *fixture) execute(st engine.Statement) (sql.Schema, [][]string, error) {
	ctx := sql.NewContext(context.Background(), sql.WithSession(f.session), sql.WithQuery(st.Query),
		sql.WithProcessList(f.engine.SQL().ProcessList))
	r, err := f.engine.Execute(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	defer r.Iter.Close(ctx)
	var out [][]string
	if r.Batches != nil {
		for {
			var b tables.Batch
			if err := r.Batches.NextBatch(ctx, &b); errors.Is(err, io.EOF) {
				return r.Schema, out, nil
			} else if err != nil {
				return r.Schema, out, err
			}
			for i := range b.N {
				var row []string
				for j := range b.Cols {
					v, err := eval.RowValue(&b.Cols[j], i)
					if err != nil {
						return r.Schema, out, err
					}
					row = append(row, cell(ctx, r.Schema[j], v))
				}
				out = append(out, row)
			}
		}
	}
	for {
		row, err := r.Iter.Next(ctx)
		if errors.Is(err, io.EOF) {
			return r.Schema, out, nil
		}
		if err != nil {
			return r.Schema, out, err
		}
		if types.IsOkResult(row) {
			continue
		}
		var cells []string
		for j, v := range row {
			cells = append(cells, cell(ctx, r.Schema[j], v))
		}
		out = append(out, cells)
	}
}

func cell(ctx *sql.Context, c *sql.Column, v any) string {
	if v == nil {
		return "NULL"
	}
	s, err := c.Type.SQL(ctx, nil, v)
	if err != nil {
		return "ERROR " + err.Error()
	}
	return s.ToString()
}

func (f *fixture) must(query string) [][]string {
	f.Helper()
	rows, err := f.query(query)
	if err != nil {
		f.Fatalf("%s: %v", query, err)
	}
	return rows
}
