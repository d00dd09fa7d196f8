package wire

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/go-sql-driver/mysql"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"gridgate/engine"
	"gridgate/tables"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// harness is a server over go-mysql-server's memory database "mem", which has
// the tables t (i INT PRIMARY KEY, s VARCHAR) and e (empty), and over results
// that a test gives for whole statements.
type harness struct {
	t        testing.TB
	server   *Server
	sqle     *sqle.Engine
	provider *memory.DbProvider
	addr     string
	log      *lockedBuffer

	mu   sync.Mutex
	fake map[string]func(*gsql.Context) (*engine.Result, error)
}

// lockedBuffer is a log that a test reads while others write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// PrepareExplain implements Executor.
func (h *harness) PrepareExplain(*gsql.Context, string) (gsql.Schema, int, bool, error) {
	return nil, 0, false, nil
}

// Execute implements Executor.
func (h *harness) Execute(ctx *gsql.Context, st engine.Statement) (*engine.Result, error) {
	h.mu.Lock()
	f := h.fake[strings.TrimSpace(st.Query)]
	h.mu.Unlock()
	if f != nil {
		return f(ctx)
	}
	sch, iter, flags, err := h.sqle.QueryWithBindings(ctx, st.Query, st.Parsed, st.Bindings, st.Flags)
	if err != nil {
		return nil, err
	}
	return &engine.Result{Schema: sch, Iter: iter, Flags: flags}, nil
}

// on makes the statement query give what f says.
func (h *harness) on(query string, f func(*gsql.Context) (*engine.Result, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fake[query] = f
}

func start(t testing.TB, change ...func(*Config)) *harness {
	t.Helper()
	db := memory.NewDatabase("mem")
	h := &harness{t: t, provider: memory.NewDBProvider(db), log: &lockedBuffer{}, fake: map[string]func(*gsql.Context) (*engine.Result, error){}}
	h.sqle = sqle.NewDefault(h.provider)
	ctx := gsql.NewContext(context.Background(), gsql.WithSession(memory.NewSession(gsql.NewBaseSession(), h.provider)))
	table := memory.NewTable(ctx, db, "t", gsql.NewPrimaryKeySchema(gsql.Schema{
		{Name: "i", Type: types.Int32, Source: "t", DatabaseSource: "mem", PrimaryKey: true},
		{Name: "s", Type: types.MustCreateStringWithDefaults(sqltypes.VarChar, 20), Source: "t", DatabaseSource: "mem", Nullable: true},
	}), db.GetForeignKeyCollection())
	db.AddTable("t", table)
	for i, s := range []any{"one", nil, "three"} {
		if err := table.Insert(ctx, gsql.NewRow(int32(i+1), s)); err != nil {
			t.Fatal(err)
		}
	}
	db.AddTable("e", memory.NewTable(ctx, db, "e", gsql.NewPrimaryKeySchema(gsql.Schema{
		{Name: "i", Type: types.Int32, Source: "e", DatabaseSource: "mem"},
	}), db.GetForeignKeyCollection()))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Listener: l, SQL: h.sqle, Executor: h,
		Account: func(user, host string) (engine.Account, bool) {
			return engine.Account{User: user, Host: host, NoPassword: true, SeesProcesses: true, KillsOthers: true}, user == "root"
		},
		NewSession: func(_ context.Context, addr, user, host string) (gsql.Session, error) {
			base := gsql.NewBaseSessionWithClientServer(addr, gsql.Client{User: user, Address: host}, 0)
			return memory.NewSession(base, h.provider), nil
		},
		Logger: zerolog.New(h.log).Level(zerolog.DebugLevel),
	}
	for _, f := range change {
		f(&cfg)
	}
	h.server, err = New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.addr = h.server.Addr().String()
	served := make(chan error, 1)
	go func() { served <- h.server.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := h.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := h.sqle.Close(); err != nil {
			t.Errorf("closing go-mysql-server: %v", err)
		}
	})
	return h
}

// open gives a pool of connections to the server; params are the driver's.
func (h *harness) open(params string) *sql.DB {
	h.t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("root@tcp(%s)/mem?%s", h.addr, params))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = db.Close() })
	return db
}

