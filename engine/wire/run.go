package wire

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine"
	"gridgate/tables"
)

// run runs a statement from its beginning to its end in the process list, and
// logs it. Its error is what the client is to be told; errAfterFields says
// that part of the result has gone out already.
func (h *handler) run(ctx context.Context, cc *conn, es engine.Statement, to reply) error {
	st := h.begin(ctx, cc, es.Query)
	defer st.end(h.watcher)
	err := st.why(guard(func() error {
		if done, err := h.kill(cc, es.Query, to); done {
			return err
		}
		return h.execute(st, es, to)
	}))
	err = reword(es.Query, err)
	h.logEnd(st, err)
	return err
}

// reword gives an error the code that depends on the statement: the engine
// says what is wrong with a name or a right, MySQL what is wrong with SET or
// KILL.
func reword(query string, err error) error {
	if err == nil {
		return nil
	}
	e := engine.MySQLError(err)
	switch e.Num {
	case mysql.ERBadFieldError: // go-mysql-server takes a variable's name for a column's
		name, ok := strings.CutPrefix(e.Message, "Unknown column ")
		if w, _ := firstWord(query); w == "SET" && ok {
			return mysql.NewSQLError(mysql.ERUnknownSystemVariable, "HY000", "Unknown system variable %s", name)
		}
	case erTableAccessDenied:
		if id, _, ok := parseKill(query); ok {
			return mysql.NewSQLError(mysql.ERKillDenied, "HY000", "You are not owner of thread %d", id)
		}
	}
	return err
}

// erTableAccessDenied is ER_TABLEACCESS_DENIED_ERROR, which the wire library
// has no name for.
const erTableAccessDenied = 1142

// execute runs a statement in its session.
func (h *handler) execute(st *statement, es engine.Statement, to reply) error {
	ctx, err := h.sessions.NewContextWithQuery(st.ctx, st.conn.lib, es.Query)
	if err != nil {
		return err
	}
	if ctx, err = ctx.ProcessList.BeginQuery(ctx, es.Query); err != nil {
		return err
	}
	defer ctx.ProcessList.EndQuery(ctx)
	if err := sql.SessionCommandBegin(ctx.Session); err != nil {
		return err
	}
	defer sql.SessionCommandEnd(ctx.Session)
	if d := timeLimit(ctx, es.Query); d > 0 {
		st.limit(d)
	}
	es.Flags = &sql.QueryFlags{}
	r, err := h.exec.Execute(ctx, es)
	if err != nil {
		return err
	}
	return h.send(ctx, st, r, to)
}

// timeLimit is how long a statement may run; 0: as long as it takes. As in
// MySQL, the limit is for reading statements only and a hint is stronger than
// the variable.
func timeLimit(ctx *sql.Context, query string) time.Duration {
	if !isSelect(query) {
		return 0
	}
	if d := timeHint(query); d > 0 {
		return d
	}
	v, err := ctx.GetSessionVariable(ctx, "max_execution_time")
	if err != nil {
		return 0
	}
	if ms, ok := v.(int64); ok && ms > 0 {
		return time.Duration(ms) * time.Millisecond
	}
	return 0
}

// kill does a KILL of a connection of the same user, which go-mysql-server
// would allow administrators only. done is false for all other statements.
func (h *handler) kill(cc *conn, query string, to reply) (done bool, err error) {
	id, connection, ok := parseKill(query)
	if !ok || !to.direct {
		return false, nil
	}
	target := h.conns.get(id)
	if target == nil {
		return true, mysql.NewSQLError(mysql.ERNoSuchThread, "HY000", "Unknown thread id: %d", id)
	}
	if target.userName() != cc.userName() {
		return false, nil
	}
	why := engine.StopKilled
	if connection {
		why = engine.StopConnectionKilled
	}
	h.conns.kill(id, why)
	if target == cc {
		return true, why
	}
	return true, to.library(&sqltypes.Result{})
}

