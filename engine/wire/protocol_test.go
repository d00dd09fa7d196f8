package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
)

// TestSeveralCursors: rows of several statements are fetched in turns, between other
// statements.
func TestSeveralCursors(t *testing.T) {
	h := start(t)
	for i, query := range []string{"SELECT i FROM t", "SELECT s FROM t", "SELECT i, s FROM t"} {
		h.on(query, func(*gsql.Context) (*engine.Result, error) { return (&words{n: 100 * (i + 1), size: 30}).result(), nil })
	}
	c := h.dial(t)
	left := map[uint32]int{}
	for i, query := range []string{"SELECT i FROM t", "SELECT s FROM t", "SELECT i, s FROM t"} {
		id := c.prepare(query)
		if p := c.openCursor(id); p != nil {
			t.Fatalf("%q", p)
		}
		left[id] = 100 * (i + 1)
	}
	for len(left) > 0 {
		for id := range left {
			n, last, failed := c.fetch(id, 7)
			if failed != nil {
				t.Fatalf("%q", failed)
			}
			if left[id] -= n; last {
				if left[id] != 0 {
					t.Errorf("%d rows are missing", left[id])
				}
				delete(left, id)
			}
			c.command(3, []byte("SET @x = 1"))
			c.packet()
			other := c.prepare("SELECT 5")
			c.command(comClose, binary.LittleEndian.AppendUint32(nil, other))
		}
	}
	for id := range left {
		if _, _, failed := c.fetch(id, 1); errorCode(failed) != 1421 {
			t.Errorf("after the end: %q", failed)
		}
	}
}

// TestKilledCursor: KILL ends the statement of a cursor that nobody fetches from at
// once, and the next fetch says so.
func TestKilledCursor(t *testing.T) {
	h := start(t)
	last := endless(h)
	h.on("SELECT i FROM t", h.fake["SELECT endless"])
	c := h.dial(t)
	id := c.prepare("SELECT i FROM t")
	if p := c.openCursor(id); p != nil {
		t.Fatalf("%q", p)
	}
	c.fetch(id, 5)
	for _, cc := range h.server.conns.all() {
		h.server.conns.kill(cc.id, engine.StopKilled)
	}
	eventually(t, time.Second, "closed", func() bool { return last.Load().closed.Load() == 1 })
	if _, _, failed := c.fetch(id, 5); errorCode(failed) != 1317 {
		t.Errorf("got %q", failed)
	}
	c.command(3, []byte("SELECT 1"))
	if n := c.skipResult(); n != 1 {
		t.Errorf("got %d rows", n)
	}
}

// TestBigPackets: commands and rows beyond what one packet holds.
func TestBigPackets(t *testing.T) {
	h := start(t)
	db := h.open("maxAllowedPacket=0")
	if _, err := db.Exec("SET GLOBAL max_allowed_packet = 67108864"); err != nil {
		t.Log(err)
	}
	long := strings.Repeat("x", 2*maxPayload+5)
	var n int
	if err := db.QueryRow("SELECT LENGTH('" + long + "')").Scan(&n); err != nil || n != len(long) {
		t.Errorf("a long text: %d, %v", n, err)
	}
	if err := db.QueryRow("SELECT LENGTH(?)", long).Scan(&n); err != nil || n != len(long) {
		t.Errorf("a long parameter: %d, %v", n, err)
	}
	var back []byte
	if err := db.QueryRow("SELECT ?", long).Scan(&back); err != nil || !bytes.Equal(back, []byte(long)) {
		t.Errorf("a long row: %d bytes, %v", len(back), err)
	}
	small := start(t, func(c *Config) { c.MaxPacket = 1000 })
	c := small.dial(t)
	c.command(3, []byte("SELECT '"+strings.Repeat("x", 2000)+"'"))
	c.seq = 1
	if p := c.packet(); errorCode(p) != 1153 {
		t.Errorf("one that is too long: %q", p)
	}
}

// TestManyParameters: as many as the protocol can count, and one more.
func TestManyParameters(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	text := func(n int) string { return "SELECT i FROM t WHERE i IN (" + strings.Repeat("?,", n-1) + "?)" }
	c.command(comPrepare, []byte(text(mostParams+1)))
	if p := c.packet(); errorCode(p) != 1390 {
		t.Errorf("one too many: %q", p)
	}
	c.command(comPrepare, []byte(text(mostParams)))
	p := c.packet()
	if p[0] != 0 {
		t.Fatalf("%q", p)
	}
	id := binary.LittleEndian.Uint32(p[1:])
	cols, params := int(binary.LittleEndian.Uint16(p[5:])), int(binary.LittleEndian.Uint16(p[7:]))
	if params != mostParams {
		t.Fatalf("got %d parameters", params)
	}
	for range cols + params {
		c.packet()
	}
	arg := binary.LittleEndian.AppendUint32(append(binary.LittleEndian.AppendUint32(nil, id), 0), 1)
	arg = append(arg, make([]byte, (mostParams+7)/8)...)
	arg = append(arg, 1)
	for range mostParams {
		arg = binary.LittleEndian.AppendUint16(arg, typeLong)
	}
	for i := range mostParams {
		arg = binary.LittleEndian.AppendUint32(arg, uint32(i+2))
	}
	c.command(comExecute, arg)
	if n := c.skipResult(); n != 2 {
		t.Errorf("got %d rows, want 2", n)
	}
}

