package wire

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/go-sql-driver/mysql"

	"gridgate/engine"
)

// endless makes "SELECT endless" give words in small batches until its context
// ends, and "SELECT stalled" nothing at all, or "SELECT late" some rows and
// then nothing more. It returns the source of the statement that ran last.
func endless(h *harness) *atomic.Pointer[words] {
	last := &atomic.Pointer[words]{}
	add := func(query string, make func() *words) {
		h.on(query, func(*gsql.Context) (*engine.Result, error) {
			w := make()
			last.Store(w)
			return w.result(), nil
		})
	}
	add("SELECT endless", func() *words { return &words{n: -1, size: 10, pause: time.Millisecond} })
	add("SELECT stalled", func() *words { return &words{stall: make(chan struct{})} })
	add("SELECT /*+ MAX_EXECUTION_TIME(50) */ stalled", func() *words { return &words{stall: make(chan struct{})} })
	add("SELECT late", func() *words { return &words{n: 20000, size: 1000, stall: make(chan struct{})} })
	return last
}

// drain reads to the end of a result.
func drain(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// closedSoon expects a source to be told to end and to be closed.
func closedSoon(t *testing.T, w *words) {
	t.Helper()
	eventually(t, time.Second, "closed", func() bool { return w.closed.Load() == 1 })
	if !w.ended.Load() {
		t.Error("the source's context didn't end")
	}
}

// TestKillQuery ends a statement before and after its first row; the
// connection stays of use.
func TestKillQuery(t *testing.T) {
	h := start(t)
	last := endless(h)
	db := h.open("")
	for _, query := range []string{"SELECT stalled", "SELECT endless", "SELECT late", "SELECT SLEEP(60)"} {
		t.Run(query, func(t *testing.T) {
			victim, id := h.conn(db)
			go func() {
				time.Sleep(50 * time.Millisecond)
				if _, err := db.Exec(fmt.Sprintf("KILL QUERY %d", id)); err != nil {
					t.Error(err)
				}
			}()
			began := time.Now()
			_, err := drain(victim.QueryContext(context.Background(), query))
			wantCode(t, err, 1317, "70100")
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %v", took)
			}
			if err := victim.PingContext(context.Background()); err != nil {
				t.Errorf("the connection is of no use any more: %v", err)
			}
			if !strings.Contains(query, "SLEEP") {
				closedSoon(t, last.Load())
			}
		})
	}
}

// TestKillConnection closes a running and an idle connection.
func TestKillConnection(t *testing.T) {
	h := start(t)
	last := endless(h)
	db := h.open("")
	victim, id := h.conn(db)
	go func() {
		time.Sleep(50 * time.Millisecond)
		if _, err := db.Exec(fmt.Sprintf("KILL %d", id)); err != nil {
			t.Error(err)
		}
	}()
	if _, err := drain(victim.QueryContext(context.Background(), "SELECT stalled")); err == nil {
		t.Error("a killed connection gave no error")
	}
	closedSoon(t, last.Load())
	idle, id := h.conn(db)
	if _, err := db.Exec(fmt.Sprintf("kill connection %d ;", id)); err != nil {
		t.Error(err)
	}
	eventually(t, time.Second, "closed", func() bool { return idle.PingContext(context.Background()) != nil })
	_, err := db.Exec("KILL QUERY 999999")
	wantCode(t, err, 1094, "HY000")
}

// TestKillOthers: others' connections are for those who have the right.
func TestKillOthers(t *testing.T) {
	h := start(t, func(c *Config) { c.Account = threeAccounts })
	root := h.open("")
	_, id := h.conn(root)
	u, err := sql.Open("mysql", fmt.Sprintf("u@tcp(%s)/mem", h.addr))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = u.Close() }()
	_, err = u.Exec(fmt.Sprintf("KILL %d", id))
	wantCode(t, err, 1095, "HY000")
	_, own := h.conn(u)
	if _, err := u.Exec(fmt.Sprintf("KILL QUERY %d", own)); err != nil {
		t.Errorf("its own connection: %v", err)
	}
	var seen int
	for db, all := range map[*sql.DB]bool{u: false, root: true} {
		rows, err := db.Query("SHOW PROCESSLIST")
		if err != nil {
			t.Fatal(err)
		}
		list, err := readRows(rows)
		if err != nil {
			t.Fatal(err)
		}
		seen = len(list)
		others := false
		for _, r := range list {
			others = others || r[1] != "u"
		}
		if others != all || seen == 0 {
			t.Errorf("everybody is seen: %t, want %t: %v", others, all, list)
		}
	}
	if _, err := root.Exec(fmt.Sprintf("KILL %d", own)); err != nil {
		t.Errorf("with the right: %v", err)
	}
}

// TestTimeLimit: the variable and the hint, before and after the first row;
// only statements that read are limited.
func TestTimeLimit(t *testing.T) {
	h := start(t)
	last := endless(h)
	h.on("SET @slow = 1", func(ctx *gsql.Context) (*engine.Result, error) {
		time.Sleep(100 * time.Millisecond)
		return &engine.Result{Schema: types.OkResultSchema, Iter: gsql.RowsToRowIter(gsql.NewRow(types.NewOkResult(0)))}, ctx.Err()
	})
	db := h.open("")
	c, _ := h.conn(db)
	ctx := context.Background()
	_, err := drain(c.QueryContext(ctx, "SELECT /*+ MAX_EXECUTION_TIME(50) */ stalled"))
	wantCode(t, err, 3024, "HY000")
	closedSoon(t, last.Load())
	if _, err := c.ExecContext(ctx, "SET max_execution_time = 50"); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"SELECT stalled", "SELECT endless", "SELECT late", "SELECT SLEEP(60)"} {
		_, err := drain(c.QueryContext(ctx, query))
		wantCode(t, err, 3024, "HY000")
	}
	if _, err := c.ExecContext(ctx, "SET @slow = 1"); err != nil {
		t.Errorf("SET was limited: %v", err)
	}
}