// answer tells the library how a statement run by the connection's goroutine
// ended; more says that another one of the same command is to follow. What
// the library gets back is nil, or an error to send, or one to end the
// connection with.
func (h *handler) answer(cc *conn, more bool, err error) error {
	out := cc.out
	var after errAfterFields
	var client clientError
	switch {
	case errors.As(err, &client):
		return client
	case errors.As(err, &after) && !out.corked:
		// The library wrote the rows and would end the result as if it were
		// whole. All that is left is to end the connection.
		return err
	case errors.As(err, &after):
		out.replace = engine.MySQLError(after.error)
		out.finish()
		return nil
	case err != nil:
		if out.shifted {
			if ferr := cc.lib.FlushBuffer(); ferr != nil {
				return ferr
			}
			out.finish()
		}
		return engine.MySQLError(err)
	case more:
		cc.continued = true
		return nil
	case out.wroteRows():
		out.finish()
		return nil
	case out.shifted: // a report at the end of a multi-statement
		if err := cc.lib.FlushBuffer(); err != nil {
			return err
		}
		return out.finished()
	}
	return nil
}

// answerCursor tells the library how a statement with a cursor ended. The
// library has no way to send an error then: it is kept for the packet with
// which the library ends the result, or the one in which it says that it got
// none.
func (h *handler) answerCursor(cc *conn, err error) error {
	var after errAfterFields
	var client clientError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &client): // the client has closed the cursor
		return err
	case errors.As(err, &after):
		cc.cursorError.Store(engine.MySQLError(after.error))
		return nil
	default:
		// The connection's goroutine waits for this one and writes next.
		cc.out.replace = engine.MySQLError(err)
		return err
	}
}

// fail logs an error outside of a statement and words it for the client.
func (h *handler) fail(cc *conn, doing string, err error) error {
	h.logPanic(cc, err)
	e := engine.MySQLError(err)
	h.log.Debug().Uint32("connection", cc.id).Str("doing", doing).Int("code", e.Num).Err(err).Msg("command failed")
	return e
}

func (h *handler) logPanic(cc *conn, err error) {
	var p *engine.Panic
	if errors.As(err, &p) {
		h.log.Error().Uint32("connection", cc.id).Interface("panic", p.Value).Bytes("stack", p.Stack).Msg("panic while running a statement")
	}
}

// logEnd writes a statement's end to the log.
func (h *handler) logEnd(st *statement, err error) {
	h.logPanic(st.conn, err)
	took := time.Since(st.started)
	ev := h.log.Debug()
	var outage *tables.Outage
	var data *tables.DataError
	switch {
	case errors.As(err, &outage), errors.As(err, &data):
		ev = h.log.Warn() // not the user's fault
	case h.slow > 0 && took >= h.slow:
		ev = h.log.Warn().Bool("slow", true)
	}
	if !ev.Enabled() {
		return
	}
	ev.Uint32("connection", st.conn.id).Str("user", st.conn.userName()).Dur("duration", took).Uint64("rows", st.rows)
	if err != nil && !errors.Is(err, io.EOF) {
		e := engine.MySQLError(err)
		ev.Int("code", e.Num).Str("error", e.Message)
	}
	ev.Str("statement", forLog(st.query)).Msg("statement")
}

// forLog is the beginning of a statement.
func forLog(query string) string {
	const longest = 1000
	if len(query) <= longest {
		return query
	}
	return validPrefix(query, longest) + "..."
}

// bindingsOf makes the parser's expressions of a prepared statement's values.
func bindingsOf(vars map[string]*querypb.BindVariable) (map[string]sqlparser.Expr, error) {
	out := make(map[string]sqlparser.Expr, len(vars))
	for name, v := range vars {
		value, err := sqltypes.BindVariableToValue(v)
		if err != nil {
			return nil, err
		}
		if out[name], err = sqlparser.ExprFromValue(value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writes reports whether a plan, whatever its schema is while it is prepared,
// will only report how many rows it changed.
func writes(node sql.Node) bool {
	switch n := node.(type) {
	case *plan.InsertInto:
		return n.Returning == nil
	case *plan.Update, *plan.UpdateJoin, *plan.DeleteFrom:
		return true
	}
	return false
}
