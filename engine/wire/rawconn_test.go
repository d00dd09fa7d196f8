package wire

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// rawConn is a client that speaks the protocol by hand.
type rawConn struct {
	t   testing.TB
	c   net.Conn
	r   *bufio.Reader
	buf []byte
	seq byte
	old bool // an EOF packet follows the description of a result's columns
}

// deprecateEOF is CLIENT_DEPRECATE_EOF.
const deprecateEOF = 1 << 24

// dial logs in as root.
func (h *harness) dial(t testing.TB) *rawConn { return h.dialWith(t, deprecateEOF) }

// dialWith logs in as root with more capabilities.
func (h *harness) dialWith(t testing.TB, more uint32) *rawConn { return h.login(t, more, 255) }

// dialCollation logs in as root with a collation.
func (h *harness) dialCollation(t testing.TB, collation byte) *rawConn {
	return h.login(t, deprecateEOF, collation)
}

func (h *harness) login(t testing.TB, more uint32, collation byte) *rawConn {
	t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	rc := &rawConn{t: t, c: c, r: bufio.NewReaderSize(c, 256<<10)}
	rc.packet() // the greeting
	rc.old = more&deprecateEOF == 0
	const flags = 1<<0 | 1<<3 | 1<<9 | 1<<13 | 1<<15 | 1<<19
	p := binary.LittleEndian.AppendUint32(nil, flags|more)
	p = binary.LittleEndian.AppendUint32(p, 1<<24)
	p = append(p, collation)
	p = append(p, make([]byte, 23)...)
	p = append(p, "root\x00"...)
	p = append(p, 0)
	p = append(p, "mem\x00mysql_native_password\x00"...)
	rc.write(p)
	for {
		switch p := rc.packet(); p[0] {
		case 0:
			return rc
		case 0xff:
			t.Fatalf("login: %q", p)
		case 0xfe:
			rc.write(nil)
		}
	}
}

func (c *rawConn) write(p []byte) {
	h := []byte{byte(len(p)), byte(len(p) >> 8), byte(len(p) >> 16), c.seq}
	if _, err := c.c.Write(append(h, p...)); err != nil {
		c.t.Fatal(err)
	}
	c.seq++
}

func (c *rawConn) command(cmd byte, arg []byte) {
	c.seq = 0
	c.write(append([]byte{cmd}, arg...))
}

// packet reads a packet, whose sequence number must be the next.
func (c *rawConn) packet() []byte {
	c.t.Helper()
	p, err := c.tryPacket()
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *rawConn) tryPacket() ([]byte, error) {
	var h [4]byte
	if _, err := io.ReadFull(c.r, h[:]); err != nil {
		return nil, err
	}
	if h[3] != c.seq {
		c.t.Fatalf("packet %d came as number %d", c.seq, h[3])
	}
	c.seq++
	n := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
	if cap(c.buf) < n {
		c.buf = make([]byte, n)
	}
	c.buf = c.buf[:n]
	_, err := io.ReadFull(c.r, c.buf)
	return c.buf, err
}

// skipResult reads a result set of the text protocol up to its end.
func (c *rawConn) skipResult() (rows int) {
	c.t.Helper()
	rows, failed := c.readResult()
	if failed != nil {
		c.t.Fatalf("%q", failed)
	}
	return rows
}

// readResult counts the rows of a result set of the text protocol; failed is
// the error packet that ends it.
func (c *rawConn) readResult() (rows int, failed []byte) {
	c.t.Helper()
	p := c.packet()
	if p[0] == 0xff {
		return 0, p
	}
	cols := int(p[0])
	if c.old {
		cols++
	}
	for range cols {
		c.packet()
	}
	for {
		p := c.packet()
		switch {
		case p[0] == 0xff:
			return rows, p
		case p[0] == 0xfe && len(p) < 9:
			return rows, nil
		}
		rows++
	}
}
