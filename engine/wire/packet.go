package wire

import (
	"net"
	"sync"

	"github.com/dolthub/vitess/go/mysql"
)

// packetConn stands between the wire library and the socket (or TLS) of a
// client that has logged in, and sees every packet that the library sends. It
// can add packets of its own and replace the library's next one, and keeps the
// sequence numbers right, which the library counts without knowing of either.
//
// It belongs to the connection's goroutine. While a statement runs whose rows
// go out by the library (a cursor), the statement's goroutine may use it as
// long as the other one waits for it.
type packetConn struct {
	net.Conn
	buf  []byte // not yet written; nil when empty
	last byte   // sequence number of the last packet sent

	corked  bool            // hold what is in buf until the command's last packet
	shifted bool            // the library's sequence numbers are no longer ours
	final   bool            // the library's next packet is the command's last
	rows    bool            // the last statement's rows are ours
	replace *mysql.SQLError // goes out in place of the library's next packet

	// Where we are in the library's stream.
	head    [4]byte
	nhead   int
	left    int // bytes of the packet's payload that are still to come
	more    bool
	route   route
	holding []byte // the payload so far, for routeMend
}

// route says what becomes of the payload of the packet that is coming in.
type route uint8

const (
	routeUnknown route = iota // its first byte decides
	routePass
	routeDrop // it was replaced
	routeMend // an error of the library, held until it is whole
)

const (
	packetBuffer = 64 << 10 // bytes collected before they are written
	maxPayload   = mysql.MaxPacketSize
	headerSize   = 4
)

// packetBuffers recycles buffers: an idle connection has none.
var packetBuffers = sync.Pool{New: func() any {
	b := make([]byte, 0, packetBuffer+packetBuffer/4)
	return &b
}}

func (p *packetConn) acquire() {
	if p.buf == nil {
		p.buf = *packetBuffers.Get().(*[]byte)
	}
}

// flush writes what was collected.
func (p *packetConn) flush() error {
	if p.buf == nil {
		return nil
	}
	b := p.buf
	p.buf = nil
	var err error
	if len(b) > 0 {
		_, err = p.Conn.Write(b)
	}
	if cap(b) <= 4*packetBuffer { // a huge row's buffer is the collector's
		b = b[:0]
		packetBuffers.Put(&b)
	}
	return err
}

// Write implements net.Conn for the library's packets.
func (p *packetConn) Write(b []byte) (int, error) {
	p.acquire()
	n := len(b)
	for len(b) > 0 {
		if p.nhead < headerSize {
			k := copy(p.head[p.nhead:], b)
			p.nhead += k
			b = b[k:]
			if p.nhead == headerSize {
				p.beginPacket()
			}
			continue
		}
		if p.route == routeUnknown {
			p.route = routePass
			if b[0] == mysql.ErrPacket {
				p.route = routeMend
			} else {
				p.header(p.left)
			}
		}
		k := min(p.left, len(b))
		switch p.route {
		case routePass:
			p.buf = append(p.buf, b[:k]...)
		case routeMend:
			p.holding = append(p.holding, b[:k]...)
		}
		p.left -= k
		b = b[k:]
		if p.left == 0 {
			p.endPacket()
		}
	}
	// The library writes a packet's header and payload separately where it
	// doesn't buffer: wait for the whole.
	if len(p.buf) >= packetBuffer || (!p.corked && p.nhead == 0) {
		if err := p.flush(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// beginPacket takes note of the header that has come in.
func (p *packetConn) beginPacket() {
	p.left = int(p.head[0]) | int(p.head[1])<<8 | int(p.head[2])<<16
	continues := p.more
	p.more = p.left == maxPayload
	switch {
	case continues: // the rest of a payload that doesn't fit one packet; the route stays
		if p.route == routePass {
			p.header(p.left)
		}
	case p.replace != nil:
		p.route = routeDrop
		p.error(p.replace)
		p.replace = nil
	case p.left == 0:
		p.route = routePass
		p.header(0)
	default:
		p.route = routeUnknown
	}
	if p.left == 0 {
		p.endPacket()
	}
}

func (p *packetConn) endPacket() {
	p.nhead = 0
	if p.more {
		return
	}
	if p.route == routeMend {
		p.error(mend(p.holding))
		p.holding = p.holding[:0]
	}
	if p.final {
		p.final, p.shifted, p.corked = false, false, false
	}
}

// header appends a packet's header.
func (p *packetConn) header(length int) {
	p.last++
	if !p.shifted {
		p.last = p.head[3]
	}
	p.buf = append(p.buf, byte(length), byte(length>>8), byte(length>>16), p.last)
}

// error appends an error packet.
func (p *packetConn) error(e *mysql.SQLError) {
	const longest = 512 // MYSQL_ERRMSG_SIZE
	text := e.Message
	if len(text) > longest {
		text = validPrefix(text, longest)
	}
	p.header(9 + len(text))
	p.buf = append(p.buf, mysql.ErrPacket, byte(e.Num), byte(e.Num>>8), '#')
	p.buf = append(p.buf, (e.State + "HY000")[:5]...)
	p.buf = append(p.buf, text...)
}

// beginRows makes the connection ready for row packets of ours, after the
// library's packets so far. The library's buffer must be flushed into this
// one, which is corked for that, by cork.
func (p *packetConn) beginRows() {
	p.acquire()
	p.shifted, p.rows = true, true
}

// wroteRows reports, once, whether beginRows was called.
func (p *packetConn) wroteRows() bool {
	rows := p.rows
	p.rows = false
	return rows
}

// cork holds what goes out until there is a buffer full, or the packet after
// finish: a small result is one system call.
func (p *packetConn) cork() { p.corked = true }

// finish says that the library's next packet is the last of the command.
func (p *packetConn) finish() { p.final = true }

// finished says that the command's last packet has been written.
func (p *packetConn) finished() error {
	p.final, p.shifted, p.corked = false, false, false
	return p.flush()
}

// openRow begins a row packet at the end of the buffer and returns where.
func (p *packetConn) openRow() int {
	start := len(p.buf)
	p.buf = append(p.buf, 0, 0, 0, 0)
	return start
}

// closeRow completes the packet that openRow began at start, splits it where
// it is too long for one, and writes the buffer when it is full.
func (p *packetConn) closeRow(start int) error {
	n := len(p.buf) - start - headerSize
	for n >= maxPayload {
		p.putHeader(start, maxPayload)
		start += headerSize + maxPayload
		n -= maxPayload
		// Room for the next header: the payload after it moves up.
		p.buf = append(p.buf, 0, 0, 0, 0)
		copy(p.buf[start+headerSize:], p.buf[start:])
	}
	p.putHeader(start, n)
	if len(p.buf) < packetBuffer {
		return nil
	}
	err := p.flush()
	p.acquire()
	return err
}

func (p *packetConn) putHeader(at, n int) {
	p.last++
	h := p.buf[at : at+headerSize]
	h[0], h[1], h[2], h[3] = byte(n), byte(n>>8), byte(n>>16), p.last
}
