package wire

import (
	"context"
	"encoding/binary"
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
	"gridgate/engine/semantics"
)

// closer gives a function that closes a result, once. The statement's context may have
// ended by then; closing has its own time.
func (c *conn) closer(ctx *sql.Context, st *statement, r *engine.Result) func() error {
	closed := false
	return func() error {
		if closed {
			return nil
		}
		closed = true
		return guard(func() error { return r.Iter.Close(ctx.WithContext(context.WithoutCancel(ctx.Context))) })
	}
}

// send reads r to its end, sends it and closes it.
func (c *conn) send(ctx *sql.Context, st *statement, r *engine.Result, o runOptions) error {
	closeIter := c.closer(ctx, st, r)
	defer func() {
		if err := closeIter(); err != nil {
			c.srv.log.Debug().Err(err).Uint32("connection", c.id).Msg("closing a statement")
		}
	}()
	if r.Schema == nil || types.IsOkResultSchema(r.Schema) {
		return c.sendOK(ctx, r, closeIter, o.more)
	}
	rows := rowsOf(ctx, r)
	first, ended := rows.first()
	if ended != nil && !isEOF(ended) {
		return ended
	}
	if err := c.setStatus(ctx); err != nil {
		return err
	}
	enc, err := encoderOf(ctx, r.Schema, o.binary)
	if err != nil {
		return err
	}
	if err := c.sendFields(fieldsOf(ctx, r.Schema), o); err != nil {
		return err
	}
	if first != nil && !o.describe {
		if err := c.sendAll(ctx, st, enc, rows, first); err != nil {
			return err
		}
	}
	if err := closeIter(); err != nil {
		return err
	}
	var flags uint16
	if o.more {
		flags = mysql.ServerMoreResultsExists
	}
	return c.end(flags)
}

// sendFields describes the columns of a result.
func (c *conn) sendFields(fields []*querypb.Field, o runOptions) error {
	if !o.describe {
		if err := c.writeCount(len(fields)); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if err := c.writeField(f, o.describe); err != nil {
			return err
		}
	}
	if o.describe {
		return nil
	}
	return c.separator()
}

// sendAll sends the first chunk and all that follow, which a goroutine reads
// ahead.
func (c *conn) sendAll(ctx *sql.Context, st *statement, enc *encoder, rows source, first *chunk) error {
	if err := c.sendRows(st, enc, first, 0, first.len()); err != nil {
		return err
	}
	if first.last {
		return nil
	}
	pctx, cancel := ctx.NewSubContext()
	p := startPump(func(ch *chunk) error { return rows.fill(pctx, ch) })
	defer func() {
		cancel()
		p.stop()
	}()
	for {
		// What there is is sent, so that a slow store's rows don't wait for others.
		ch, err := p.next(c.out.flush)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.sendRows(st, enc, ch, 0, ch.len()); err != nil {
			return err
		}
		if ch.last {
			return nil
		}
	}
}

// sendRows writes the rows from from to to-1 of a chunk.
func (c *conn) sendRows(st *statement, enc *encoder, ch *chunk, from, to int) error {
	out := c.out
	whole := -1 // where the row begins that isn't whole yet
	defer func() {
		// Also after a panic: what follows must not follow half a row.
		if whole >= 0 {
			out.buf = out.buf[:whole]
		}
	}()
	for i := from; i < to; i++ {
		start := out.open()
		whole = start
		buf, err := enc.appendChunkRow(out.buf, ch, i)
		if err != nil {
			return err
		}
		whole = -1
		out.buf = buf
		if err := out.close(start); err != nil {
			return err
		}
		st.rows++
	}
	return nil
}

// encoderOf takes the session's time zone as it is now, when the statement begins.
func encoderOf(ctx *sql.Context, schema sql.Schema, binary bool) (*encoder, error) {
	zone, err := semantics.SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	return newEncoder(ctx, schema, binary, zone), nil
}

func (e *encoder) appendChunkRow(dst []byte, c *chunk, i int) ([]byte, error) {
	if c.rows != nil {
		return e.appendRow(dst, c.rows[i])
	}
	return e.appendBatchRow(dst, &c.batch, i)
}

