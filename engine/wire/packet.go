package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/mysql"
)

const (
	packetBuffer = 64 << 10 // bytes collected before they are written, and kept for reading
	readBuffer   = 4 << 10
	maxPayload   = mysql.MaxPacketSize // of one packet; a longer payload continues in the next
	headerSize   = 4
)

// packets reads and writes the packets of one connection. A payload that is too
// long for one packet is several; callers see whole payloads only.
//
// It belongs to the connection's goroutine, except writingSince.
type packets struct {
	conn  net.Conn // the client's socket, or TLS over it
	in    *bufio.Reader
	limit int    // of a payload that is read, in bytes
	body  []byte // of the last packet read
	buf   []byte // not yet written; nil when empty
	seq   byte   // sequence number of the next packet, read or written

	// writingSince is when the write under way began, in Unix nanoseconds; 0: none is.
	writingSince atomic.Int64
}

// Errors that make it senseless to go on with a connection.
var (
	errOutOfOrder = mysql.NewSQLError(1156, "08S01", "Got packets out of order")
	errTooLong    = mysql.NewSQLError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes")
)

func newPackets(c net.Conn, limit int) *packets {
	return &packets{conn: c, in: bufio.NewReaderSize(c, readBuffer), limit: limit}
}

// read gives the next payload, which is valid until the next call. begun, if not
// nil, is called when its first byte has come.
func (p *packets) read(begun func()) ([]byte, error) {
	if cap(p.body) > packetBuffer {
		p.body = nil // was a long one's
	}
	p.body = p.body[:0]
	for first := true; ; first = false {
		if first && begun != nil {
			if _, err := p.in.Peek(1); err != nil {
				return nil, err
			}
			begun()
		}
		var h [headerSize]byte
		if _, err := io.ReadFull(p.in, h[:]); err != nil {
			return nil, err
		}
		if h[3] != p.seq {
			return nil, errOutOfOrder
		}
		p.seq++
		n := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
		if len(p.body)+n > p.limit {
			return nil, errTooLong
		}
		if err := p.readBody(n); err != nil {
			return nil, err
		}
		if n < maxPayload {
			return p.body, nil
		}
	}
}

// readBody appends n bytes to the body. Memory is taken as they come, not as they
// are announced.
func (p *packets) readBody(n int) error {
	for n > 0 {
		k := min(n, packetBuffer)
		start := len(p.body)
		p.body = slices.Grow(p.body, k)[:start+k]
		if _, err := io.ReadFull(p.in, p.body[start:]); err != nil {
			return fmt.Errorf("in the middle of a packet: %w", unexpected(err))
		}
		n -= k
	}
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// packetBuffers recycles buffers: an idle connection has none.
var packetBuffers = sync.Pool{New: func() any {
	b := make([]byte, 0, packetBuffer+packetBuffer/4)
	return &b
}}

func (p *packets) acquire() {
	if p.buf == nil {
		p.buf = *packetBuffers.Get().(*[]byte)
	}
}

// flush writes what was collected.
func (p *packets) flush() error {
	if p.buf == nil {
		return nil
	}
	b := p.buf
	p.buf = nil
	var err error
	if len(b) > 0 {
		p.writingSince.Store(time.Now().UnixNano())
		_, err = p.conn.Write(b)
		p.writingSince.Store(0)
	}
	if cap(b) <= 4*packetBuffer { // a huge row's buffer is the collector's
		b = b[:0]
		packetBuffers.Put(&b)
	}
	if err != nil {
		return clientError{err}
	}
	return nil
}

// open begins a packet at the end of the buffer and returns where; its payload is
// appended to buf, and close completes it.
func (p *packets) open() int {
	p.acquire()
	start := len(p.buf)
	p.buf = append(p.buf, 0, 0, 0, 0)
	return start
}

// close completes the packet that open began at start, splits it where it is too
// long for one, and writes the buffer when it is full.
func (p *packets) close(start int) error {
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
	return p.flush()
}

func (p *packets) putHeader(at, n int) {
	h := p.buf[at : at+headerSize]
	h[0], h[1], h[2], h[3] = byte(n), byte(n>>8), byte(n>>16), p.seq
	p.seq++
}

// write writes a whole payload.
func (p *packets) write(payload ...byte) error {
	start := p.open()
	p.buf = append(p.buf, payload...)
	return p.close(start)
}

// error writes an error packet.
func (p *packets) error(e *mysql.SQLError) error {
	const longest = 512 // MYSQL_ERRMSG_SIZE
	text := e.Message
	if len(text) > longest {
		text = validPrefix(text, longest)
	}
	start := p.open()
	p.buf = append(p.buf, mysql.ErrPacket, byte(e.Num), byte(e.Num>>8), '#')
	p.buf = append(p.buf, (e.State + "HY000")[:5]...)
	p.buf = append(p.buf, text...)
	return p.close(start)
}

// validPrefix is at most n bytes of s that end with a whole character.
func validPrefix(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// clientError wraps a failure to write to the client: there is nobody left to
// tell.
type clientError struct{ error }

func (e clientError) Unwrap() error { return e.error }
