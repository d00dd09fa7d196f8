package wire

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/tables"
)

// TestFlatMemory streams millions of rows and looks at the heap on the way.
func TestFlatMemory(t *testing.T) {
	h := start(t)
	const rows = 2_000_000
	batch := wordBatch(0, 1000)
	h.on("SELECT batches", func(*gsql.Context) (*engine.Result, error) {
		src := &repeated{batch: batch, left: rows}
		return &engine.Result{Schema: wordsSchema, Iter: src, Batches: src}, nil
	})
	h.on("SELECT rows", func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: wordsSchema, Iter: &rowWords{left: rows}}, nil
	})
	c := h.dial(t)
	for _, query := range []string{"SELECT batches", "SELECT rows"} {
		var low, high uint64
		c.command(0x03, []byte(query))
		for range c.packet()[0] {
			c.packet()
		}
		n := 0
		for p := c.packet(); p[0] != 0xfe; p = c.packet() {
			if n++; n%(rows/8) == 0 {
				use := heap()
				if low == 0 {
					low, high = use, use
				}
				low, high = min(low, use), max(high, use)
			}
		}
		if n != rows {
			t.Errorf("%s: got %d rows", query, n)
		}
		t.Logf("%s: between %d and %d KiB of heap are in use", query, low>>10, high>>10)
		if high > low+8<<20 {
			t.Errorf("%s: the heap grew from %d to %d KiB", query, low>>10, high>>10)
		}
	}
}

// TestLongRows: values around the sizes at which the protocol changes form,
// and rows that need several packets.
func TestLongRows(t *testing.T) {
	if testing.Short() {
		t.Skip("moves 100 MB")
	}
	h := start(t)
	long := strings.Repeat("0123456789abcdef", (2*maxPayload+100)/16)
	lengths := []int{250, 251, 65535, 65536, packetBuffer - 4, packetBuffer, maxPayload - 20, maxPayload - 5, maxPayload - 4, maxPayload - 1, maxPayload, 2 * maxPayload, 2*maxPayload - 9}
	h.on("SELECT long", func(*gsql.Context) (*engine.Result, error) {
		src := &lengthsSource{long: long, lengths: lengths}
		return &engine.Result{Schema: wordsSchema[3:], Iter: src, Batches: src}, nil
	})
	c, _ := h.conn(h.open("maxAllowedPacket=100000000"))
	rows, err := c.QueryContext(context.Background(), "SELECT long")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for i := 0; rows.Next(); i++ {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		if s != long[:lengths[i]] {
			t.Errorf("row %d: got %d bytes, want %d, or others", i, len(s), lengths[i])
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	if err := c.PingContext(context.Background()); err != nil {
		t.Error(err)
	}
}

// lengthsSource gives one row for each length.
type lengthsSource struct {
	words
	long    string
	lengths []int
	next    int
}

// NextBatch implements engine.BatchSource.
func (s *lengthsSource) NextBatch(_ *gsql.Context, b *tables.Batch) error {
	if s.next == len(s.lengths) {
		return io.EOF
	}
	*b = tables.Batch{N: 1, Cols: []tables.Vector{tables.NewVector(tables.Text, 1)}}
	b.Cols[0].Strings[0] = s.long[:s.lengths[s.next]]
	s.next++
	return nil
}

// TestMariaDBClient reads with the mariadb command line client.
func TestMariaDBClient(t *testing.T) {
	if _, err := exec.LookPath("mariadb"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the mariadb client isn't installed (Debian's mariadb-client)")
		}
		t.Skip("skipped: the mariadb client isn't installed (Debian's mariadb-client)")
	}
	h := start(t, func(c *Config) { c.MaxConnections = 1 })
	h.on("SELECT words", func(*gsql.Context) (*engine.Result, error) { return (&words{n: 1000, size: 300}).result(), nil })
	h.on("SELECT bad", func(*gsql.Context) (*engine.Result, error) {
		return (&words{n: 1000, size: 300, fail: &tables.Outage{Store: "hive", Doing: "reading", Err: io.EOF}}).result(), nil
	})
	host, port, _ := net.SplitHostPort(h.addr)
	run := func(query string) string {
		out, _ := exec.Command("mariadb", "--no-defaults", "-h", host, "-P", port, "-u", "root", "--skip-ssl", "--quick", "--batch", "-e", query, "mem").CombinedOutput()
		return string(out)
	}
	cli := func(query string) string {
		h.untilNoConnections() // one is allowed, and the last one's end takes its time
		return run(query)
	}
	if got := strings.Count(cli("SELECT words"), "\n"); got != 1001 {
		t.Errorf("got %d lines", got)
	}
	if got := cli("SELECT * FROM t; SELECT 1 AS one"); got != "i\ts\n1\tone\n2\tNULL\n3\tthree\none\n1\n" {
		t.Errorf("got %q", got)
	}
	if got := cli("PREPARE p FROM 'SELECT ? + 1 AS n'; SET @a = 4; EXECUTE p USING @a"); got != "n\n5\n" {
		t.Errorf("PREPARE as text: got %q", got)
	}
	if got := cli("SELECT bad"); !strings.Contains(got, "ERROR 1429 (HY000)") {
		t.Errorf("got %.200q", got)
	}
	h.untilNoConnections()
	_ = h.dial(t)
	if got := run("SELECT 1"); !strings.Contains(got, "ERROR 1040") || strings.Contains(got, "#") {
		t.Errorf("one too many: got %q", got)
	}
}

// untilNoConnections waits until the server has none.
func (h *harness) untilNoConnections() {
	h.t.Helper()
	l := h.server.listener
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		l.mu.Lock()
		n := len(l.open)
		l.mu.Unlock()
		if n == 0 {
			return
		}
	}
	h.t.Fatal("there are connections after 5 s")
}

// TestTLS streams, fails and drops over TLS.
func TestTLS(t *testing.T) {
	h := start(t, func(c *Config) { c.TLS = selfSigned(t); c.RequireTLS = true })
	last := endless(h)
	h.on("SELECT bad", func(*gsql.Context) (*engine.Result, error) {
		return (&words{n: 5000, size: 300, fail: &tables.Outage{Store: "hive", Doing: "reading", Err: io.EOF}}).result(), nil
	})
	db := h.open("tls=skip-verify")
	c, id := h.conn(db)
	n, err := drain(c.QueryContext(context.Background(), "SELECT bad"))
	if wantCode(t, err, 1429, "HY000"); n != 5000 {
		t.Errorf("got %d rows", n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, _ = drain(c.QueryContext(ctx, "SELECT stalled")) // the driver closes the connection
	closedSoon(t, last.Load())
	c, id = h.conn(db)
	time.AfterFunc(50*time.Millisecond, func() { _, _ = db.Exec(fmt.Sprintf("KILL QUERY %d", id)) })
	_, err = drain(c.QueryContext(context.Background(), "SELECT endless"))
	wantCode(t, err, 1317, "70100")
}

func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
