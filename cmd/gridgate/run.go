package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine"
	"gridgate/engine/wire"
	"gridgate/tables"
)

// shutdownTime is how long statements and connections have to end.
const shutdownTime = 1500 * time.Millisecond

// probeTime is how long the archive has to answer before the gateway is ready
// without it.
const probeTime = 2 * time.Second

// Options are what a gateway gets beside its configuration.
type Options struct {
	Log zerolog.Logger
	// Out is where the announcement for people goes; nil: into the log.
	Out io.Writer
	// Ready, when not nil, is called once, when clients can connect.
	Ready func(Info)
}

// Run serves until ctx ends, and then ends in order; that is no error.
func Run(ctx context.Context, cfg config.Config, o Options) error {
	g, err := Start(ctx, cfg, o)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil // told to end before it was up
		}
		return err
	}
	info := g.Info()
	info.announce(o.Out, o.Log, cfg.Log.Format)
	if o.Ready != nil {
		o.Ready(info)
	}
	select {
	case <-ctx.Done():
		o.Log.Info().Msg("ending")
	case <-g.Done():
	}
	return g.Close()
}

// A Gateway is everything that serves one configuration. Close ends it.
type Gateway struct {
	log      zerolog.Logger
	info     Info
	live     *live
	engine   *engine.Engine
	closers  []func() error // in the order of opening
	served   chan struct{}  // closed when the server has stopped serving
	serveErr error          // set before served is closed
	close    func() error
}

