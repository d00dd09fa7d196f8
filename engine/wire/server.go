// Package wire carries statements between MySQL clients and the engine: it
// accepts connections, lets clients log in, runs their commands, writes results as
// they come, and ends a statement when its client, an administrator, a time limit or
// the server's end says so. DESIGN.md says why it is built as it is.
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
	"github.com/dolthub/go-mysql-server/sql"
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
	// SQL is go-mysql-server's engine: its parser, locks and catalog.
	SQL *sqle.Engine
	// Executor runs the statements.
	Executor Executor
	// Account gives the account of a user who comes from an address without port;
	// false where there is none.
	Account func(user, host string) (engine.Account, bool)
	// NewSession makes the session of a connection, once it has logged in and
	// again when the client resets it. nil: a plain session.
	NewSession func(ctx context.Context, serverAddr, user, host string) (sql.Session, error)
	// TLS, when not nil, is offered to clients; RequireTLS refuses the others.
	TLS        *tls.Config
	RequireTLS bool
	// Version is the server version of the greeting. "": DefaultVersion.
	Version string
	// MaxConnections is how many clients may be connected; one more is told
	// so at once, with error 1040. MaxUserConnections is how many of them may be of
	// one user (1203). 0: no limit.
	MaxConnections, MaxUserConnections int
	// MaxFailedLogins is how many logins in a row from one address may fail until the
	// next are refused for a minute (1129). 0: no limit.
	MaxFailedLogins int
	// MaxPacket is how long a command of a client may be, in bytes (1153). 0:
	// DefaultMaxPacket.
	MaxPacket int
	// LoginTime is how long a client may take to log in, and PacketTime how long one
	// may pause within a packet or leave what is written to it unread. 0: 10 s, and
	// 60 s. How long it may be idle is in its session's variables (wait_timeout).
	LoginTime, PacketTime time.Duration
	// SlowStatement is the duration from which on a statement's end is logged
	// as a warning. 0: never. All others are logged at debug level.
	SlowStatement time.Duration
	Logger        zerolog.Logger
}

// Standards of a configuration.
const (
	DefaultVersion    = "8.0.36"
	DefaultMaxPacket  = 64 << 20 // MySQL's max_allowed_packet
	defaultLoginTime  = 10 * time.Second
	defaultPacketTime = time.Minute
)

// Server is a MySQL server for one listener. Serve runs it; Shutdown ends it.
type Server struct {
	cfg      Config
	log      zerolog.Logger
	sqle     *sqle.Engine
	listener *listener
	conns    *connections
	watcher  *watcher
	auth     *auth
	failures failures
	started  time.Time
	pids     atomic.Uint64 // numbers of statements
	prepared atomic.Int64  // statements that clients have prepared
	ids      atomic.Uint32 // numbers of connections
	served   atomic.Bool
	done     chan struct{} // closed when Serve has returned
}

// New makes a server. Nothing is accepted before Serve. After an error the
// listener is still the caller's.
func New(cfg Config) (*Server, error) {
	if cfg.Listener == nil || cfg.SQL == nil || cfg.Executor == nil || cfg.Account == nil {
		return nil, errors.New("wire: Listener, SQL, Executor and Account must be set")
	}
	if cfg.NewSession == nil {
		cfg.NewSession = plainSession
	}
	if cfg.Version == "" {
		cfg.Version = DefaultVersion
	}
	if cfg.MaxPacket == 0 {
		cfg.MaxPacket = DefaultMaxPacket
	}
	if cfg.LoginTime == 0 {
		cfg.LoginTime = defaultLoginTime
	}
	if cfg.PacketTime == 0 {
		cfg.PacketTime = defaultPacketTime
	}
	shared, err := newAuth()
	if err != nil {
		return nil, fmt.Errorf("making the MySQL server: %w", err)
	}
	conns := newConnections()
	return &Server{
		cfg:      cfg,
		log:      cfg.Logger,
		sqle:     cfg.SQL,
		listener: newListener(cfg.Listener, cfg.MaxConnections, cfg.Logger),
		conns:    conns,
		watcher:  newWatcher(conns, cfg.Logger),
		auth:     shared,
		failures: failures{max: cfg.MaxFailedLogins, by: map[string]*failure{}},
		started:  time.Now(),
		done:     make(chan struct{}),
	}, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve accepts and serves connections until Shutdown. It may be called once.
func (s *Server) Serve() error {
	if s.served.Swap(true) {
		return errors.New("wire: Serve was called twice")
	}
	defer close(s.done)
	defer s.watcher.start()()
	defer s.startSweeper()()
	s.log.Info().Stringer("address", s.Addr()).Msg("accepting MySQL connections")
	for {
		c, err := s.listener.accept()
		if err != nil {
			return s.listener.failure()
		}
		go s.serve(c) // waited for by way of the listener, which counts what is open
	}
}

// Shutdown stops accepting, ends the running statements with error 1053,
// gives them a moment to tell their clients, closes all connections and waits
// for their handlers and for Serve, until ctx ends. The error says how many
// connections were still being handled then.
func (s *Server) Shutdown(ctx context.Context) error {
	s.conns.shutdown()
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("closing the listener: %w", err)
	}
	s.conns.waitQuiet(ctx, answerGrace)
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

func plainSession(_ context.Context, serverAddr, user, host string) (sql.Session, error) {
	return sql.NewBaseSessionWithClientServer(serverAddr, sql.Client{User: user, Address: host}, 0), nil
}