// sendOK answers a statement without rows. What SET has changed holds from now on.
func (c *conn) sendOK(ctx *sql.Context, r *engine.Result, closeIter func() error, more bool) error {
	ok, err := readOK(ctx, r.Iter)
	if err == nil {
		err = closeIter()
	}
	if err == nil {
		err = c.setStatus(ctx)
	}
	if err != nil {
		return err
	}
	if err := c.noteVariables(ctx); err != nil {
		return err
	}
	info := ""
	if ok.Info != nil {
		info = ok.Info.String()
	}
	var flags uint16
	if more {
		flags = mysql.ServerMoreResultsExists
	}
	return c.okWith(flags, ok.RowsAffected, ok.InsertID, info)
}

// readOK reads the report of a statement without rows.
func readOK(ctx *sql.Context, iter sql.RowIter) (ok types.OkResult, _ error) {
	for n := 0; ; n++ {
		row, err := iter.Next(ctx)
		if err == io.EOF {
			return ok, nil
		}
		if err != nil {
			return ok, err
		}
		if len(row) != 1 || n > 0 {
			return ok, errors.New("a statement without a result set gave rows")
		}
		var isOK bool
		if ok, isOK = row[0].(types.OkResult); !isOK {
			return ok, fmt.Errorf("a statement without a result set gave a %T", row[0])
		}
	}
}

// setStatus sets the flags that the end of a result tells.
func (c *conn) setStatus(ctx *sql.Context) error {
	auto, err := plan.IsSessionAutocommit(ctx)
	if err != nil {
		return err
	}
	c.status = 0
	if auto {
		c.status |= mysql.ServerStatusAutocommit
	}
	if ctx.GetTransaction() != nil {
		c.status |= mysql.ServerInTransaction
	}
	return nil
}

// ok answers that all went well.
func (c *conn) ok(affected, insertID uint64, info string) error {
	return c.okWith(0, affected, insertID, info)
}

func (c *conn) okWith(flags uint16, affected, insertID uint64, info string) error {
	start := c.out.open()
	c.out.buf = c.appendOK(c.out.buf, mysql.OKPacket, flags, affected, insertID)
	if info != "" {
		// With its length, whatever the manual says: libmysqlclient and MariaDB's
		// library read it so.
		c.out.buf = appendString(c.out.buf, info)
	}
	return c.out.close(start)
}

func (c *conn) appendOK(b []byte, kind byte, flags uint16, affected, insertID uint64) []byte {
	b = append(b, kind)
	b = appendLength(b, int(affected))
	b = appendLength(b, int(insertID))
	b = binary.LittleEndian.AppendUint16(b, c.status|flags)
	return binary.LittleEndian.AppendUint16(b, c.session.WarningCount())
}

// end ends a result, with further flags.
func (c *conn) end(flags uint16) error {
	start := c.out.open()
	if c.deprecatesEOF() {
		c.out.buf = c.appendOK(c.out.buf, mysql.EOFPacket, flags, 0, 0)
	} else {
		c.out.buf = append(c.out.buf, mysql.EOFPacket)
		c.out.buf = binary.LittleEndian.AppendUint16(c.out.buf, c.session.WarningCount())
		c.out.buf = binary.LittleEndian.AppendUint16(c.out.buf, c.status|flags)
	}
	return c.out.close(start)
}

// separator ends a description, for clients that want it ended.
func (c *conn) separator() error {
	if c.deprecatesEOF() {
		return nil
	}
	return c.end(0)
}

// writeCount begins a result with the number of its columns.
func (c *conn) writeCount(n int) error {
	start := c.out.open()
	c.out.buf = appendLength(c.out.buf, n)
	return c.out.close(start)
}

// writeField describes a column; with its default for COM_FIELD_LIST.
func (c *conn) writeField(f *querypb.Field, withDefault bool) error {
	typ, flags := sqltypes.TypeToMySQL(f.Type)
	if f.Flags != 0 {
		flags = int64(f.Flags)
	}
	start := c.out.open()
	b := appendString(c.out.buf, "def")
	for _, name := range []string{f.Database, f.Table, f.OrgTable, f.Name, f.OrgName} {
		b = appendString(b, name)
	}
	const fixed = 0x0c // bytes of what follows
	b = append(b, fixed)
	b = binary.LittleEndian.AppendUint16(b, uint16(f.Charset))
	b = binary.LittleEndian.AppendUint32(b, f.ColumnLength)
	b = append(b, byte(typ))
	b = binary.LittleEndian.AppendUint16(b, uint16(flags))
	b = append(b, byte(f.Decimals), 0, 0)
	if withDefault {
		b = append(b, mysql.NullValue)
	}
	c.out.buf = b
	return c.out.close(start)
}
