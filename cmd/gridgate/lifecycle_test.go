package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine"
)

// TestMain looks for goroutines that are left, and removes what tests share.
func TestMain(m *testing.M) {
	// go-mysql-server's log belongs to the process, and goes where the first
	// engine says: not to a test, which ends.
	e, err := engine.New(engine.Config{Log: zerolog.Nop()})
	if err != nil {
		panic(err)
	}
	if err := e.Close(); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if binaryFolder != "" {
			os.RemoveAll(binaryFolder)
		}
		os.Exit(code)
	}))
}

// endless are statements that would run for longer than any test.
var endless = map[string]string{
	"joining":         "SELECT COUNT(*) FROM words AS a JOIN words AS b ON a.pos < b.pos JOIN words AS c ON b.pos < c.pos",
	"joining in vain": "SELECT COUNT(*) FROM words AS a JOIN words AS b ON a.pos < b.pos AND b.pos < a.pos JOIN words AS c ON b.pos < c.pos",
	"sleeping":        "SELECT SLEEP(60)",
	"sending results": "SELECT a.word, b.word FROM words AS a JOIN words AS b ON a.pos < b.pos",
}

func TestItEndsWithRunningStatements(t *testing.T) {
	for name, query := range endless {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			g := startGateway(t, servingConfig(config.Text{Location: smallDemo(t)}))
			db := connect(t, g)
			defer db.Close()
			var running sync.WaitGroup
			var queryErr error
			running.Go(func() { _, queryErr = queryRows(t, db, query) })
			untilRunning(t, g, query)
			within(t, 2*time.Second, "Close", func() {
				if err := g.Close(); err != nil {
					t.Errorf("closing: %v", err)
				}
			})
			running.Wait()
			if queryErr == nil {
				t.Error("the statement ended without an error")
			}
		})
	}
}

// untilRunning waits until the process list has the statement.
func untilRunning(t *testing.T, g *Gateway, query string) {
	t.Helper()
	db := connect(t, g)
	defer db.Close()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, p := range rowsOf(t, db, "SHOW FULL PROCESSLIST") {
			if strings.Contains(p, query) {
				time.Sleep(300 * time.Millisecond) // well into it
				return
			}
		}
	}
	t.Fatalf("%s is not in the process list", query)
}

func TestRunEndsWithItsContextAndLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready := make(chan Info, 1)
	ended := make(chan error, 1)
	var out bytes.Buffer
	go func() {
		ended <- Run(ctx, servingConfig(config.Text{Demo: true}), Options{Log: zerolog.Nop(), Out: &out, Ready: func(i Info) { ready <- i }})
	}()
	info := <-ready
	if left := entries(t, temp); len(left) != 1 || !strings.HasPrefix(left[0], "gridgate-demo-") {
		t.Errorf("while running the temporary folder holds %q", left)
	}
	c, err := net.Dial("tcp", info.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	within(t, 2*time.Second, "ending", func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if left := entries(t, temp); len(left) != 0 {
		t.Errorf("the temporary folder still holds %q", left)
	}
	if !strings.Contains(out.String(), info.Connect) {
		t.Errorf("the banner is\n%s", out.String())
	}
}

func TestRunThatIsToldToEndBeforeItIsUpIsNoFailure(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, servingConfig(config.Text{Demo: true}), Options{Log: zerolog.Nop()}); err != nil {
		t.Error(err)
	}
	if left := entries(t, temp); len(left) != 0 {
		t.Errorf("the temporary folder still holds %q", left)
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range list {
		names = append(names, filepath.Base(e.Name()))
	}
	return names
}

func TestCloseTwiceSaysTheSame(t *testing.T) {
	g, err := Start(t.Context(), servingConfig(config.Text{Location: t.TempDir()}), Options{Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	if one, two := g.Close(), g.Close(); one != nil || two != nil {
		t.Errorf("got %v and %v", one, two)
	}
	select {
	case <-g.Done():
	default:
		t.Error("Done is not closed")
	}
}

func TestAFailedStartLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	c := servingConfig(config.Text{Demo: true})
	c.Server.Users = []config.User{{Name: "anna"}} // without a password: the engine refuses
	if _, err := Start(t.Context(), c, Options{Log: zerolog.Nop()}); err == nil {
		t.Fatal("it started")
	}
	if left := entries(t, temp); len(left) != 0 {
		t.Errorf("the temporary folder still holds %q", left)
	}
}

func TestABusyAddressThatWasAskedForIsAnError(t *testing.T) {
	first := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	c := servingConfig(config.Text{Location: t.TempDir()})
	c.Server.Listen = first.Info().Addr.String()
	_, err := Start(t.Context(), c, Options{Log: zerolog.Nop()})
	if err == nil || !strings.Contains(err.Error(), c.Server.Listen+" is in use by another program") {
		t.Errorf("got %v", err)
	}
}

func TestTheNextFreePortIsTakenAndNamed(t *testing.T) {
	first := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	c := servingConfig(config.Text{Location: t.TempDir()})
	c.Server.Listen, c.Server.ListenGiven = first.Info().Addr.String(), false
	g := startGateway(t, c)
	if g.Info().Moved != c.Server.Listen {
		t.Errorf("moved from %q, want %q", g.Info().Moved, c.Server.Listen)
	}
	if got := rowsOf(t, connect(t, g), "SELECT COUNT(*) FROM words"); !slices.Equal(got, []string{"0"}) {
		t.Errorf("got %q", got)
	}
}

func TestAClientThatGoesAwayEndsItsStatement(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: smallDemo(t)}))
	db := connect(t, g)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		var n sql.NullInt64
		ended <- db.QueryRowContext(ctx, endless["joining"]).Scan(&n)
	}()
	untilRunning(t, g, endless["joining"])
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	other := connect(t, g)
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left := rowsOf(t, other, "SHOW FULL PROCESSLIST")
		if !slices.ContainsFunc(left, func(p string) bool { return strings.Contains(p, "AS c ON") }) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it still runs: %q", left)
		}
	}
}

func TestMoreConnectionsThanAllowedAreToldSo(t *testing.T) {
	c := servingConfig(config.Text{Location: t.TempDir()})
	c.Server.MaxConnections = 1
	g := startGateway(t, c)
	first, second := connect(t, g), connect(t, g)
	if err := first.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "1040") {
		t.Errorf("got %v, want error 1040", err)
	}
}
