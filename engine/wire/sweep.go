package wire

import (
	"time"

	"github.com/dolthub/vitess/go/mysql"
)

// sweepEvery is the time between two looks at the connections.
const sweepEvery = 250 * time.Millisecond

// startSweeper starts the goroutine that ends connections whose clients are idle for
// too long, stop in the middle of a packet, or don't read what is written to them. So
// no statement has to set a timer. stop ends it and waits for it.
func (s *Server) startSweeper() (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case now := <-tick.C:
				for _, c := range s.conns.all() {
					c.sweep(now, s.cfg.PacketTime)
				}
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// sweep looks at one connection. What is read twice may have changed between: the
// phase is looked at before its time, and a connection that moves on is left alone.
func (c *conn) sweep(now time.Time, packetTime time.Duration) {
	phase := c.phase.Load()
	waits := now.Sub(time.Unix(0, c.moved.Load()))
	switch {
	case phase == phasePacket && waits > packetTime:
		c.srv.log.Debug().Uint32("connection", c.id).Msg("a client stopped in the middle of a packet")
		c.client.abort()
	case phase == phaseIdle && c.overdue(now):
		c.wake()
	}
	if began := c.out.writingSince.Load(); began != 0 && now.Sub(time.Unix(0, began)) > packetTime {
		c.srv.log.Info().Uint32("connection", c.id).Msg("a client doesn't read what is written to it")
		c.client.abort()
	}
}

// overdue reports whether the client has been idle for longer than it may.
func (c *conn) overdue(now time.Time) bool {
	limit := time.Duration(c.idle.Load())
	return limit > 0 && now.Sub(time.Unix(0, c.moved.Load())) > limit
}

// errIdle is told to a client that has been idle for too long, as MySQL 8.0.24 and
// later do.
var errIdle = mysql.NewSQLError(4031, "HY000",
	"The client was disconnected by the server because of inactivity. See wait_timeout and interactive_timeout for configuring this behavior.")
