package wire

import (
	"bytes"
	"net"
	"testing"

	"github.com/dolthub/vitess/go/mysql"
	"pgregory.net/rapid"
)

// sink is a client that only takes.
type sink struct {
	net.Conn
	b bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) { return s.b.Write(p) }

func packet(seq byte, payload ...byte) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), seq}, payload...)
}

// TestPacketsInPieces: however the library cuts its writes, the client gets
// the same packets, numbered on over ours.
func TestPacketsInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sink
		p := &packetConn{Conn: &s}
		before := rapid.IntRange(0, 5).Draw(t, "packets before")
		ours := rapid.IntRange(0, 600).Draw(t, "rows")
		var want []byte
		write := func(b []byte) {
			for len(b) > 0 {
				n := rapid.IntRange(1, len(b)).Draw(t, "piece")
				if _, err := p.Write(b[:n]); err != nil {
					t.Fatal(err)
				}
				b = b[n:]
			}
		}
		seq := byte(1)
		p.cork()
		for range before {
			payload := rapid.SliceOfN(rapid.ByteRange(0, 200), 1, 40).Draw(t, "payload")
			write(packet(seq, payload...))
			want = append(want, packet(seq, payload...)...)
			seq++
		}
		libSeq := seq
		if ours > 0 {
			p.last = seq - 1
			p.beginRows()
			for range ours {
				start := p.openRow()
				p.buf = append(p.buf, 'r')
				if err := p.closeRow(start); err != nil {
					t.Fatal(err)
				}
				want = append(want, packet(seq, 'r')...)
				seq++
			}
		}
		p.finish()
		replaced := rapid.Bool().Draw(t, "replaced")
		if replaced {
			p.replace = mysql.NewSQLError(1317, "70100", "gone")
			want = append(want, packet(seq, []byte("\xff\x25\x05#70100gone")...)...)
		} else {
			want = append(want, packet(seq, 0xfe, 0, 0, 2, 0)...)
		}
		write(packet(libSeq, 0xfe, 0, 0, 2, 0))
		write(packet(1, 0)) // the next command's answer
		want = append(want, packet(1, 0)...)
		if !bytes.Equal(s.b.Bytes(), want) {
			t.Errorf("got\n% x\nwant\n% x", s.b.Bytes(), want)
		}
		if p.buf != nil {
			t.Error("the connection keeps a buffer")
		}
	})
}

// TestLongError cuts a sentence that is too long for MySQL's clients, between
// two characters.
func TestLongError(t *testing.T) {
	var s sink
	p := &packetConn{Conn: &s}
	p.replace = mysql.NewSQLError(1105, "HY000", "%s", "x"+string(bytes.Repeat([]byte("é"), 400)))
	if _, err := p.Write(packet(1, 0)); err != nil {
		t.Fatal(err)
	}
	if got := s.b.Len(); got != 4+9+511 {
		t.Errorf("got %d bytes", got)
	}
}

// TestMend: the library's own errors, long ones included.
func TestMend(t *testing.T) {
	var s sink
	p := &packetConn{Conn: &s}
	long := "unknown error: syntax error at position 9 near '" + string(bytes.Repeat([]byte("x"), 40)) + "'"
	if _, err := p.Write(packet(1, append([]byte("\xff\x51\x04#HY000"), long...)...)); err != nil {
		t.Fatal(err)
	}
	if got := s.b.Bytes(); errorCode(got[4:]) != 1064 || string(got[7:13]) != "#42000" {
		t.Errorf("got %q", got)
	}
}
