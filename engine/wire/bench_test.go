package wire

import (
	"database/sql"
	"io"
	"net"
	"os"
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
	give := func(*gsql.Context) (*engine.Result, error) {
		src := &repeated{batch: batch, left: benchRows}
		return &engine.Result{Schema: wordsSchema, Iter: src, Batches: src}, nil
	}
	h.on("SELECT words", give)
	h.on("SELECT s FROM t WHERE i >= ?", give) // prepared by go-mysql-server, which must know it
	h.on("SELECT rows", func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: wordsSchema, Iter: &rowWords{left: benchRows}}, nil
	})
	return h
}

// BenchmarkMariaDB reads the same rows from a MariaDB that compare.sh has
// started.
func BenchmarkMariaDB(b *testing.B) {
	addr := os.Getenv("WIRE_BENCH_MARIADB")
	if addr == "" {
		b.Skip("compare.sh runs this")
	}
	db, err := sql.Open("mysql", "root@tcp("+addr+")/mem")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	b.Run("text", func(b *testing.B) { readWords(b, db, "SELECT * FROM words") })
	b.Run("prepared", func(b *testing.B) { readWords(b, db, "SELECT * FROM words WHERE pos >= ?", 0) })
	b.Run("mariadb", func(b *testing.B) { benchCLI(b, addr, "SELECT * FROM mem.words") })
}

func report(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStreamBatches reads a million rows of words with
// go-sql-driver/mysql.
func BenchmarkStreamBatches(b *testing.B) {
	h := serveBench(b)
	b.Run("text", func(b *testing.B) { readWords(b, h.open(""), "SELECT words") })
	b.Run("prepared", func(b *testing.B) { readWords(b, h.open(""), "SELECT s FROM t WHERE i >= ?", 0) })
	b.Run("discard", func(b *testing.B) { benchDiscard(b, h, "SELECT words") })
	b.Run("mariadb", func(b *testing.B) { benchCLI(b, h.addr, "SELECT words") })
}

// BenchmarkStreamRows is the same by way of go-mysql-server's rows.
func BenchmarkStreamRows(b *testing.B) {
	h := serveBench(b)
	b.Run("text", func(b *testing.B) { readWords(b, h.open(""), "SELECT rows") })
	b.Run("discard", func(b *testing.B) { benchDiscard(b, h, "SELECT rows") })
}

// BenchmarkPoint reads one row at a time.
func BenchmarkPoint(b *testing.B) {
	h := start(b)
	h.on("SELECT word", func(*gsql.Context) (*engine.Result, error) { return (&words{n: 1, size: 10}).result(), nil })
	c := h.dial(b)
	b.ResetTimer()
	for range b.N {
		c.command(0x03, []byte("SELECT word"))
		c.skipResult()
	}
}

// readWords reads a result of words with go-sql-driver/mysql.
func readWords(b *testing.B, db *sql.DB, query string, args ...any) {
	var path, word sql.RawBytes
	var offset, pos int64
	b.ResetTimer()
	for range b.N {
		n := 0
		rows, err := db.Query(query, args...)
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

func benchCLI(b *testing.B, addr, query string) {
	if _, err := exec.LookPath("mariadb"); err != nil {
		b.Skip("the mariadb client isn't installed")
	}
	host, port, _ := net.SplitHostPort(addr)
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