// Start opens everything and returns when clients can connect. ctx is for
// starting only. What Start opened before an error is closed again.
func Start(ctx context.Context, cfg config.Config, o Options) (*Gateway, error) {
	g := &Gateway{log: o.Log, served: make(chan struct{})}
	g.close = sync.OnceValue(g.closeAll)
	if err := g.open(ctx, cfg); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// Info says where the gateway is and how to begin.
func (g *Gateway) Info() Info { return g.info }

// Done is closed when the gateway has stopped serving, by Close or because it
// failed.
func (g *Gateway) Done() <-chan struct{} { return g.served }

// Close ends running statements and connections, closes the stores and removes
// the demo archive. It waits for all of it, within 2 s or so. The error says
// what went wrong since Start. It may be called again, and then says the same.
func (g *Gateway) Close() error { return g.close() }

// closeAll closes in the reverse order of opening.
func (g *Gateway) closeAll() error {
	var errs []error
	for _, c := range slices.Backward(g.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

func (g *Gateway) onClose(f func() error) { g.closers = append(g.closers, f) }

// open opens the gateway's parts. The address comes first: whoever can't have
// it need not wait for anything.
func (g *Gateway) open(ctx context.Context, cfg config.Config) error {
	l, err := listen(ctx, cfg.Server)
	if err != nil {
		return err
	}
	served := false // from then on the server closes the listener
	defer func() {
		if !served {
			l.Close()
		}
	}()
	var stores []tables.Store
	var archive tables.Store // nil: none
	if cfg.Text != (config.Text{}) {
		if archive, err = g.openArchive(ctx, &cfg.Text); err != nil {
			return err
		}
		stores = append(stores, archive)
	}
	if g.live, err = g.openLive(cfg); err != nil {
		return err
	}
	stores = append(stores, g.live.stores...)
	g.live.awaitFile(ctx)
	e, err := engine.New(engine.Config{
		Databases: []engine.Database{{Name: config.Database, Stores: stores}},
		Users:     engineUsers(cfg.Server.Users),
		Limits:    engineLimits(cfg.Limits),
		Log:       g.log,
	})
	if err != nil {
		return fmt.Errorf("starting the engine: %w", err)
	}
	g.engine = e
	g.onClose(e.Close)
	secure, err := openTLS(cfg.Server.TLS)
	if err != nil {
		return err
	}
	server, err := wire.New(wire.Config{
		Listener:           l,
		SQL:                e.SQL(),
		Executor:           e,
		Account:            e.Account,
		NewSession:         e.NewSession,
		TLS:                secure,
		RequireTLS:         cfg.Server.TLS.Mode == "required",
		Version:            cfg.Server.Version,
		MaxConnections:     cfg.Server.MaxConnections,
		MaxUserConnections: cfg.Server.MaxUserConnections,
		MaxFailedLogins:    cfg.Server.MaxFailedLogins,
		Logger:             g.log,
	})
	if err != nil {
		return fmt.Errorf("starting the MySQL server: %w", err)
	}
	served = true
	go g.serve(server)
	g.onClose(func() error { return g.stop(server) })
	g.log.Info().Strs("embedded", g.live.embedded).Msg("what is embedded keeps its data as long as this process lives")
	g.describe(ctx, cfg, l.Addr(), archive)
	return nil
}

// background runs f until the gateway is closed, which waits for it.
func (g *Gateway) background(f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { f(ctx) })
	g.onClose(func() error {
		cancel()
		group.Wait()
		return nil
	})
}

// serve is the goroutine that accepts connections; stop waits for it.
func (g *Gateway) serve(s *wire.Server) {
	defer close(g.served)
	g.serveErr = s.Serve()
}

func (g *Gateway) stop(s *wire.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := s.Shutdown(ctx)
	<-g.served
	return errors.Join(g.serveErr, err)
}

// openArchive opens the text store, over the demo archive when asked for.
func (g *Gateway) openArchive(ctx context.Context, c *config.Text) (tables.Store, error) {
	if c.Demo {
		dir, sum, remove, err := writeDemo(ctx)
		if err != nil {
			return nil, err
		}
		g.onClose(remove)
		c.Location = dir
		g.log.Info().Str("folder", dir).Int("files", sum.Files).Int("lines", sum.Lines).Int64("bytes", sum.Bytes).
			Msg("the demo archive lives as long as this process")
	}
	store, err := openText(*c)
	if err != nil {
		return nil, err
	}
	g.onClose(store.Close)
	return store, nil
}

// describe fills Info and logs what the operator should know. An archive that
// is down is no reason not to start: it may come back. store is nil without an
// archive.
func (g *Gateway) describe(ctx context.Context, cfg config.Config, a net.Addr, store tables.Store) {
	g.info = Info{Addr: a, Connect: connectLine(a, cfg.Server.Users)}
	if !cfg.Server.ListenGiven && a.String() != cfg.Server.Listen {
		g.info.Moved = cfg.Server.Listen
		g.log.Warn().Stringer("address", a).Msgf("%s is in use; this is the next free port", cfg.Server.Listen)
	}
	g.info.Examples = g.examples(ctx, cfg, store)
	if len(cfg.Server.Users) > 0 {
		return
	}
	if isLoopback(a) {
		g.log.Warn().Msg("no users are configured (server.users): root may log in without a password, from this machine only")
	} else {
		g.log.Warn().Stringer("address", a).
			Msg("no users are configured (server.users): nobody can log in from outside; root may, without a password, from this machine only")
	}
}

// examples are queries that answer something; none over an archive that can't
// be read.
func (g *Gateway) examples(ctx context.Context, cfg config.Config, archive tables.Store) []string {
	if archive == nil {
		return g.live.examples(false)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	columns, err := columnsOf(ctx, archive, "words")
	if err != nil {
		g.log.Error().Err(err).Msg("the archive can't be read; " + mendArchive(err))
		return nil
	}
	all := examples(cfg.Text.Demo, slices.Contains(columns, "dt"))
	if cfg.Text.Demo {
		all = append(all[:2:2], g.live.examples(true)...)
	}
	return all
}

func engineUsers(users []config.User) []engine.User {
	out := make([]engine.User, len(users))
	for i, u := range users {
		out[i] = engine.User{Name: u.Name, Password: u.Password, Databases: u.Databases}
	}
	return out
}
