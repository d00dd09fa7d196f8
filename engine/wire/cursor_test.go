package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/tables"
)

const (
	comPrepare  = 0x16
	comExecute  = 0x17
	comClose    = 0x19
	comFetch    = 0x1c
	cursorFlag  = 64  // SERVER_STATUS_CURSOR_EXISTS
	lastRowFlag = 128 // SERVER_STATUS_LAST_ROW_SENT
)

// prepare prepares a statement without parameters.
func (c *rawConn) prepare(query string) (id uint32) {
	c.t.Helper()
	c.command(comPrepare, []byte(query))
	p := c.packet()
	if p[0] != 0 {
		c.t.Fatalf("preparing %s: %q", query, p)
	}
	id = binary.LittleEndian.Uint32(p[1:])
	cols := int(binary.LittleEndian.Uint16(p[5:]))
	if c.old && cols > 0 {
		cols++
	}
	for range cols {
		c.packet()
	}
	return id
}

// openCursor executes a statement with a read-only cursor; the error packet is
// not nil when that failed.
func (c *rawConn) openCursor(id uint32) (failed []byte) {
	c.t.Helper()
	c.command(comExecute, binary.LittleEndian.AppendUint32(append(binary.LittleEndian.AppendUint32(nil, id), 1), 1))
	p := c.packet()
	if p[0] == 0xff {
		return append([]byte(nil), p...)
	}
	for range int(p[0]) {
		c.packet()
	}
	p = c.packet()
	// In both forms of the end packet the flags are at the same place.
	if flags := binary.LittleEndian.Uint16(p[3:]); p[0] != 0xfe || flags&cursorFlag == 0 {
		c.t.Fatalf("no cursor was opened: % x", p)
	}
	return nil
}

// fetch fetches up to n rows; last says that there are no more.
func (c *rawConn) fetch(id uint32, n int) (rows int, last bool, failed []byte) {
	c.t.Helper()
	c.command(comFetch, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, id), uint32(n)))
	for {
		p, err := c.tryPacket()
		if err != nil {
			c.t.Fatalf("after %d rows: %v", rows, err)
		}
		switch {
		case p[0] == 0xff:
			return rows, true, append([]byte(nil), p...)
		case p[0] == 0xfe && len(p) < 9:
			return rows, binary.LittleEndian.Uint16(p[3:])&lastRowFlag != 0, nil
		}
		rows++
	}
}

func errorCode(p []byte) int {
	if len(p) < 3 {
		return 0
	}
	return int(binary.LittleEndian.Uint16(p[1:]))
}

// TestCursor fetches rows little by little.
func TestCursor(t *testing.T) {
	h := start(t)
	// What is prepared must be known to go-mysql-server.
	for query, n := range map[string]int{"SELECT i FROM t": 0, "SELECT s FROM t": 1000, "SELECT i, s FROM t": 5000} {
		h.on(query, func(*gsql.Context) (*engine.Result, error) { return (&words{n: n, size: 300}).result(), nil })
	}
	c := h.dial(t)
	for query, want := range map[string]int{"SELECT i FROM t": 0, "SELECT s FROM t": 1000, "SELECT i, s FROM t": 5000, "SELECT i + 1 FROM t": 3} {
		id := c.prepare(query)
		if p := c.openCursor(id); p != nil {
			t.Fatalf("%s: %q", query, p)
		}
		total := 0
		for last := false; !last; {
			var n int
			var failed []byte
			n, last, failed = c.fetch(id, 70)
			if failed != nil {
				t.Fatalf("%s: %q", query, failed)
			}
			if n > 70 {
				t.Errorf("%s: got %d rows at once", query, n)
			}
			total += n
		}
		if total != want {
			t.Errorf("%s: got %d rows, want %d", query, total, want)
		}
		c.command(comClose, binary.LittleEndian.AppendUint32(nil, id))
	}
}

