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

	"gridgate/engine"
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
	first, ended := rows.first()
	if ended != nil && ended != io.EOF {
		return ended
	}
	if err := setStatus(ctx, st.conn.lib); err != nil {
		return err
	}
	out, err := newOutput(ctx, st, r.Schema, to)
	if err != nil {
		return err
	}
	if err := out.fields(fieldsOf(ctx, r.Schema)); err != nil {
		return clientError{err}
	}
	err = ended
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
		c, err := p.next(out.idle)
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