// TestLongData: values that are sent beforehand, in parts.
func TestLongData(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	c.command(comPrepare, []byte("SELECT CONCAT(?, '|', ?)"))
	p := c.packet()
	id := binary.LittleEndian.Uint32(p[1:])
	for range 3 {
		c.packet()
	}
	part := func(i uint16, s string) {
		c.command(0x18, append(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint32(nil, id), i), s...))
	}
	run := func() []byte {
		arg := binary.LittleEndian.AppendUint32(append(binary.LittleEndian.AppendUint32(nil, id), 0), 1)
		arg = append(arg, 0, 1, typeBlob, 0, 0xfd, 0)
		c.command(comExecute, append(arg, 1, 'z'))
		p := c.packet()
		if p[0] == 0xff {
			return p
		}
		c.packet()
		row := append([]byte{}, c.packet()...)
		c.packet()
		return row
	}
	part(0, "abc")
	part(0, "def")
	if got := run(); string(got[3:]) != "abcdef|z" {
		t.Errorf("got %q", got)
	}
	part(7, "x")
	if got := run(); errorCode(got) != 1210 {
		t.Errorf("a parameter that isn't there: %q", got)
	}
	for range 6 { // more than a connection may keep
		part(0, strings.Repeat("x", DefaultMaxPacket/5))
	}
	for _, cc := range h.server.conns.all() {
		eventually(t, 5*time.Second, "taken", func() bool { return cc.phase.Load() == phaseIdle })
	}
	if got := run(); errorCode(got) != 1301 {
		t.Errorf("too much: %.40q", got)
	}
	part(0, "abc")
	if got := run(); string(got[3:]) != "abc|z" {
		t.Errorf("after it: got %q", got)
	}
}

// TestOldCommands: what mysqladmin sends.
func TestOldCommands(t *testing.T) {
	h := start(t)
	c, other := h.dial(t), h.dial(t)
	c.command(0x0a, nil) // COM_PROCESS_INFO
	if n := c.skipResult(); n != 2 {
		t.Errorf("got %d processes, want 2", n)
	}
	var id uint32
	for _, cc := range h.server.conns.all() {
		id = max(id, cc.id)
	}
	c.command(0x0c, binary.LittleEndian.AppendUint32(nil, id)) // COM_PROCESS_KILL
	if p := c.packet(); p[0] != 0 {
		t.Errorf("COM_PROCESS_KILL: %q", p)
	}
	if _, err := other.tryPacket(); err == nil {
		t.Error("the connection lives")
	}
	c.command(0x0d, nil) // COM_DEBUG
	if p := c.packet(); p[0] != 0xfe {
		t.Errorf("COM_DEBUG: %q", p)
	}
}

// TestClientCharacterSet: statements and parameters come in the client's character
// set, from the handshake on.
func TestClientCharacterSet(t *testing.T) {
	h := start(t)
	for _, charset := range []string{"latin1", "utf8mb3", "utf8mb4"} {
		db := h.open("charset=" + charset)
		c, _ := h.conn(db)
		text := "gr\u00fcn"
		sent := text
		if charset == "latin1" {
			sent = "gr\xfcn"
		}
		for _, q := range []struct {
			text string
			args []any
		}{{"SELECT CHAR_LENGTH('" + sent + "'), '" + sent + "'", nil}, {"SELECT CHAR_LENGTH(?), ?", []any{sent, sent}}} {
			var n int
			var back string
			if err := c.QueryRowContext(context.Background(), q.text, q.args...).Scan(&n, &back); err != nil || n != 4 || back != sent {
				t.Errorf("%s: %d, %q, %v", charset, n, back, err)
			}
		}
	}
	c := h.dialCollation(t, 8) // latin1_swedish_ci
	c.command(3, []byte("SELECT CHAR_LENGTH('gr\xfcn'), @@character_set_client"))
	c.packet()
	c.packet()
	c.packet()
	if p := c.packet(); string(p) != "\x014\x06latin1" {
		t.Errorf("by the handshake: %q", p)
	}
	c.packet()
	c.command(3, []byte("SET NAMES utf8mb4"))
	c.packet()
	c.command(3, []byte(fmt.Sprintf("SELECT CHAR_LENGTH('%s')", "gr\u00fcn")))
	c.packet()
	c.packet()
	if p := c.packet(); string(p) != "\x014" {
		t.Errorf("after SET NAMES: %q", p)
	}
}
