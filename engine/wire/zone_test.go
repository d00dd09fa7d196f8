package wire

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"

	"gridgate/engine"
	"gridgate/tables"
)

// instants give rows of an instant and of the same time of a wall clock, in
// batches or as rows of go-mysql-server.
type instants struct {
	at    []int64
	given int
}

var instantsSchema = gsql.Schema{
	{Name: "ts", Type: types.MustCreateDatetimeType(sqltypes.Timestamp, 3)},
	{Name: "dt", Type: types.MustCreateDatetimeType(sqltypes.Datetime, 3)},
}

func newInstants() *instants {
	i := &instants{}
	for _, s := range []string{"2026-03-29 00:59:59.999", "2026-03-29 01:00:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00"} {
		i.at = append(i.at, sampleTime(s).UnixMicro())
	}
	return i
}

// shown are the rows as a client in the zone reads them.
func shown(zone string) []string {
	of := map[string][]string{
		"+00:00":            {"2026-03-29 00:59:59.999", "2026-03-29 01:00:00.000", "2026-10-25 00:30:00.000", "2026-10-25 01:30:00.000"},
		"-05:30":            {"2026-03-28 19:29:59.999", "2026-03-28 19:30:00.000", "2026-10-24 19:00:00.000", "2026-10-24 20:00:00.000"},
		"Europe/Copenhagen": {"2026-03-29 01:59:59.999", "2026-03-29 03:00:00.000", "2026-10-25 02:30:00.000", "2026-10-25 02:30:00.000"},
	}
	var rows []string
	for i, ts := range of[zone] {
		rows = append(rows, ts+" "+of["+00:00"][i])
	}
	return rows
}

// Next implements sql.RowIter.
func (i *instants) Next(*gsql.Context) (gsql.Row, error) {
	if i.given == len(i.at) {
		return nil, io.EOF
	}
	i.given++
	at := time.UnixMicro(i.at[i.given-1]).UTC()
	return gsql.Row{at, at}, nil
}

// NextBatch implements engine.BatchSource.
func (i *instants) NextBatch(_ *gsql.Context, b *tables.Batch) error {
	if i.given == len(i.at) {
		return io.EOF
	}
	*b = tables.Batch{N: len(i.at), Cols: []tables.Vector{
		tables.NewVector(tables.Timestamp(3), len(i.at)), tables.NewVector(tables.Datetime(3), len(i.at)),
	}}
	copy(b.Cols[0].Ints, i.at)
	copy(b.Cols[1].Ints, i.at)
	i.given = len(i.at)
	return nil
}

// Close implements sql.RowIter.
func (*instants) Close(*gsql.Context) error { return nil }

// What go-mysql-server is asked to prepare; the answers are ours.
const (
	instantRows    = "SELECT i, s FROM t"
	instantBatches = "SELECT s, i FROM t"
)

func startInstants(t *testing.T) *harness {
	h := start(t)
	h.on(instantRows, func(*gsql.Context) (*engine.Result, error) {
		return &engine.Result{Schema: instantsSchema, Iter: newInstants()}, nil
	})
	h.on(instantBatches, func(*gsql.Context) (*engine.Result, error) {
		i := newInstants()
		return &engine.Result{Schema: instantsSchema, Iter: i, Batches: i}, nil
	})
	return h
}

// TestSessionZone: TIMESTAMP columns, and they only, are shown in the session's
// zone, in both protocols, from rows and from batches; each statement in the zone
// that its session has then.
func TestSessionZone(t *testing.T) {
	h := startInstants(t)
	c, _ := h.conn(h.open(""))
	ctx := context.Background()
	for _, query := range []string{instantRows, instantBatches} {
		prepared, err := c.PrepareContext(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		defer prepared.Close()
		for _, zone := range []string{"+00:00", "-05:30", "Europe/Copenhagen", "+00:00"} {
			if _, err := c.ExecContext(ctx, "SET time_zone = '"+zone+"'"); err != nil {
				t.Fatal(err)
			}
			for protocol, run := range map[string]func() (*sql.Rows, error){
				"text":   func() (*sql.Rows, error) { return c.QueryContext(ctx, query) },
				"binary": func() (*sql.Rows, error) { return prepared.QueryContext(ctx) },
			} {
				rows, err := readAll(run())
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range rows {
					got = append(got, strings.Join(r, " "))
				}
				if want := shown(zone); !slices.Equal(got, want) {
					t.Errorf("%s, %s, %s: got %q, want %q", query, zone, protocol, got, want)
				}
			}
		}
	}
}

// TestCursorZone: a cursor's rows are shown in the zone that its session had when
// it was opened.
func TestCursorZone(t *testing.T) {
	h := startInstants(t)
	for _, query := range []string{instantRows, instantBatches} {
		c := h.dial(t)
		c.command(3, []byte("SET time_zone = 'Europe/Copenhagen'"))
		c.packet()
		id := c.prepare(query)
		if failed := c.openCursor(id); failed != nil {
			t.Fatalf("%q", failed)
		}
		c.command(3, []byte("SET time_zone = '-05:30'"))
		c.packet()
		var got []string
		c.command(comFetch, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, id), 100))
		for p := c.packet(); p[0] != 0xfe; p = c.packet() {
			if p[0] == 0xff {
				t.Fatalf("%q", p)
			}
			p = p[2:] // the header, and the bits of NULLs
			var row []string
			for len(p) > 0 {
				n := int(p[0])
				row = append(row, binaryTime(p[1:1+n]))
				p = p[1+n:]
			}
			got = append(got, strings.Join(row, " "))
		}
		if want := shown("Europe/Copenhagen"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// binaryTime reads a DATETIME(3) of the binary protocol.
func binaryTime(p []byte) string {
	p = append(append([]byte{}, p...), make([]byte, 11-len(p))...)
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d.%03d", binary.LittleEndian.Uint16(p), p[2], p[3], p[4], p[5], p[6], binary.LittleEndian.Uint32(p[7:])/1000)
}
