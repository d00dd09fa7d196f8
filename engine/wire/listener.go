package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/rs/zerolog"
)

// listener counts and keeps the connections it has accepted, so that one too
// many can be told so, and all can be closed and waited for.
type listener struct {
	net.Listener
	max int // 0: no limit
	log zerolog.Logger

	mu     sync.Mutex
	open   map[*clientConn]struct{}
	closed bool
	err    error         // why accepting ended, when not by Close
	empty  chan struct{} // closed once closed is true and open is empty
}

func newListener(l net.Listener, max int, log zerolog.Logger) *listener {
	return &listener{Listener: l, max: max, log: log, open: map[*clientConn]struct{}{}, empty: make(chan struct{})}
}

// acceptPause is the longest pause after a failed accept.
const acceptPause = time.Second

// accept gives the next connection. When the system is short of file descriptors it
// waits and goes on.
func (l *listener) accept() (*clientConn, error) {
	pause := time.Duration(0)
	for {
		c, err := l.Listener.Accept()
		if err == nil {
			if cc := l.add(c); cc != nil {
				return cc, nil
			}
			refuse(c)
			pause = 0
			continue
		}
		var timeout interface{ Temporary() bool }
		if l.isClosed() || errors.Is(err, net.ErrClosed) || !errors.As(err, &timeout) || !timeout.Temporary() {
			l.mu.Lock()
			if !l.closed {
				l.err = err
			}
			l.mu.Unlock()
			return nil, err
		}
		pause = min(max(2*pause, 5*time.Millisecond), acceptPause)
		l.log.Warn().Err(err).Dur("pause", pause).Msg("can't accept a connection")
		time.Sleep(pause)
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		l.checkEmpty()
	}
	l.mu.Unlock()
	return l.Listener.Close()
}

func (l *listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// failure is why accepting ended; nil when Close did it.
func (l *listener) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return fmt.Errorf("accepting connections: %w", l.err)
	}
	return nil
}

// add keeps c; nil when that would be one too many.
func (l *listener) add(c net.Conn) *clientConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.max > 0 && len(l.open) >= l.max {
		return nil
	}
	cc := &clientConn{Conn: c, owner: l}
	l.open[cc] = struct{}{}
	if l.closed {
		cc.abort()
	}
	return cc
}

func (l *listener) remove(c *clientConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
	l.checkEmpty()
}

func (l *listener) checkEmpty() {
	if !l.closed || len(l.open) > 0 {
		return
	}
	select {
	case <-l.empty:
	default:
		close(l.empty)
	}
}

// abortAll closes the sockets of all connections; their handlers notice.
func (l *listener) abortAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		c.abort()
	}
}

// wait returns when, after Close, the last handler has ended.
func (l *listener) wait(ctx context.Context) error {
	select {
	case <-l.empty:
		return nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		return fmt.Errorf("%d connections are still being handled: %w", len(l.open), ctx.Err())
	}
}

// refuse tells a client that there are too many, in place of the greeting. At
// that point a client has sent nothing yet and no capabilities are agreed
// upon, so the packet has no SQLSTATE: libmysqlclient would show it as text.
func refuse(c net.Conn) {
	const text = "Too many connections"
	p := make([]byte, 0, 64)
	p = append(p, byte(3+len(text)), 0, 0, 0, mysql.ErrPacket, byte(mysql.ERConCount&0xff), byte(mysql.ERConCount>>8))
	p = append(p, text...)
	// A fresh socket takes this without waiting; a client that doesn't read
	// must not hold up the others.
	_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = c.Write(p)
	_ = c.Close()
}

// clientConn is the socket of one client.
type clientConn struct {
	net.Conn
	owner *listener
	once  sync.Once
	// patient is set while the rest of a packet is waited for. A deadline that wakes
	// the connection's goroutine from its waiting for a command means nothing then.
	patient atomic.Bool
}

// Read implements net.Conn.
func (c *clientConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 || !c.patient.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			return 0, err
		}
	}
}

// Close implements net.Conn. It is a handler's last act.
func (c *clientConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.owner.remove(c) })
	return err
}

// abort closes the socket below a handler, which then ends. It may be called
// by any goroutine, any number of times.
func (c *clientConn) abort() { _ = c.Conn.Close() }
