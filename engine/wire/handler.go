package wire

import (
	"context"
	"sync"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"
	"github.com/rs/zerolog"

	"gridgate/engine"
)

// handler does what the commands of the connections say. The wire library
// calls the methods of one connection one after the other, from the
// connection's goroutine; only a statement with a cursor runs in another.
type handler struct {
	log      zerolog.Logger
	sqle     *sqle.Engine
	exec     Executor
	sessions *server.SessionManager
	conns    *connections
	watcher  *watcher
	slow     time.Duration
	peak     sync.Mutex // guards Max_used_connections
}

var (
	_ mysql.Handler              = (*handler)(nil)
	_ mysql.BinlogReplicaHandler = (*handler)(nil)
)

func newHandler(cfg Config) *handler {
	conns := newConnections()
	return &handler{
		log:     cfg.Logger,
		sqle:    cfg.SQL,
		exec:    cfg.Executor,
		conns:   conns,
		watcher: newWatcher(conns, cfg.Logger),
		slow:    cfg.SlowStatement,
	}
}

// newContext is the session manager's context factory. It puts our process
// list and our way of closing a connection into each context, so that KILL
// ends statements by way of package wire; and it takes out LOAD DATA LOCAL,
// which a read-only server has no use for.
func (h *handler) newContext(ctx context.Context, opts ...sql.ContextOption) *sql.Context {
	return sql.NewContext(ctx, append(opts,
		sql.WithProcessList(processList{h.sqle.ProcessList, h.conns}),
		sql.WithServices(sql.Services{KillConnection: func(id uint32) error {
			h.conns.kill(id, engine.StopConnectionKilled)
			return nil
		}}),
	)...)
}

func connOf(c *mysql.Conn) *conn { return c.ClientData.(*conn) }

// NewConnection implements mysql.Handler.
func (h *handler) NewConnection(c *mysql.Conn) {
	// The listener makes the connections, and without timeouts in its
	// configuration the library hands them on as they are.
	cc := &conn{id: c.ConnectionID, client: c.Conn.(*clientConn), lib: c, prepared: map[string]struct{}{}}
	c.ClientData = cc
	h.sessions.AddConn(c)
	h.conns.add(cc)
	sql.StatusVariables.IncrementGlobal("Connections", 1)
	h.notePeak()
	h.log.Debug().Uint32("connection", cc.id).Stringer("client", c.RemoteAddr()).Msg("connected")
}

// notePeak keeps the status variable of the most connections there have been.
func (h *handler) notePeak() {
	h.peak.Lock()
	defer h.peak.Unlock()
	_, now, ok1 := sql.StatusVariables.GetGlobal("Threads_connected")
	_, most, ok2 := sql.StatusVariables.GetGlobal("Max_used_connections")
	n, ok3 := now.(uint64)
	m, ok4 := most.(uint64)
	if ok1 && ok2 && ok3 && ok4 && n > m {
		_ = sql.StatusVariables.SetGlobal("Max_used_connections", n)
	}
}

// ConnectionAborted implements mysql.Handler.
func (h *handler) ConnectionAborted(c *mysql.Conn, reason string) error {
	sql.StatusVariables.IncrementGlobal("Aborted_connects", 1)
	h.log.Debug().Uint32("connection", c.ConnectionID).Str("reason", reason).Msg("login failed")
	return nil
}

// ConnectionAuthenticated implements mysql.Handler.
func (h *handler) ConnectionAuthenticated(c *mysql.Conn) error {
	cc := connOf(c)
	cc.setUser(c.User)
	// Plain or TLS: from here on all packets to the client pass through ours.
	cc.out = &packetConn{Conn: c.Conn}
	c.Conn = cc.out
	if err := h.sessions.ConnReady(context.Background(), c); err != nil {
		return h.fail(cc, "login", err)
	}
	return nil
}

// ConnectionClosed implements mysql.Handler.
func (h *handler) ConnectionClosed(c *mysql.Conn) {
	cc := connOf(c)
	h.releaseLocks(c)
	h.sqle.CloseSession(c.ConnectionID)
	h.sessions.RemoveConn(c)
	h.conns.remove(cc.id)
	h.log.Debug().Uint32("connection", cc.id).Msg("disconnected")
}

func (h *handler) releaseLocks(c *mysql.Conn) {
	if connOf(c).session == nil {
		return // never logged in
	}
	ctx, err := h.sessions.NewContextWithQuery(context.Background(), c, "")
	if err == nil {
		_, err = h.sqle.LS.ReleaseAll(ctx)
	}
	if err == nil {
		err = h.sqle.Analyzer.Catalog.UnlockTables(ctx, c.ConnectionID)
	}
	if err != nil {
		h.log.Warn().Err(err).Uint32("connection", c.ConnectionID).Msg("can't release the locks of a connection")
	}
}

// ComInitDB implements mysql.Handler.
func (h *handler) ComInitDB(c *mysql.Conn, name string) error {
	cc := connOf(c)
	st := h.begin(context.Background(), cc, "USE "+name)
	defer st.end(h.watcher)
	err := guard(func() error { return h.sessions.SetDB(st.ctx, c, name) })
	if err != nil {
		return h.fail(cc, st.query, st.why(err))
	}
	return nil
}

// ComQuery implements mysql.Handler.
func (h *handler) ComQuery(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn) error {
	return h.command(ctx, c, query, false, callback)
}

// ComMultiQuery implements mysql.Handler. The library calls it again with what
// it returned until that is "".
func (h *handler) ComMultiQuery(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn) (string, error) {
	first, rest := splitStatement(query)
	err := h.command(ctx, c, first, rest != "", callback)
	if err != nil || !connOf(c).continued {
		return "", err
	}
	return rest, nil
}