// TestDroppedClient ends the statements of clients that close their socket or
// let it be reset, whether or not rows flow.
func TestDroppedClient(t *testing.T) {
	h := start(t)
	last := endless(h)
	for _, how := range []string{"close", "reset", "quit"} {
		for _, query := range []string{"SELECT stalled", "SELECT endless"} {
			t.Run(how+"/"+query, func(t *testing.T) {
				last.Store(nil)
				c := h.dial(t)
				c.command(0x03, []byte(query))
				eventually(t, time.Second, "running", func() bool { return last.Load() != nil })
				switch how {
				case "reset":
					_ = c.c.(*net.TCPConn).SetLinger(0)
				case "quit":
					c.command(0x01, nil) // unread bytes in front of the end
				}
				_ = c.c.Close()
				if query == "SELECT endless" {
					// A failed write may end it before the socket's end is noticed.
					eventually(t, time.Second, "closed", func() bool { return last.Load().closed.Load() == 1 })
					return
				}
				closedSoon(t, last.Load())
			})
		}
	}
}

// TestPipelined: what a client sends ahead doesn't end its statement.
func TestPipelined(t *testing.T) {
	h := start(t)
	stall := make(chan struct{})
	h.on("SELECT slow", func(*gsql.Context) (*engine.Result, error) {
		return (&words{n: 3, size: 3, stall: stall}).result(), nil
	})
	c := h.dial(t)
	c.command(0x03, []byte("SELECT slow"))
	c.command(0x03, []byte("SELECT 1"))
	time.Sleep(2*watchAfter + watchEvery)
	close(stall)
	c.seq = 1
	if n := c.skipResult(); n != 3 {
		t.Errorf("got %d rows, want 3", n)
	}
	c.seq = 1
	if n := c.skipResult(); n != 1 {
		t.Errorf("got %d rows, want 1", n)
	}
}

// TestShutdown ends what runs with error 1053 and closes what doesn't, soon.
func TestShutdown(t *testing.T) {
	h := start(t)
	last := endless(h)
	db := h.open("")
	results := make(chan error, 3)
	for _, query := range []string{"SELECT stalled", "SELECT endless", "SELECT late"} {
		c, _ := h.conn(db)
		go func() {
			_, err := drain(c.QueryContext(context.Background(), query))
			results <- err
		}()
	}
	for range 5 { // idle ones
		h.conn(db)
	}
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := h.server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	for range 3 {
		wantCode(t, <-results, 1053, "08S01")
	}
	closedSoon(t, last.Load())
	if _, err := net.Dial("tcp", h.addr); err == nil {
		t.Error("it still accepts connections")
	}
}

// TestStuckClient ends a statement whose client doesn't read.
func TestStuckClient(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as a stuck client is waited for")
	}
	h := start(t)
	var src atomic.Pointer[words]
	h.on("SELECT flood", func(*gsql.Context) (*engine.Result, error) {
		w := &words{n: -1, size: 1000}
		src.Store(w)
		return w.result(), nil
	})
	c := h.dial(t)
	c.command(0x03, []byte("SELECT CONNECTION_ID()"))
	c.skipResult()
	c.command(0x03, []byte("SELECT flood"))
	time.Sleep(300 * time.Millisecond)
	for _, cc := range h.server.conns.all() {
		cc.stop(engine.StopKilled)
	}
	eventually(t, stuckClient+time.Second, "closed", func() bool { return src.Load().closed.Load() == 1 })
}

// TestTooMany tells a client at once that there are too many.
func TestTooMany(t *testing.T) {
	h := start(t, func(c *Config) { c.MaxConnections = 2 })
	db := h.open("")
	a, _ := h.conn(db)
	h.conn(db)
	began := time.Now()
	err := db.PingContext(context.Background())
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != 1040 {
		t.Errorf("got %v, want 1040", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	_ = a.Raw(func(any) error { return errors.New("close it") })
	_ = a.Close()
	if err := db.PingContext(context.Background()); err != nil {
		db.SetMaxIdleConns(0)
		eventually(t, time.Second, "room for another", func() bool { return db.PingContext(context.Background()) == nil })
	}
}

// TestProcessList shows a running statement to others.
func TestProcessList(t *testing.T) {
	h := start(t)
	endless(h)
	db := h.open("")
	victim, id := h.conn(db)
	done := make(chan error, 1)
	go func() {
		_, err := drain(victim.QueryContext(context.Background(), "SELECT stalled"))
		done <- err
	}()
	find := func() (found []string) {
		rows, err := readAll(db.Query("SHOW PROCESSLIST"))
		if err != nil {
			t.Error(err)
		}
		for _, r := range rows {
			if r[0] == fmt.Sprint(id) {
				found = r
			}
		}
		return found
	}
	eventually(t, time.Second, "in the process list", func() bool {
		r := find()
		return r != nil && r[4] == "Query" && r[7] == "SELECT stalled"
	})
	if _, err := db.Exec(fmt.Sprintf("KILL QUERY %d", id)); err != nil {
		t.Error(err)
	}
	<-done
	if r := find(); r == nil || r[4] != "Sleep" {
		t.Errorf("after its end the connection is shown as %v", r)
	}
	if log := h.log.String(); !strings.Contains(log, `"statement":"SELECT stalled"`) || !strings.Contains(log, `"code":1317`) {
		t.Errorf("the log has no line for the statement:\n%s", log)
	}
}
