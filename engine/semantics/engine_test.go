package semantics

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/types"
	"go.uber.org/goleak"
)

// The tests run as on a host in New York, so that no answer may depend on the
// host's zone.
func TestMain(m *testing.M) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		zone = time.FixedZone("EST", -5*60*60)
	}
	time.Local = zone
	_ = os.Setenv("TZ", "America/New_York")
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("github.com/golang/glog.(*loggingT).flushDaemon"))
}

// engine is a go-mysql-server engine over a database in memory, either plain or
// with this package's corrections.
type engine struct {
	*sqle.Engine
	session sql.Session
	plain   bool
}

// newEngine returns an engine whose database "grid" holds the tables that setup
// creates.
func newEngine(t testing.TB, corrected bool, setup ...string) *engine {
	t.Helper()
	provider := memory.NewDBProvider(memory.NewDatabase("grid"))
	b := analyzer.NewBuilder(provider)
	if corrected {
		Install(b, sql.EngineOverrides{})
	}
	a := b.Build()
	if corrected {
		Attach(a)
	}
	e := &engine{
		Engine:  sqle.New(a, nil),
		session: memory.NewSession(sql.NewBaseSession(), provider),
		plain:   !corrected,
	}
	e.session.SetCurrentDatabase("grid")
	t.Cleanup(func() { _ = e.Close() })
	for _, q := range setup {
		if _, err := e.run(context.Background(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return e
}

// withoutGlobals runs f as in a process that never called Install.
func withoutGlobals(f func()) {
	functions, always := analyzer.ExternalFunctionProvider, analyzer.AlwaysBeforeDefault
	analyzer.ExternalFunctionProvider, analyzer.AlwaysBeforeDefault = nil, nil
	defer func() { analyzer.ExternalFunctionProvider, analyzer.AlwaysBeforeDefault = functions, always }()
	f()
}

// run gives a statement's types and rows as lines of text.
func (e *engine) run(ctx context.Context, query string) (lines []string, err error) {
	if e.plain {
		withoutGlobals(func() { lines, err = e.execute(ctx, query) })
		return lines, err
	}
	return e.execute(ctx, query)
}

func (e *engine) context(ctx context.Context, query string) *sql.Context {
	return sql.NewContext(ctx, sql.WithSession(e.session), sql.WithQuery(query))
}

func (e *engine) execute(parent context.Context, query string) (lines []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx := e.context(parent, query)
	schema, iter, _, err := e.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := iter.Close(ctx); err == nil {
			err = closeErr
		}
	}()
	names := make([]string, len(schema))
	for i, c := range schema {
		names[i] = c.Type.String()
	}
	lines = append(lines, strings.Join(names, ", "))
	for {
		row, err := iter.Next(ctx)
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		line, err := showRow(ctx, schema, row, e.plain)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
}

func showRow(ctx *sql.Context, schema sql.Schema, row sql.Row, plain bool) (string, error) {
	shown := make([]string, len(schema))
	for i, v := range row {
		if v == nil {
			shown[i] = "NULL"
			continue
		}
		if _, ok := v.(types.OkResult); ok {
			shown[i] = "ok"
			continue
		}
		if doc, ok := v.(sql.JSONWrapper); ok && !plain { // as package wire
			text, err := JSONText(ctx, doc)
			if err != nil {
				return "", err
			}
			shown[i] = string(text)
			continue
		}
		if at, ok := v.(time.Time); ok && types.IsTimestampType(schema[i].Type) && !plain { // as package wire
			zone, err := SessionZone(ctx)
			if err != nil {
				return "", err
			}
			v = zone.LocalTime(at)
		}
		text, err := schema[i].Type.SQL(ctx, nil, v)
		if err != nil {
			return fmt.Sprint(v), nil
		}
		shown[i] = text.ToString()
	}
	return strings.Join(shown, " | "), nil
}

// answer is run's result or error as one text.
func (e *engine) answer(query string) string {
	lines, err := e.run(context.Background(), query)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

// caseTables are the tables that all cases ask.
var caseTables = []string{
	`CREATE TABLE t (id INT, a INT, b BIGINT, u BIGINT UNSIGNED, d DECIMAL(10,2), f DOUBLE,
		s VARCHAR(50) COLLATE utf8mb4_0900_bin, c VARCHAR(50) COLLATE utf8mb4_0900_ai_ci)`,
	`INSERT INTO t VALUES
		(1, 1, 9223372036854775807, 1, 1.10, 1.5, 'a', 'a'),
		(2, 2, 9223372036854775806, 18446744073709551615, 2.20, 2.5, 'A', 'A'),
		(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		(4, 2, 1, 3, 2.2, -0.0, '<nil>', 'b'),
		(5, 7, 5, 4, 3.33, 0.0, 'a ', 'B')`,
	`CREATE TABLE e (id INT, ts TIMESTAMP(3) NULL, dt DATETIME(6), d DATE)`,
	`INSERT INTO e VALUES
		(1, '2024-03-10 07:30:00.123', '2024-03-10 07:30:00.123456', '2024-03-10'),
		(2, '2024-11-03 05:30:00.5', '2024-11-03 05:30:00.5', '2024-11-03')`,
	// Days on which clocks in Copenhagen change: at 01:00 UTC to and from +02:00.
	`CREATE TABLE z (id INT, ts TIMESTAMP(3) NULL, t0 TIMESTAMP NULL, dt DATETIME(3), d DATE, s VARCHAR(50) COLLATE utf8mb4_0900_bin)`,
	`INSERT INTO z VALUES
		(1, '2026-03-29 00:30:00', '2026-03-29 00:30:00', '2026-03-29 01:30:00', '2026-03-29', '2026-03-29 00:30:00'),
		(2, '2026-03-29 01:00:00', '2026-03-29 01:00:00', '2026-03-29 02:30:00', '2026-03-29', '2026-03-29 03:00:00'),
		(3, '2026-03-29 01:30:00.25', '2026-03-29 01:30:00', '2026-03-29 03:30:00.25', '2026-03-29', '2026-03-29 02:30:00'),
		(4, '2026-10-25 00:30:00', '2026-10-25 00:30:00', '2026-10-25 02:30:00', '2026-10-25', '2026-10-25 02:30:00'),
		(5, '2026-10-25 01:30:00', '2026-10-25 01:30:00', '2026-10-25 02:30:00', '2026-10-25', '2026-10-25 01:30:00'),
		(6, '2026-10-25 22:59:59.999', '2026-10-25 22:59:59', '2026-10-25 22:59:59.999', '2026-10-25', '2026-10-26'),
		(7, '2026-12-31 23:30:00', '2026-12-31 23:30:00', '2027-01-01 00:30:00', '2026-12-31', '2026-12-31 23:30:00'),
		(8, NULL, NULL, NULL, NULL, NULL)`,
	`CREATE TABLE pairs (x VARCHAR(20) COLLATE utf8mb4_0900_bin, y VARCHAR(20) COLLATE utf8mb4_0900_bin)`,
	"INSERT INTO pairs VALUES ('a\\0b','c'), ('a','b\\0c'), ('a','b\\0c'), ('', NULL), (NULL, '')",
	`CREATE TABLE w (id INT, x DOUBLE, y DECIMAL(40,30))`,
	`INSERT INTO w VALUES (1, 1e308, 0), (2, 0.1, 0.1), (3, 5e-324, 7.5), (4, -0.0, 0.100000000000000005551115123126), (5, NULL, NULL), (6, 1.5, 1.5)`,
	`CREATE TABLE docs (id INT, j JSON)`,
	`INSERT INTO docs VALUES (1, '{"a": 1, "b": 2}'), (2, '{"b": 2, "a": 1.0}'), (3, '[1]'), (4, '[1.0]'), (5, NULL)`,
}
