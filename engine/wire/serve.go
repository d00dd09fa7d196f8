package wire

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/sirupsen/logrus"

	"gridgate/engine"
)

// serve is a connection's goroutine, from its greeting to its end.
func (s *Server) serve(client *clientConn) {
	c := &conn{
		srv: s, id: s.ids.Add(1), client: client, since: time.Now(), status: mysql.ServerStatusAutocommit,
		out: newPackets(client, loginPacket), prepared: map[uint32]*prepared{}, texts: map[string]int{},
	}
	c.process = process{command: sql.ProcessCommandConnect, since: c.since}
	c.enter(phaseBusy)
	s.conns.add(c)
	s.log.Debug().Uint32("connection", c.id).Stringer("client", client.RemoteAddr()).Msg("connected")
	defer c.close()
	if err := guard(c.handshake); err != nil {
		s.loginFailed(c, err)
		return
	}
	c.out.limit = s.cfg.MaxPacket
	err := c.serveCommands()
	s.log.Debug().Uint32("connection", c.id).AnErr("reason", err).Msg("disconnected")
}

// loginFailed counts and logs a login that came to nothing.
func (s *Server) loginFailed(c *conn, err error) {
	sql.StatusVariables.IncrementGlobal("Aborted_connects", 1)
	var told *mysql.SQLError
	s.logPanic(c, err)
	ev := s.log.Debug()
	if errors.As(err, &told) {
		ev = s.log.Info().Int("code", told.Num)
	}
	ev.Uint32("connection", c.id).Stringer("client", c.client.RemoteAddr()).Str("reason", err.Error()).Msg("login failed")
}

// close frees what the connection holds. It is its goroutine's last act.
func (c *conn) close() {
	for _, p := range c.prepared {
		c.forget(p)
	}
	_ = c.out.flush() // an error that ended the connection
	c.client.abort()
	c.endSession()
	c.srv.conns.remove(c)
	_ = c.client.Close() // only now may Shutdown return
}

// logIn makes the session of a user who proves to be one.
func (c *conn) logIn(l login) error {
	s := c.srv
	host := hostOf(c.client.RemoteAddr())
	if err := s.failures.check(host, time.Now()); err != nil {
		return err
	}
	account, err := c.authenticate(l)
	var denied *mysql.SQLError
	if err == nil || errors.As(err, &denied) && denied.Num == mysql.ERAccessDeniedError {
		s.failures.note(host, err == nil, time.Now())
	}
	if err != nil {
		return err
	}
	if !s.conns.claim(c, account.User, s.cfg.MaxUserConnections) {
		return mysql.NewSQLError(1203, "42000", "User %s already has more than 'max_user_connections' active connections", account.User)
	}
	c.capabilities = l.capabilities & (offered | mysql.CapabilityClientSSL)
	c.account, c.attributes = account, l.attributes
	if err := c.newSession(context.Background()); err != nil {
		return err
	}
	if err := c.useCollation(l.collation); err != nil {
		return err
	}
	if l.database != "" {
		return c.use(l.database)
	}
	return nil
}

// newSession makes a session for the user who has logged in, in place of the one so
// far.
func (c *conn) newSession(ctx context.Context) error {
	s, err := c.srv.cfg.NewSession(ctx, c.srv.Addr().String(), c.account.User, c.account.Host)
	if err != nil {
		return err
	}
	c.endSession()
	s.SetConnectionId(c.id)
	client := s.Client()
	client.Capabilities = c.capabilities
	s.SetClient(client)
	if s.GetLogger() == nil {
		s.SetLogger(logrus.NewEntry(logrus.StandardLogger()))
	}
	c.session = s
	c.setProcess(process{command: sql.ProcessCommandSleep, since: time.Now()})
	return c.noteVariables(c.context(ctx, ""))
}

// endSession gives back what the session holds, if there is one.
func (c *conn) endSession() {
	if c.session == nil {
		return
	}
	ctx := c.context(context.Background(), "")
	_, err := c.srv.sqle.LS.ReleaseAll(ctx)
	if err == nil {
		err = c.srv.sqle.Analyzer.Catalog.UnlockTables(ctx, c.id)
	}
	if err != nil {
		c.srv.log.Warn().Err(err).Uint32("connection", c.id).Msg("can't release the locks of a connection")
	}
	c.srv.sqle.CloseSession(c.id)
	sql.SessionEnd(c.session)
	c.session = nil
}

// context makes go-mysql-server's context for the session.
func (c *conn) context(ctx context.Context, query string) *sql.Context {
	return sql.NewContext(ctx,
		sql.WithSession(c.session),
		sql.WithPid(c.srv.pids.Add(1)),
		sql.WithQuery(query),
		sql.WithMemoryManager(c.srv.sqle.MemoryManager),
		sql.WithProcessList(processList{c}),
		// LOAD DATA LOCAL is left out: a read-only server has no use for it.
		sql.WithServices(sql.Services{KillConnection: func(id uint32) error {
			c.srv.conns.kill(id, engine.StopConnectionKilled)
			return nil
		}}),
	)
}

// errQuit ends a connection whose client said so.
var errQuit = errors.New("the client has quit")

// serveCommands runs the client's commands until its end, which the error tells.
func (c *conn) serveCommands() error {
	for {
		p, err := c.nextCommand()
		if err != nil {
			var told *mysql.SQLError
			if errors.As(err, &told) {
				_ = c.out.error(told)
			}
			return err
		}
		if err := guard(func() error { return c.command(p) }); err != nil {
			var p *engine.Panic
			if errors.As(err, &p) { // what it left behind is not to be built upon
				_ = c.fail("a command", err)
			}
			return err
		}
		if err := c.out.flush(); err != nil {
			return err
		}
	}
}

// nextCommand waits for a command.
func (c *conn) nextCommand() ([]byte, error) {
	c.out.seq = 0
	c.enter(phaseIdle)
	if c.woken.Swap(false) {
		c.closeStopped()
	}
	for {
		p, err := c.out.read(func() {
			c.client.patient.Store(true)
			c.enter(phasePacket)
		})
		if errors.Is(err, os.ErrDeadlineExceeded) { // somebody has woken us
			c.woken.Store(false)
			if err := c.client.SetReadDeadline(time.Time{}); err != nil {
				return nil, err
			}
			c.closeStopped()
			if c.overdue(time.Now()) {
				return nil, errIdle
			}
			continue
		}
		c.client.patient.Store(false)
		c.enter(phaseBusy)
		switch {
		case err != nil:
			return nil, unquiet(err)
		case len(p) == 0:
			return nil, mysql.NewSQLError(1835, "HY000", "Malformed communication packet.")
		}
		return p, nil
	}
}

// unquiet takes the end of a connection between two commands for a client that quits
// without saying so.
func unquiet(err error) error {
	if errors.Is(err, io.EOF) {
		return errQuit
	}
	return err
}
