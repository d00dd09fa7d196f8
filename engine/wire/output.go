package wire

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"gridgate/engine/semantics"
)

// output takes the rows of a result to the client.
type output interface {
	fields([]*querypb.Field) error
	chunk(*chunk) error
	// idle is called when no rows have come for a while.
	idle() error
}

// newOutput takes the session's time zone as it is now, when the statement begins.
func newOutput(ctx *sql.Context, st *statement, schema sql.Schema, to reply) (output, error) {
	zone, err := semantics.SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	enc := newEncoder(ctx, schema, to.binary && to.direct, zone)
	if to.direct {
		return &directOutput{enc: enc, st: st, to: to}, nil
	}
	return &libraryOutput{enc: enc, st: st, to: to}, nil
}

// directOutput writes rows into the connection's buffer, past the library.
type directOutput struct {
	enc *encoder
	st  *statement
	to  reply
}

func (o *directOutput) fields(f []*querypb.Field) error {
	out := o.st.conn.out
	out.cork()
	if err := o.to.library(&sqltypes.Result{Fields: f}); err != nil {
		return err
	}
	if err := o.st.conn.lib.FlushBuffer(); err != nil {
		return err
	}
	out.beginRows()
	return nil
}

func (o *directOutput) chunk(c *chunk) error {
	out := o.st.conn.out
	open := -1 // where the row begins that isn't whole yet
	defer func() {
		// Also after a panic: what follows must not follow half a row.
		if open >= 0 {
			out.buf = out.buf[:open]
		}
	}()
	n := c.len()
	for i := range n {
		start := out.openRow()
		open = start
		buf, err := o.enc.appendChunkRow(out.buf, c, i)
		if err != nil {
			return err
		}
		open = -1
		out.buf = buf
		if err := out.closeRow(start); err != nil {
			return clientError{err}
		}
		o.st.rows++
	}
	return nil
}

// idle sends what there is, so that a slow store's rows don't wait for others.
func (o *directOutput) idle() error {
	if err := o.st.conn.out.flush(); err != nil {
		return clientError{err}
	}
	o.st.conn.out.acquire()
	return nil
}

// clientError wraps a failure to write to the client: there is nobody left to
// tell.
type clientError struct{ error }

func (e clientError) Unwrap() error { return e.error }

// libraryOutput gives rows to the library, which keeps them until the client
// fetches them: nothing is used again. The library takes one result after the
// other and waits for fetches between them, so that no more than a chunk with
// it, one here and those in the pump are in memory.
type libraryOutput struct {
	enc  *encoder
	st   *statement
	to   reply
	desc []*querypb.Field
}

func (o *libraryOutput) fields(f []*querypb.Field) error {
	o.desc = f
	return o.to.library(&sqltypes.Result{Fields: f})
}

func (o *libraryOutput) chunk(c *chunk) error {
	const rowsAtOnce = 256
	for from := 0; from < c.len(); from += rowsAtOnce {
		rows, err := o.enc.libraryRows(c, from, min(from+rowsAtOnce, c.len()))
		if err != nil {
			return err
		}
		if err := o.to.library(&sqltypes.Result{Fields: o.desc, Rows: rows}); err != nil {
			return clientError{err}
		}
		o.st.rows += uint64(len(rows))
	}
	return nil
}

func (o *libraryOutput) idle() error { return nil }

// libraryRows makes the library's values of rows from to to-1. The encoder
// writes text; the library makes the binary form of it.
func (e *encoder) libraryRows(c *chunk, from, to int) ([][]sqltypes.Value, error) {
	var buf []byte
	var err error
	for i := from; i < to; i++ {
		if buf, err = e.appendChunkRow(buf, c, i); err != nil {
			return nil, err
		}
	}
	width := len(e.cols)
	values := make([]sqltypes.Value, width*(to-from))
	rows := make([][]sqltypes.Value, to-from)
	for i := range rows {
		row := values[i*width : (i+1)*width : (i+1)*width]
		for j := range row {
			if buf[0] == mysql.NullValue {
				buf = buf[1:]
				continue // the zero Value is NULL
			}
			var v []byte
			v, buf = cutLength(buf)
			row[j] = sqltypes.MakeTrusted(e.cols[j].wire, v) // made by the column's type
		}
		rows[i] = row
	}
	return rows, nil
}

func (e *encoder) appendChunkRow(dst []byte, c *chunk, i int) ([]byte, error) {
	if c.rows != nil {
		return e.appendRow(dst, c.rows[i])
	}
	return e.appendBatchRow(dst, &c.batch, i)
}
