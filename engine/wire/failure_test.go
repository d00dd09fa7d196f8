package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	gsql "github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/tables"
)

// TestErrors: a store's error comes with its code before and after the first
// row.
func TestErrors(t *testing.T) {
	h := start(t)
	outage := &tables.Outage{Store: "hive", Doing: "reading words", Err: errors.New("connection refused")}
	for query, n := range map[string]int{"SELECT early": 0, "SELECT late": 5000} {
		h.on(query, func(*gsql.Context) (*engine.Result, error) {
			return (&words{n: n, size: 1000, fail: outage}).result(), nil
		})
	}
	h.on("SELECT refused", func(*gsql.Context) (*engine.Result, error) { return nil, fmt.Errorf("planning: %w", outage) })
	db := h.open("")
	c, _ := h.conn(db)
	for query, want := range map[string]int{"SELECT refused": 0, "SELECT early": 0, "SELECT late": 5000} {
		n, err := drain(c.QueryContext(context.Background(), query))
		wantCode(t, err, 1429, "HY000")
		if n != want {
			t.Errorf("%s: got %d rows, want %d", query, n, want)
		}
		if err := c.PingContext(context.Background()); err != nil {
			t.Errorf("%s: the connection is of no use any more: %v", query, err)
		}
	}
}

// TestErrorsBothEnds is TestErrors for clients with and without an EOF packet
// after the description of a result.
func TestErrorsBothEnds(t *testing.T) {
	h := start(t)
	for query, n := range map[string]int{"SELECT early": 0, "SELECT few": 2, "SELECT many": 5000} {
		h.on(query, func(*gsql.Context) (*engine.Result, error) {
			return (&words{n: n, size: 1000, fail: &tables.Outage{Store: "hive", Doing: "reading", Err: errors.New("down")}}).result(), nil
		})
	}
	for _, capabilities := range []uint32{0, deprecateEOF} {
		c := h.dialWith(t, capabilities)
		for query, want := range map[string]int{"SELECT early": 0, "SELECT few": 2, "SELECT many": 5000} {
			c.command(0x03, []byte(query))
			if n, failed := c.readResult(); n != want || errorCode(failed) != 1429 {
				t.Errorf("%s: got %d rows and %q", query, n, failed)
			}
			c.command(0x03, []byte("SELECT * FROM t"))
			if n := c.skipResult(); n != 3 {
				t.Errorf("after it: got %d rows", n)
			}
		}
	}
}

// panicky panics wherever it is used.
type panicky struct{ words }

func (p *panicky) Next(*gsql.Context) (gsql.Row, error) { panic("secret") }

// TestPanics: the client learns of an internal error, the log has the stack,
// and the server lives.
func TestPanics(t *testing.T) {
	h := start(t)
	h.on("SELECT plan", func(*gsql.Context) (*engine.Result, error) { panic("secret") })
	h.on("SELECT rows", func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: wordsSchema, Iter: &panicky{}}, nil
	})
	h.on("SELECT later rows", func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: wordsSchema, Iter: &panicAfter{n: 1000}}, nil
	})
	h.on("SELECT wrong type", func(*gsql.Context) (*engine.Result, error) {
		w := &words{n: 10, size: 10}
		return &engine.Result{Schema: wordsSchema, Iter: w, Batches: broken{}}, nil
	})
	db := h.open("")
	c, _ := h.conn(db)
	for _, query := range []string{"SELECT plan", "SELECT rows", "SELECT later rows", "SELECT wrong type"} {
		_, err := drain(c.QueryContext(context.Background(), query))
		wantCode(t, err, 1105, "HY000")
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), ".go")) {
			t.Errorf("%s: the client was told %q", query, err)
		}
		if err := c.PingContext(context.Background()); err != nil {
			t.Errorf("%s: the connection is of no use any more: %v", query, err)
		}
	}
	if log := h.log.String(); !strings.Contains(log, "secret") || !strings.Contains(log, "failure_test.go") {
		t.Error("the log has no stack")
	}
}

type panicAfter struct{ n int }

func (p *panicAfter) Next(*gsql.Context) (gsql.Row, error) {
	if p.n--; p.n < 0 {
		panic("secret")
	}
	return gsql.Row{"a", int64(1), int32(2), "b"}, nil
}

func (p *panicAfter) Close(*gsql.Context) error { return nil }

// broken gives a batch whose vectors are too short.
type broken struct{}

func (broken) NextBatch(_ *gsql.Context, b *tables.Batch) error {
	*b = wordBatch(0, 3)
	b.N = 5
	return nil
}
