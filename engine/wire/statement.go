package wire

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gridgate/engine"
)

// statement is a command under way that can be ended from outside.
type statement struct {
	conn    *conn
	query   string
	started time.Time
	ctx     context.Context
	cancel  context.CancelCauseFunc
	rows    uint64 // written so far; the statement's goroutine only

	mu       sync.Mutex
	ended    bool
	deadline bool // the socket has a write deadline because of stop
	timer    *time.Timer
}

// stuckClient is how long a client that doesn't read may hold up the end of a
// statement that was ended from outside.
const stuckClient = 5 * time.Second

// begin starts a statement on c. The caller calls end.
func (s *Server) begin(ctx context.Context, c *conn, query string) *statement {
	st := &statement{conn: c, query: query, started: time.Now()}
	st.ctx, st.cancel = context.WithCancelCause(ctx)
	c.mu.Lock()
	c.running = append(c.running, st)
	c.mu.Unlock()
	// Looked at after the statement can be found, so that none slips through
	// between a shutdown's look at the list and this.
	if s.conns.isStopping() {
		st.stop(engine.StopShutdown)
	}
	s.watcher.began()
	return st
}

// end frees what begin took. No stop has an effect after it.
func (st *statement) end(w *watcher) {
	w.ended()
	c := st.conn
	c.mu.Lock()
	c.running = slices.DeleteFunc(c.running, func(x *statement) bool { return x == st })
	c.mu.Unlock()

	st.mu.Lock()
	defer st.mu.Unlock()
	st.ended = true
	if st.timer != nil {
		st.timer.Stop()
	}
	if st.deadline {
		_ = c.client.SetWriteDeadline(time.Time{})
	}
	st.cancel(nil)
}

// stop ends the statement; the first reason counts. It may be called by any
// goroutine.
func (st *statement) stop(why engine.Stop) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended {
		return
	}
	st.cancel(why)
	if !st.deadline {
		st.deadline = true
		_ = st.conn.client.SetWriteDeadline(time.Now().Add(stuckClient))
	}
}

// limit ends the statement after d, unless unlimit is called before.
func (st *statement) limit(d time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.ended && st.timer == nil {
		st.timer = time.AfterFunc(d, func() { st.stop(engine.StopTimeout) })
	}
}

func (st *statement) unlimit() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.timer != nil {
		st.timer.Stop()
		st.timer = nil
	}
}

// why is the error to tell the client when the statement failed with err: the
// reason of its end from outside where there is one, since what became of it
// on its way through the stores tells less.
func (st *statement) why(err error) error {
	var client clientError
	if err == nil || errors.As(err, &client) {
		return err
	}
	if stop, ok := context.Cause(st.ctx).(engine.Stop); ok {
		return stop
	}
	return err
}
