package wire

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// The commands of the protocol that the wire library has no names for.
const (
	comRefresh     = 0x07
	comStatistics  = 0x09
	comProcessInfo = 0x0a
	comProcessKill = 0x0c
	comDebug       = 0x0d
	comChangeUser  = 0x11
)

// command runs one command and answers it. An error ends the connection: there is
// nobody to tell, or no way to go on.
func (c *conn) command(p []byte) error {
	arg := p[1:]
	switch p[0] {
	case mysql.ComQuit:
		return errQuit
	case mysql.ComPing:
		if c.srv.conns.isStopping() {
			return c.fail("ping", engine.StopShutdown)
		}
		return c.ok(0, 0, "")
	case mysql.ComQuery:
		return c.query(arg)
	case mysql.ComPrepare:
		return c.prepare(arg)
	case mysql.ComStmtExecute:
		return c.execute(arg)
	case mysql.ComStmtFetch:
		return c.fetch(arg)
	case mysql.ComStmtSendLongData:
		c.longData(arg) // has no answer
		return nil
	case mysql.ComStmtClose:
		c.closePrepared(arg) // has no answer
		return nil
	case mysql.ComStmtReset:
		return c.resetPrepared(arg)
	case mysql.ComInitDB:
		if err := c.use(string(arg)); err != nil {
			return c.fail("choosing a database", err)
		}
		return c.ok(0, 0, "")
	case mysql.ComFieldList:
		return c.fieldList(arg)
	case mysql.ComSetOption:
		return c.setOption(arg)
	case mysql.ComResetConnection:
		if err := c.reset(); err != nil {
			return c.fail("resetting the connection", err)
		}
		return c.ok(0, 0, "")
	case comChangeUser:
		return c.changeUser(arg)
	case comStatistics:
		return c.statistics()
	case comProcessInfo:
		return c.runText("SHOW FULL PROCESSLIST", runOptions{})
	case comProcessKill:
		q := payload{b: arg}
		return c.runText(fmt.Sprintf("KILL %d", q.uint32()), runOptions{})
	case comRefresh:
		return c.runText("FLUSH TABLES", runOptions{})
	case comDebug:
		return c.end(0)
	}
	return c.fail("a command", mysql.NewSQLError(mysql.ERUnknownComError, "08S01", "Unknown command"))
}

// guarded runs f and makes an error of its panic.
func (c *conn) guarded(doing string, f func(st *statement) error) error {
	st := c.srv.begin(context.Background(), c, doing)
	defer st.end(c.srv.watcher)
	return st.why(guard(func() error { return f(st) }))
}

// use makes name the session's database; "" is none.
func (c *conn) use(name string) error {
	return c.guarded("USE "+name, func(st *statement) error {
		ctx := c.context(st.ctx, st.query)
		if err := sql.SessionCommandBegin(c.session); err != nil {
			return err
		}
		defer sql.SessionCommandEnd(c.session)
		if name == "" {
			return mysql.NewSQLError(mysql.ERNoDb, "3D000", "No database selected")
		}
		db, err := c.srv.sqle.Analyzer.Catalog.Database(ctx, name)
		if err != nil {
			return err
		}
		if u, ok := db.(interface{ Unwrap() sql.Database }); ok {
			db = u.Unwrap()
		}
		c.session.SetCurrentDatabase(name)
		return c.session.UseDatabase(ctx, db)
	})
}

// reset makes a new session, in the same database.
func (c *conn) reset() error {
	c.forgetAll()
	db := c.session.GetCurrentDatabase()
	if err := c.newSession(context.Background()); err != nil {
		return err
	}
	c.status = mysql.ServerStatusAutocommit
	if db == "" {
		return nil
	}
	return c.use(db)
}

// changeUser logs in again. A login that fails ends the connection, as in MySQL.
func (c *conn) changeUser(arg []byte) error {
	l, err := parseChangeUser(arg, c.capabilities)
	if err != nil {
		return c.fail("changing the user", err)
	}
	c.forgetAll()
	if err := c.client.SetReadDeadline(time.Now().Add(c.srv.cfg.LoginTime)); err != nil {
		return err
	}
	if err := c.logIn(l); err != nil {
		c.srv.loginFailed(c, err)
		return c.refuse(err)
	}
	if err := c.client.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	c.status = mysql.ServerStatusAutocommit
	return c.ok(0, 0, "")
}

// setOption switches several statements in one command on or off.
func (c *conn) setOption(arg []byte) error {
	q := payload{b: arg}
	switch option := q.uint16(); {
	case q.short || option > 1:
		return c.fail("an option", mysql.NewSQLError(mysql.ERUnknownComError, "08S01", "Unknown command"))
	case option == 0:
		c.capabilities |= mysql.CapabilityClientMultiStatements
	default:
		c.capabilities &^= mysql.CapabilityClientMultiStatements
	}
	return c.end(0)
}

// fieldList describes the columns of a table (COM_FIELD_LIST), which the command line
// asks for to complete names. The pattern for columns is left to the client, as it is
// by most.
func (c *conn) fieldList(arg []byte) error {
	q := payload{b: arg}
	table := q.text()
	return c.runText("SELECT * FROM "+quoteName(table)+" LIMIT 0", runOptions{describe: true})
}

// quoteName quotes an identifier.
func quoteName(s string) string {
	out := []byte{'`'}
	for i := range len(s) {
		if s[i] == '`' {
			out = append(out, '`')
		}
		out = append(out, s[i])
	}
	return string(append(out, '`'))
}

// statistics answers COM_STATISTICS with a line of text, as mysqladmin status and the
// command line's \s show it.
func (c *conn) statistics() error {
	up := int64(time.Since(c.srv.started).Seconds())
	questions := statusOf("Questions")
	text := fmt.Sprintf("Uptime: %d  Threads: %d  Questions: %d  Slow queries: %d  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second avg: %.3f",
		up, len(c.srv.conns.all()), questions, statusOf("Slow_queries"), float64(questions)/float64(max(up, 1)))
	return c.out.write([]byte(text)...)
}

func statusOf(name string) uint64 {
	_, v, _ := sql.StatusVariables.GetGlobal(name)
	n, _ := v.(uint64)
	return n
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &engine.Panic{Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}
