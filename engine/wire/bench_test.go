package wire

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	gsql "github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/tables"
)

// benchRows is how many rows a benchmark's statement gives.
const benchRows = 1_000_000

// repeated gives the same batch again and again, so that a benchmark measures
// the writer.
type repeated struct {
	words
	batch tables.Batch
	left  int
}

// NextBatch implements engine.BatchSource.
func (r *repeated) NextBatch(_ *gsql.Context, b *tables.Batch) error {
	if r.left <= 0 {
		return io.EOF
	}
	r.left -= r.batch.N
	*b = r.batch
	return nil
}

// rowWords gives words as go-mysql-server's rows.
type rowWords struct{ left int }

// Next implements sql.RowIter.
func (r *rowWords) Next(*gsql.Context) (gsql.Row, error) {
	if r.left <= 0 {
		return nil, io.EOF
	}
	r.left--
	return gsql.Row{"books/moby-dick.txt", int64(r.left) * 61, int32(r.left % 12), someWords[r.left%len(someWords)]}, nil
}

// Close implements sql.RowIter.
func (r *rowWords) Close(*gsql.Context) error { return nil }

func serveBench(b *testing.B) *harness {
	h := start(b)
	batch := wordBatch(0, 2000)
	h.on("SELECT words", func(*gsql.Context) (*engine.Result, error) {
		src := &repeated{batch: batch, left: benchRows}
		return &engine.Result{Schema: wordsSchema, Iter: src, Batches: src}, nil
	})
	h.on("SELECT rows", func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: wordsSchema, Iter: &rowWords{left: benchRows}}, nil
	})
	return h
}

func report(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStreamBatches reads a million rows of words with
// go-sql-driver/mysql.
func BenchmarkStreamBatches(b *testing.B) {
	h := serveBench(b)
	for _, protocol := range []string{"text", "prepared"} {
		b.Run(protocol, func(b *testing.B) { benchDriver(b, h, "SELECT words", protocol == "prepared") })
	}
	b.Run("discard", func(b *testing.B) { benchDiscard(b, h, "SELECT words") })
	b.Run("mariadb", func(b *testing.B) { benchCLI(b, h, "SELECT words") })
}

// BenchmarkStreamRows is the same by way of go-mysql-server's rows.
func BenchmarkStreamRows(b *testing.B) {
	h := serveBench(b)
	b.Run("text", func(b *testing.B) { benchDriver(b, h, "SELECT rows", false) })
	b.Run("discard", func(b *testing.B) { benchDiscard(b, h, "SELECT rows") })
}

func benchDriver(b *testing.B, h *harness, query string, prepared bool) {
	db := h.open("")
	var path, word sql.RawBytes
	var offset, pos int64
	b.ResetTimer()
	for range b.N {
		n := 0
		q := db.QueryContext
		if prepared {
			h.on("SELECT s FROM t WHERE i > ?", h.fake[query])
			query = "SELECT s FROM t WHERE i > ?"
		}
		var args []any
		if prepared {
			args = []any{0}
		}
		rows, err := q(context.Background(), query, args...)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if err := rows.Scan(&path, &offset, &pos, &word); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := rows.Err(); err != nil || n != benchRows {
			b.Fatal(n, err)
		}
	}
	report(b)
}

// benchDiscard reads packets and looks at nothing: what the server can give.
func benchDiscard(b *testing.B, h *harness, query string) {
	c := h.dial(b)
	b.ResetTimer()
	for range b.N {
		c.command(0x03, []byte(query))
		c.skipResult()
	}
	report(b)
}

func benchCLI(b *testing.B, h *harness, query string) {
	if _, err := exec.LookPath("mariadb"); err != nil {
		b.Skip("the mariadb client isn't installed")
	}
	host, port, _ := net.SplitHostPort(h.addr)
	for range b.N {
		cmd := exec.Command("mariadb", "--no-defaults", "-h", host, "-P", port, "-u", "root", "--skip-ssl", "--quick", "--batch", "-e", query)
		cmd.Stdout = io.Discard
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			b.Fatal(err, stderr.String())
		}
	}
	report(b)
}

// heap is the memory in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// rawConn is a client that speaks the protocol by hand.
type rawConn struct {
	t   testing.TB
	c   net.Conn
	r   *bufio.Reader
	buf []byte
	seq byte
}

// dial logs in as root.
func (h *harness) dial(t testing.TB) *rawConn {
	t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	rc := &rawConn{t: t, c: c, r: bufio.NewReaderSize(c, 256<<10)}
	rc.packet() // the greeting
	const flags = 1<<0 | 1<<3 | 1<<9 | 1<<13 | 1<<15 | 1<<19 | 1<<24
	p := binary.LittleEndian.AppendUint32(nil, flags)
	p = binary.LittleEndian.AppendUint32(p, 1<<24)
	p = append(p, 255)
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
	cols := int(c.packet()[0])
	for range cols {
		c.packet()
	}
	for {
		p := c.packet()
		switch {
		case p[0] == 0xff:
			c.t.Fatalf("%q", p)
		case p[0] == 0xfe && len(p) < 9:
			return rows
		}
		rows++
	}
}
