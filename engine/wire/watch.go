package wire

import (
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"gridgate/engine"
)

const (
	// watchAfter is how long a statement runs before its client is looked
	// after: most are over by then and never cost a system call.
	watchAfter = 200 * time.Millisecond
	// watchEvery is the time between two looks at a client.
	watchEvery = 150 * time.Millisecond
)

// watcher notices clients that went away while their statement runs. One
// goroutine looks at all of them; it sleeps without a timer while nothing
// runs.
type watcher struct {
	conns   *connections
	log     zerolog.Logger
	running atomic.Int64
	parked  atomic.Bool // the goroutine waits for wake
	wake    chan struct{}
}

func newWatcher(conns *connections, log zerolog.Logger) *watcher {
	return &watcher{conns: conns, log: log, wake: make(chan struct{}, 1)}
}

// began counts a statement; each is followed by ended.
func (w *watcher) began() {
	w.running.Add(1)
	if w.parked.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}

func (w *watcher) ended() { w.running.Add(-1) }

// start starts the goroutine; stop ends it and waits for it.
func (w *watcher) start() (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		w.run(quit)
	}()
	return func() {
		close(quit)
		<-done
	}
}

func (w *watcher) run(quit <-chan struct{}) {
	timer := time.NewTimer(watchEvery)
	defer timer.Stop()
	for {
		if w.running.Load() == 0 {
			w.parked.Store(true)
			// A statement that began just before parked was set has not seen
			// it; one that begins from here on sends.
			if w.running.Load() > 0 && w.parked.CompareAndSwap(true, false) {
				continue
			}
			select {
			case <-quit:
				return
			case <-w.wake:
			}
		}
		timer.Reset(watchEvery)
		select {
		case <-quit:
			return
		case <-timer.C:
			w.look(time.Now())
		}
	}
}

// look ends the statements whose clients are gone.
func (w *watcher) look(now time.Time) {
	for _, c := range w.conns.all() {
		if !c.hasRunSince(now.Add(-watchAfter)) || !gone(c.client) {
			continue
		}
		w.log.Debug().Uint32("connection", c.id).Msg("the client has gone while its statement runs")
		c.stop(engine.StopClientGone)
	}
}

func (c *conn) hasRunSince(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, st := range c.running {
		if st.started.Before(t) {
			return true
		}
	}
	return false
}

// gone reports whether the peer has closed or reset the connection. It takes
// nothing from the socket and doesn't wait. Bytes that the client has sent
// ahead are no close.
func gone(c *clientConn) bool {
	sc, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false // not a socket
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	// An error means that the socket was closed on our side.
	if err := raw.Control(func(fd uintptr) { gone = peerGone(int(fd)) }); err != nil {
		return true
	}
	return gone
}
