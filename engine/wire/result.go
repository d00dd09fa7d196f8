package wire

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"gridgate/engine"
	"gridgate/tables"
)

// reply is where a statement's result goes.
type reply struct {
	// library takes a result for the wire library to write.
	library func(*sqltypes.Result) error
	// binary says that the client has prepared the statement.
	binary bool
	// direct says that the connection's goroutine runs the statement, so that
	// rows may be written past the library. It is false for a cursor, whose
	// rows the library keeps until they are fetched.
	direct bool
}

// errAfterFields wraps an error that happened when the description of the
// result had already gone out.
type errAfterFields struct{ error }

func (e errAfterFields) Unwrap() error { return e.error }

// send reads r to its end, sends it and closes it.
func (h *handler) send(ctx *sql.Context, st *statement, r *engine.Result, to reply) error {
	closed := false
	closeIter := func() error {
		if closed {
			return nil
		}
		closed = true
		// The statement's context may have ended; closing has its own time.
		return guard(func() error { return r.Iter.Close(ctx.WithContext(context.WithoutCancel(ctx.Context))) })
	}
	defer func() {
		if err := closeIter(); err != nil {
			h.log.Debug().Err(err).Uint32("connection", st.conn.id).Msg("closing a statement")
		}
	}()
	switch {
	case r.Schema == nil, types.IsOkResultSchema(r.Schema):
		res, err := readOK(ctx, r.Iter)
		if err == nil {
			err = closeIter()
		}
		if err == nil {
			err = setStatus(ctx, st.conn.lib)
		}
		if err != nil {
			return err
		}
		return to.library(res)
	}
	rows := rowsOf(ctx, r)
	first, err := rows.first()
	if err != nil && err != io.EOF {
		return err
	}
	if err := setStatus(ctx, st.conn.lib); err != nil {
		return err
	}
	out := h.newOutput(ctx, st, r.Schema, to)
	if err := out.fields(fieldsOf(ctx, r.Schema)); err != nil {
		return clientError{err}
	}
	if first != nil {
		err = guard(func() error { return h.sendRows(ctx, rows, first, out) })
	}
	if err == nil || err == io.EOF {
		err = closeIter()
	}
	var client clientError
	if err != nil && !errors.As(err, &client) {
		return errAfterFields{err}
	}
	return err
}

// sendRows sends the first chunk and all that follow, which a goroutine reads
// ahead.
func (h *handler) sendRows(ctx *sql.Context, rows source, first *chunk, out output) error {
	if err := out.chunk(first); err != nil {
		return err
	}
	if first.last {
		return nil
	}
	pctx, cancel := ctx.NewSubContext()
	p := startPump(func(c *chunk) error { return rows.fill(pctx, c) })
	defer func() {
		cancel()
		p.stop()
	}()
	for {
		c, err := p.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := out.chunk(c); err != nil {
			return err
		}
		if c.last {
			return nil
		}
	}
}

// readOK reads the report of a statement without rows.
func readOK(ctx *sql.Context, iter sql.RowIter) (*sqltypes.Result, error) {
	res := &sqltypes.Result{}
	for n := 0; ; n++ {
		row, err := iter.Next(ctx)
		if err == io.EOF {
			return res, nil
		}
		if err != nil {
			return nil, err
		}
		if len(row) != 1 || n > 0 {
			return nil, errors.New("a statement without a result set gave rows")
		}
		ok, isOK := row[0].(types.OkResult)
		if !isOK {
			return nil, fmt.Errorf("a statement without a result set gave a %T", row[0])
		}
		res.RowsAffected, res.InsertID = ok.RowsAffected, ok.InsertID
		if ok.Info != nil {
			res.Info = ok.Info.String()
		}
	}
}

// setStatus sets the flags that the end of a result tells. It is called before
// the first packet of a result: later the library's goroutine may use them, if
// the statement has a cursor.
func setStatus(ctx *sql.Context, c *mysql.Conn) error {
	auto, err := plan.IsSessionAutocommit(ctx)
	if err != nil {
		return err
	}
	flags := c.StatusFlags &^ (mysql.ServerStatusAutocommit | mysql.ServerInTransaction)
	if auto {
		flags |= mysql.ServerStatusAutocommit
	}
	if ctx.GetTransaction() != nil {
		flags |= mysql.ServerInTransaction
	}
	c.StatusFlags = flags
	return nil
}

// output takes the rows of a result to the client.
type output interface {
	fields([]*querypb.Field) error
	chunk(*chunk) error
}

func (h *handler) newOutput(ctx *sql.Context, st *statement, schema sql.Schema, to reply) output {
	var enc *encoder
	if h.zone == nil {
		enc = newEncoder(ctx, schema, to.binary && to.direct, nil)
	} else {
		enc = newEncoder(ctx, schema, to.binary && to.direct, h.zone(ctx))
	}
	if to.direct {
		return &directOutput{enc: enc, st: st, to: to}
	}
	return &libraryOutput{enc: enc, st: st, to: to}
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
	sent bool
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

// chunk is a part of a result: rows of one of the two forms.
type chunk struct {
	batch tables.Batch
	rows  []sql.Row // nil: batch
	last  bool      // nothing follows
}

func (c *chunk) len() int {
	if c.rows != nil {
		return len(c.rows)
	}
	return c.batch.N
}
