// Package wire carries statements between MySQL clients and the engine: it
// accepts connections, runs their commands, writes results as they come, and
// ends a statement when its client, an administrator, a time limit or the
// server's end says so. DESIGN.md says why it is built as it is.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/rs/zerolog"

	"gridgate/engine"
)

// Executor plans a statement and starts it; engine.Engine is one. It is safe
// for concurrent use.
type Executor interface {
	Execute(ctx *sql.Context, st engine.Statement) (*engine.Result, error)
	// PrepareExplain prepares an EXPLAIN and gives its result's columns and how many
	// parameters it has; ok is false for all other statements, which go-mysql-server
	// prepares.
	PrepareExplain(ctx *sql.Context, query string) (_ sql.Schema, params int, ok bool, err error)
}

var _ Executor = (*engine.Engine)(nil)

// Config says what a Server serves and where.
type Config struct {
	// Listener is where clients come in. The server owns it from New on.
	Listener net.Listener
	// SQL is go-mysql-server's engine: its users, locks and process list.
	SQL *sqle.Engine
	// Executor runs the statements.
	Executor Executor
	// NewSession makes the session of a connection, once it has logged in and
	// again when the client resets it. nil: a plain session.
	NewSession func(ctx context.Context, serverAddr, user, host string) (sql.Session, error)
	// TLS, when not nil, is offered to clients; RequireTLS refuses the others.
	TLS        *tls.Config
	RequireTLS bool
	// Version is the server version of the greeting. "": the wire library's.
	Version string
	// MaxConnections is how many clients may be connected; one more is told
	// so at once, with error 1040. 0: no limit.
	MaxConnections int
	// SlowStatement is the duration from which on a statement's end is logged
	// as a warning. 0: never. All others are logged at debug level.
	SlowStatement time.Duration
	Logger        zerolog.Logger
}

// Server is a MySQL server for one listener. Serve runs it; Shutdown ends it.
type Server struct {
	log      zerolog.Logger
	gms      *server.Server
	listener *listener
	handler  *handler
	served   atomic.Bool
	done     chan struct{} // closed when Serve has returned
}

// New makes a server. Nothing is accepted before Serve. After an error the
// listener is still the caller's.
func New(cfg Config) (*Server, error) {
	if cfg.Listener == nil || cfg.SQL == nil || cfg.Executor == nil {
		return nil, errors.New("wire: Listener, SQL and Executor must be set")
	}
	if cfg.NewSession == nil {
		cfg.NewSession = plainSession
	}
	s := &Server{log: cfg.Logger, done: make(chan struct{})}
	s.listener = newListener(cfg.Listener, cfg.MaxConnections, cfg.Logger)
	s.handler = newHandler(cfg)
	gms, err := server.NewServerWithHandler(server.Config{
		Listener:               s.listener,
		Address:                cfg.Listener.Addr().String(),
		TLSConfig:              cfg.TLS,
		RequireSecureTransport: cfg.RequireTLS,
		Version:                cfg.Version,
		// Its watcher reads from the socket, which hangs server-side cursors;
		// package wire has its own.
		DisableConnectionWatcher: true,
	}, cfg.SQL, s.handler.newContext, sessionBuilder(cfg), nil,
		func(mysql.Handler) (mysql.Handler, error) { return s.handler, nil })
	if err != nil {
		return nil, fmt.Errorf("making the MySQL server: %w", err)
	}
	s.gms = gms
	// Only here does the session manager exist; no connection can have come
	// in yet.
	s.handler.sessions = gms.SessionManager()
	return s, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve accepts and serves connections until Shutdown. It may be called once.
func (s *Server) Serve() error {
	if s.served.Swap(true) {
		return errors.New("wire: Serve was called twice")
	}
	defer close(s.done)
	stop := s.handler.watcher.start()
	defer stop()
	s.log.Info().Stringer("address", s.Addr()).Msg("accepting MySQL connections")
	s.gms.Listener.Accept()
	return s.listener.failure()
}

// Shutdown stops accepting, ends the running statements with error 1053,
// gives them a moment to tell their clients, closes all connections and waits
// for their handlers and for Serve, until ctx ends. The error says how many
// connections were still being handled then.
func (s *Server) Shutdown(ctx context.Context) error {
	s.handler.conns.shutdown()
	if err := s.gms.Close(); err != nil {
		return fmt.Errorf("closing the listener: %w", err)
	}
	s.handler.conns.waitQuiet(ctx, answerGrace)
	s.listener.abortAll()
	if err := s.listener.wait(ctx); err != nil {
		return err
	}
	if !s.served.Load() {
		return nil
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the listener to end: %w", ctx.Err())
	}
}

// answerGrace is how long statements that were ended by Shutdown have to tell
// their clients.
const answerGrace = time.Second

// sessionBuilder makes sessions for users as the account tables know them.
func sessionBuilder(cfg Config) server.SessionBuilder {
	return func(ctx context.Context, c *mysql.Conn, addr string) (sql.Session, error) {
		user, host := c.User, ""
		if u, ok := c.UserData.(sql.MysqlConnectionUser); ok {
			user, host = u.User, u.Host
		}
		s, err := cfg.NewSession(ctx, addr, user, host)
		if err != nil {
			return nil, err
		}
		client := s.Client()
		client.Capabilities = c.Capabilities
		s.SetClient(client)
		connOf(c).session = s
		return s, nil
	}
}

func plainSession(_ context.Context, serverAddr, user, host string) (sql.Session, error) {
	return sql.NewBaseSessionWithClientServer(serverAddr, sql.Client{User: user, Address: host}, 0), nil
}
