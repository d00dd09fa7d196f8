package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"pgregory.net/rapid"
)

// pipe is a client that only takes, or only sends.
type pipe struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (p *pipe) Write(b []byte) (int, error) { return p.out.Write(b) }

func (p *pipe) Read(b []byte) (int, error) { return p.in.Read(b) }

// TestPacketsBothWays: what was written is what is read, however long, and comes in
// pieces of any size.
func TestPacketsBothWays(t *testing.T) {
	long := []int{maxPayload - 1, maxPayload, 1, maxPayload + 1, 2*maxPayload - 1, 2 * maxPayload, 2*maxPayload + 1}
	bothWays(t, long, 1<<20)
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 3*packetBuffer)), 1, 9).Draw(t, "sizes")
		bothWays(t, sizes, rapid.SampledFrom([]int{1, 1000, 4093, 1 << 20}).Draw(t, "piece"))
	})
}

func bothWays(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}, sizes []int, piece int) {
	var client pipe
	w := newPackets(&client, 0)
	for i, n := range sizes {
		start := w.open()
		w.buf = append(w.buf, bytes.Repeat([]byte{byte('a' + i)}, n)...)
		if err := w.close(start); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	r := newPackets(&pipe{in: &oddReader{r: &client.out, n: piece}}, 3*maxPayload)
	for i, n := range sizes {
		p, err := r.read(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(p) != n || bytes.Count(p, []byte{byte('a' + i)}) != n {
			t.Fatalf("packet %d has %d bytes, want %d", i, len(p), n)
		}
	}
	if r.seq != w.seq {
		t.Errorf("the next number is %d for the reader, %d for the writer", r.seq, w.seq)
	}
	if _, err := r.read(nil); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
}

// oddReader gives at most n bytes at once.
type oddReader struct {
	r io.Reader
	n int
}

func (o *oddReader) Read(b []byte) (int, error) { return o.r.Read(b[:min(o.n, len(b))]) }

// TestBadPackets: a client that sends rubbish gets an error, and costs no more memory
// than it sends.
func TestBadPackets(t *testing.T) {
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"too long":       {[]byte{0xe9, 3, 0, 0}, errTooLong},
		"out of order":   {[]byte{1, 0, 0, 7, 'x'}, errOutOfOrder},
		"half a packet":  {[]byte{100, 0, 0, 0, 'x'}, io.ErrUnexpectedEOF},
		"half a header":  {[]byte{100, 0}, io.ErrUnexpectedEOF},
		"nothing at all": {nil, io.EOF},
	} {
		p := newPackets(&pipe{in: bytes.NewReader(c.sent)}, 1000)
		if _, err := p.read(nil); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	p := newPackets(&pipe{in: io.MultiReader(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0, 'x'}))}, 1<<30)
	if _, err := p.read(nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a long packet that doesn't come: got %v", err)
	}
	if cap(p.body) > 2*packetBuffer {
		t.Errorf("%d bytes are held for one that came", cap(p.body))
	}
}

// TestErrorPacket cuts a long text where a character ends.
func TestErrorPacket(t *testing.T) {
	var client pipe
	p := newPackets(&client, 0)
	long := bytes.Repeat([]byte("\u00e9"), 400)
	if err := p.error(mysql.NewSQLError(1105, "HY000", "%s", long)); err != nil {
		t.Fatal(err)
	}
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	got := client.out.Bytes()
	if len(got) != headerSize+9+512 || !bytes.Equal(got[headerSize+9:], long[:512]) {
		t.Errorf("got %d bytes: %q", len(got), got)
	}
}

// TestPayload reads past the end of what there is.
func TestPayload(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := payload{b: rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")}
		for range rapid.IntRange(0, 12).Draw(t, "reads") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				p.uint8()
			case 1:
				p.uint16()
			case 2:
				p.uint32()
			case 3:
				p.uint64()
			case 4:
				p.bytes()
			case 5:
				_ = p.text()
			case 6:
				p.take(rapid.IntRange(-1, 30).Draw(t, "n"))
			}
		}
	})
}

// TestFailures counts logins by address.
func TestFailures(t *testing.T) {
	f := failures{max: 3, by: map[string]*failure{}}
	now := time.Unix(1_000_000, 0)
	for range 3 {
		if err := f.check("a", now); err != nil {
			t.Error(err)
		}
		f.note("a", false, now)
	}
	if f.check("a", now) == nil || f.check("b", now) != nil {
		t.Error("the wrong one is blocked")
	}
	if err := f.check("a", now.Add(blockedFor)); err != nil {
		t.Error("a minute later: ", err)
	}
	f.note("a", false, now)
	f.note("a", true, now)
	f.note("a", false, now)
	f.note("a", false, now)
	if err := f.check("a", now); err != nil {
		t.Error("a right login between: ", err)
	}
	for i := range mostAddresses + 10 {
		f.note(string(rune(i)), false, now)
	}
	if len(f.by) > mostAddresses {
		t.Errorf("%d addresses are kept", len(f.by))
	}
}
