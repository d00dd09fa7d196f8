package wire

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
	"gridgate/tables"
)

// runOptions say how a statement is answered.
type runOptions struct {
	binary   bool // the client has prepared it
	more     bool // another one of the same command follows
	describe bool // only the columns, with defaults (COM_FIELD_LIST)
}

// query runs the statements of a text command. After one that fails, the others don't
// run.
func (c *conn) query(sent []byte) error {
	text, err := c.decode(sent)
	if err != nil {
		return c.fail("a statement", err)
	}
	if !c.has(mysql.CapabilityClientMultiStatements) {
		return c.runText(text, runOptions{})
	}
	for {
		first, rest := splitStatement(text)
		failed, err := c.run(engine.Statement{Query: first}, runOptions{more: rest != ""})
		if err != nil || failed || rest == "" {
			return err
		}
		// What was answered so far doesn't wait for the next statement.
		if err := c.out.flush(); err != nil {
			return err
		}
		text = rest
	}
}

func (c *conn) runText(text string, o runOptions) error {
	_, err := c.run(engine.Statement{Query: text}, o)
	return err
}

// run runs a statement from its beginning to its end in the process list, answers it
// and logs it. failed says that the answer was an error; an error ends the connection.
func (c *conn) run(es engine.Statement, o runOptions) (failed bool, err error) {
	st := c.srv.begin(context.Background(), c, es.Query)
	defer st.end(c.srv.watcher)
	err = st.why(guard(func() error {
		if done, err := c.kill(es.Query); done {
			return err
		}
		return c.start(st, es, o)
	}))
	err = reword(es.Query, err)
	c.srv.logEnd(st, err)
	return err != nil, c.tell(err)
}

// tell answers with an error, if there is one and the client is there.
func (c *conn) tell(err error) error {
	var gone clientError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &gone):
		return err
	}
	return c.out.error(engine.MySQLError(err))
}

// reword gives an error the code that depends on the statement: the engine
// says what is wrong with a name or a right, MySQL what is wrong with SET or
// KILL.
func reword(query string, err error) error {
	if err == nil {
		return nil
	}
	var gone clientError
	if errors.As(err, &gone) {
		return err
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
			return killDenied(id)
		}
	}
	return err
}

// erTableAccessDenied is ER_TABLEACCESS_DENIED_ERROR, which the wire library
// has no name for.
const erTableAccessDenied = 1142

func killDenied(id uint32) error {
	return mysql.NewSQLError(mysql.ERKillDenied, "HY000", "You are not owner of thread %d", id)
}

// start runs a statement in the session and sends its result. What it has sent before
// an error ends in front of that.
func (c *conn) start(st *statement, es engine.Statement, o runOptions) error {
	if err := checkNots(es.Query); err != nil {
		return err
	}
	ctx := c.context(st.ctx, es.Query)
	defer c.beginProcess(ctx, es.Query)()
	if err := sql.SessionCommandBegin(c.session); err != nil {
		return err
	}
	defer sql.SessionCommandEnd(c.session)
	if d := timeLimit(ctx, es.Query); d > 0 {
		st.limit(d)
	}
	es.Flags = &sql.QueryFlags{}
	r, err := c.srv.cfg.Executor.Execute(ctx, es)
	if err != nil {
		return err
	}
	return c.send(ctx, st, r, o)
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

// kill does a KILL of a number, which go-mysql-server would allow administrators
// only: one's own needs no right. done is false for all other statements.
func (c *conn) kill(query string) (done bool, err error) {
	id, connection, ok := parseKill(query)
	if !ok {
		return false, nil
	}
	target := c.srv.conns.get(id)
	if target == nil {
		return true, mysql.NewSQLError(mysql.ERNoSuchThread, "HY000", "Unknown thread id: %d", id)
	}
	if target.userName() != c.userName() && !c.account.KillsOthers {
		return true, killDenied(id)
	}
	why := engine.StopKilled
	if connection {
		why = engine.StopConnectionKilled
	}
	c.srv.conns.kill(id, why)
	if target == c {
		return true, why
	}
	return true, c.ok(0, 0, "")
}

// fail logs an error outside of a statement, and tells the client.
func (c *conn) fail(doing string, err error) error {
	var gone clientError
	if errors.As(err, &gone) {
		return err
	}
	c.srv.logPanic(c, err)
	e := engine.MySQLError(err)
	c.srv.log.Debug().Uint32("connection", c.id).Str("doing", forLog(doing)).Int("code", e.Num).Err(err).Msg("command failed")
	return c.out.error(e)
}

func (s *Server) logPanic(c *conn, err error) {
	var p *engine.Panic
	if errors.As(err, &p) {
		s.log.Error().Uint32("connection", c.id).Interface("panic", p.Value).Bytes("stack", p.Stack).Msg("panic while running a statement")
	}
}

// logEnd writes a statement's end to the log.
func (s *Server) logEnd(st *statement, err error) {
	s.logPanic(st.conn, err)
	took := time.Since(st.started)
	ev := s.log.Debug()
	var outage *tables.Outage
	var data *tables.DataError
	switch {
	case errors.As(err, &outage), errors.As(err, &data):
		ev = s.log.Warn() // not the user's fault
	case s.cfg.SlowStatement > 0 && took >= s.cfg.SlowStatement:
		ev = s.log.Warn().Bool("slow", true)
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

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