// conn gives one connection and its number.
func (h *harness) conn(db *sql.DB) (*sql.Conn, uint32) {
	h.t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	var id uint32
	if err := c.QueryRowContext(context.Background(), "SELECT CONNECTION_ID()").Scan(&id); err != nil {
		h.t.Fatal(err)
	}
	return c, id
}

// wantCode fails the test unless err is MySQL's error code.
func wantCode(t testing.TB, err error, code uint16, state string) {
	t.Helper()
	var e *mysql.MySQLError
	if !asMySQL(err, &e) {
		t.Errorf("got error %v, want %d", err, code)
		return
	}
	if e.Number != code || string(e.SQLState[:]) != state {
		t.Errorf("got %d (%s) %s, want %d (%s)", e.Number, e.SQLState, e.Message, code, state)
	}
}

func asMySQL(err error, e **mysql.MySQLError) bool {
	x, ok := err.(*mysql.MySQLError)
	*e = x
	return ok
}

// wordsSchema is that of a table of words.
var wordsSchema = gsql.Schema{
	{Name: "path", Type: types.MustCreateStringWithDefaults(sqltypes.VarChar, 200), Source: "words", DatabaseSource: "mem"},
	{Name: "byte_offset", Type: types.Int64, Source: "words", DatabaseSource: "mem"},
	{Name: "pos", Type: types.Int32, Source: "words", DatabaseSource: "mem"},
	{Name: "word", Type: types.LongText, Source: "words", DatabaseSource: "mem"},
}

// words makes rows of words: n of them in batches of size, or without end when
// n is negative.
type words struct {
	n, size int
	given   int
	fail    error         // after n rows
	stall   chan struct{} // when not nil: after n rows, wait for it or the context
	pause   time.Duration // before each batch
	ended   atomic.Bool   // the context of NextBatch has ended
	closed  atomic.Int64
}

func (w *words) result() *engine.Result {
	return &engine.Result{Schema: wordsSchema, Iter: w, Batches: w}
}

// NextBatch implements engine.BatchSource.
func (w *words) NextBatch(ctx *gsql.Context, b *tables.Batch) error {
	if w.pause > 0 {
		select {
		case <-time.After(w.pause):
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		w.ended.Store(true)
		return fmt.Errorf("reading words: %w", err)
	}
	n := w.size
	if w.n >= 0 {
		n = min(n, w.n-w.given)
	}
	if n == 0 {
		if w.stall != nil {
			select {
			case <-w.stall:
			case <-ctx.Done():
				w.ended.Store(true)
				return fmt.Errorf("waiting for words: %w", ctx.Err())
			}
		}
		if w.fail != nil {
			return w.fail
		}
		return io.EOF
	}
	*b = wordBatch(w.given, n)
	w.given += n
	return nil
}

func wordBatch(from, n int) tables.Batch {
	b := tables.Batch{N: n, Cols: []tables.Vector{
		tables.NewVector(tables.Varchar(200), n), tables.NewVector(tables.Int64, n),
		tables.NewVector(tables.Type{Kind: tables.KindInt32}, n), tables.NewVector(tables.Text, n),
	}}
	for i := range n {
		k := from + i
		b.Cols[0].Strings[i] = "books/moby-dick.txt"
		b.Cols[1].Ints[i] = int64(k) * 61
		b.Cols[2].Ints[i] = int64(k % 12)
		b.Cols[3].Strings[i] = someWords[k%len(someWords)]
	}
	return b
}

var someWords = strings.Fields("call me ishmael some years ago never mind how long precisely having little or no money in my purse")

// Next implements sql.RowIter; the rows are read by NextBatch.
func (w *words) Next(*gsql.Context) (gsql.Row, error) { panic("not read as rows") }

// Close implements sql.RowIter.
func (w *words) Close(*gsql.Context) error {
	w.closed.Add(1)
	return nil
}

// eventually waits until ok, and fails the test when that takes longer than d.
func eventually(t testing.TB, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("after %v: not %s", d, what)
			return
		}
	}
}