// command runs one statement of a text command; more says that others follow.
func (h *handler) command(ctx context.Context, c *mysql.Conn, query string, more bool, callback mysql.ResultSpoolFn) error {
	cc := connOf(c)
	if cc.continued {
		// What was answered so far doesn't wait for this statement.
		cc.continued = false
		if err := c.FlushBuffer(); err != nil {
			return err
		}
		if err := cc.out.flush(); err != nil {
			return err
		}
	}
	return h.answer(cc, more, h.run(ctx, cc, engine.Statement{Query: query}, reply{
		library: func(r *sqltypes.Result) error { return callback(r, more) },
		direct:  true,
	}))
}

// ComStmtExecute implements mysql.Handler.
func (h *handler) ComStmtExecute(ctx context.Context, c *mysql.Conn, prepare *mysql.PrepareData, callback func(*sqltypes.Result) error) error {
	how := calledBy()
	cc := connOf(c)
	bindings, err := bindingsOf(prepare.BindVars)
	if err != nil {
		return h.fail(cc, prepare.PrepareStmt, err)
	}
	err = h.run(ctx, cc, engine.Statement{Query: prepare.PrepareStmt, Bindings: bindings}, reply{
		library: callback,
		binary:  true,
		direct:  how == callerConnection,
	})
	if how == callerCursor {
		return h.answerCursor(cc, err)
	}
	return h.answer(cc, false, err)
}

// ComPrepare implements mysql.Handler.
func (h *handler) ComPrepare(ctx context.Context, c *mysql.Conn, _ string, prepare *mysql.PrepareData) ([]*querypb.Field, error) {
	cc := connOf(c)
	query := prepare.PrepareStmt // what will be executed: the text up to a semicolon
	st := h.begin(ctx, cc, query)
	defer st.end(h.watcher)
	fields, err := h.prepare(st, prepare)
	if err != nil {
		// The library has kept the statement already.
		delete(c.PrepareData, prepare.StatementID)
		return nil, h.fail(cc, query, st.why(err))
	}
	cc.notePrepared(query)
	return fields, nil
}

func (h *handler) prepare(st *statement, prepare *mysql.PrepareData) (fields []*querypb.Field, err error) {
	query := prepare.PrepareStmt
	ctx, err := h.sessions.NewContextWithQuery(st.ctx, st.conn.lib, query)
	if err != nil {
		return nil, err
	}
	if ctx, err = ctx.ProcessList.BeginOperation(ctx); err != nil {
		return nil, err
	}
	defer ctx.ProcessList.EndOperation(ctx)
	if err := sql.SessionCommandBegin(ctx.Session); err != nil {
		return nil, err
	}
	defer sql.SessionCommandEnd(ctx.Session)
	err = guard(func() error {
		if schema, params, ok, err := h.exec.PrepareExplain(ctx, query); ok || err != nil {
			fields = fieldsOf(ctx, schema)
			if params > 0 { // the library doesn't look below EXPLAIN
				prepare.ParamsCount = uint16(params)
				prepare.ParamsType = make([]int32, params)
				prepare.BindVars = make(map[string]*querypb.BindVariable, params)
			}
			return err
		}
		node, err := h.sqle.PrepareQuery(ctx, query)
		if err != nil {
			return err
		}
		if schema := node.Schema(ctx); len(schema) > 0 && !types.IsOkResultSchema(schema) && !writes(node) {
			fields = fieldsOf(ctx, schema)
		}
		return nil
	})
	return fields, err
}

// ComResetConnection implements mysql.Handler: a new session, in the same
// database.
func (h *handler) ComResetConnection(c *mysql.Conn) error {
	cc := connOf(c)
	db := h.sessions.GetCurrentDB(c)
	h.releaseLocks(c)
	h.sqle.CloseSession(c.ConnectionID)
	clear(cc.prepared)
	ctx := context.Background()
	err := h.sessions.NewSession(ctx, c)
	if err == nil {
		err = h.sessions.SetDB(ctx, c, db)
	}
	if err != nil {
		return h.fail(cc, "resetting the connection", err)
	}
	return nil
}

// WarningCount implements mysql.Handler. It is also where the library's end of
// a result can be seen coming: when it is that of a cursor whose statement
// failed, the error goes out in its place.
func (h *handler) WarningCount(c *mysql.Conn) uint16 {
	cc := connOf(c)
	if c.StatusFlags&mysql.ServerCursorLastRowSent != 0 {
		if e := cc.cursorError.Swap(nil); e != nil && c.FlushBuffer() == nil {
			cc.out.replace = e
		}
	}
	if cc.session == nil {
		return 0
	}
	return cc.session.WarningCount()
}

// ParserOptionsForConnection implements mysql.Handler.
func (h *handler) ParserOptionsForConnection(c *mysql.Conn) (sqlparser.ParserOptions, error) {
	ctx, err := h.sessions.NewContextWithQuery(context.Background(), c, "")
	if err != nil {
		return sqlparser.ParserOptions{}, err
	}
	return sql.LoadSqlMode(ctx).ParserOptions(), nil
}

var errNoReplication = mysql.NewSQLError(mysql.ERNotSupportedYet, "42000", "gridgate has no binary log to replicate from")

// ComRegisterReplica implements mysql.BinlogReplicaHandler. Without it, the
// library would leave the client waiting.
func (h *handler) ComRegisterReplica(*mysql.Conn, string, uint16, string, string) error {
	return errNoReplication
}

// ComBinlogDumpGTID implements mysql.BinlogReplicaHandler.
func (h *handler) ComBinlogDumpGTID(*mysql.Conn, string, uint64, mysql.GTIDSet) error {
	return errNoReplication
}