// TestCursorErrors: an error before the first row and one after it reach the
// client, whose connection stays of use.
func TestCursorErrors(t *testing.T) {
	h := start(t)
	outage := &tables.Outage{Store: "hive", Doing: "reading", Err: errors.New("down")}
	for query, n := range map[string]int{"SELECT i FROM t": 0, "SELECT s FROM t": 1000} {
		h.on(query, func(*gsql.Context) (*engine.Result, error) {
			return (&words{n: n, size: 300, fail: outage}).result(), nil
		})
	}
	for _, capabilities := range []uint32{0, deprecateEOF} {
		t.Run(fmt.Sprint(capabilities), func(t *testing.T) { testCursorErrors(t, h.dialWith(t, capabilities)) })
	}
}

func testCursorErrors(t *testing.T, c *rawConn) {
	early := c.prepare("SELECT i FROM t")
	if p := c.openCursor(early); errorCode(p) != 1429 {
		t.Errorf("before the first row: got %q", p)
	}
	late := c.prepare("SELECT s FROM t")
	if p := c.openCursor(late); p != nil {
		t.Fatalf("opening: %q", p)
	}
	for {
		_, last, failed := c.fetch(late, 200)
		if failed != nil {
			if errorCode(failed) != 1429 {
				t.Errorf("after the first row: got %q", failed)
			}
			break
		}
		if last {
			t.Error("the result ended as if it were whole")
			break
		}
	}
	c.command(0x03, []byte("SELECT 1"))
	if n := c.skipResult(); n != 1 {
		t.Errorf("got %d rows, want 1", n)
	}
}

// TestCursorEnds: a closed cursor and a dropped client end the statement.
func TestCursorEnds(t *testing.T) {
	h := start(t)
	last := endless(h)
	h.on("SELECT i FROM t", h.fake["SELECT endless"])
	for _, how := range []string{"close", "drop"} {
		c := h.dial(t)
		id := c.prepare("SELECT i FROM t")
		if p := c.openCursor(id); p != nil {
			t.Fatalf("opening: %q", p)
		}
		c.fetch(id, 25)
		w := last.Load()
		if how == "drop" {
			_ = c.c.Close()
		} else {
			c.command(comClose, binary.LittleEndian.AppendUint32(nil, id))
		}
		eventually(t, time.Second, "closed after "+how, func() bool { return w.closed.Load() == 1 })
	}
}

// TestWrongCommands have MySQL's codes.
func TestWrongCommands(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	c.command(comPrepare, []byte("SELEC 1"))
	if p := c.packet(); errorCode(p) != 1064 {
		t.Errorf("a prepared statement that doesn't parse: got %q", p)
	}
	c.command(comExecute, binary.LittleEndian.AppendUint32(append(binary.LittleEndian.AppendUint32(nil, 99), 0), 1))
	if p := c.packet(); errorCode(p) != 1243 {
		t.Errorf("a statement that wasn't prepared: got %q", p)
	}
	c.command(0x1b, []byte{9, 9}) // COM_SET_OPTION
	if p := c.packet(); errorCode(p) != 1047 {
		t.Errorf("an unknown option: got %q", p)
	}
	c.command(0x12, nil) // COM_BINLOG_DUMP
	if p := c.packet(); errorCode(p) != 1047 {
		t.Errorf("an unknown command: got %q", p)
	}
	c.command(0x09, nil) // COM_STATISTICS
	if p := c.packet(); !bytes.HasPrefix(p, []byte("Uptime: ")) {
		t.Errorf("statistics: got %q", p)
	}
}

// TestPreparedAreFreed: the session forgets the texts of closed statements.
func TestPreparedAreFreed(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	for i := range 200 {
		alias := fmt.Sprintf("t%d", i)
		id := c.prepare("SELECT " + alias + ".i FROM t AS " + alias)
		c.command(comClose, binary.LittleEndian.AppendUint32(nil, id))
	}
	c.prepare("SELECT 1")
	for _, cc := range h.server.conns.all() {
		if n := len(cc.prepared); n > 20 {
			t.Errorf("%d texts are kept", n)
		}
	}
}
