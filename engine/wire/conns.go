package wire

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// conn is what package wire knows of one connection. It is the ClientData of
// the wire library's connection.
type conn struct {
	id     uint32
	client *clientConn
	lib    *mysql.Conn
	out    *packetConn // nil until the client has logged in

	// The error of a cursor's statement, until the client fetches its last rows.
	cursorError atomic.Pointer[mysql.SQLError]

	// Used by the connection's goroutine only.
	session   sql.Session         // nil until the client has logged in
	prepared  map[string]struct{} // texts that the session keeps a parsed statement of
	continued bool                // the next statement belongs to a multi-statement that has begun

	mu      sync.Mutex
	user    string       // "" until the client has logged in
	running []*statement // more than one only while a cursor is open
}

// connections are all connections of a server, by number. It is safe for
// concurrent use.
type connections struct {
	mu       sync.Mutex
	byID     map[uint32]*conn
	stopping bool
}

func newConnections() *connections { return &connections{byID: map[uint32]*conn{}} }

func (cs *connections) add(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.byID[c.id] = c
}

func (cs *connections) remove(id uint32) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byID, id)
}

func (cs *connections) get(id uint32) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.byID[id]
}

// all lists the connections in no order.
func (cs *connections) all() []*conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	list := make([]*conn, 0, len(cs.byID))
	for _, c := range cs.byID {
		list = append(list, c)
	}
	return list
}

// kill ends what connection id runs; with the connection, it also closes that.
// It reports whether there is such a connection.
func (cs *connections) kill(id uint32, why engine.Stop) bool {
	c := cs.get(id)
	if c == nil {
		return false
	}
	c.stop(why)
	if why == engine.StopConnectionKilled {
		c.client.abort()
	}
	return true
}

// shutdown ends all running statements, and from now on each new one.
func (cs *connections) shutdown() {
	cs.mu.Lock()
	cs.stopping = true
	cs.mu.Unlock()
	for _, c := range cs.all() {
		c.stop(engine.StopShutdown)
	}
}

func (cs *connections) isStopping() bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.stopping
}

// waitQuiet returns when every handler waits for its client, which is after
// its last answer has gone out; at the latest after d, or when ctx ends.
func (cs *connections) waitQuiet(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for slices.ContainsFunc(cs.all(), func(c *conn) bool { return !c.client.reading.Load() }) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *conn) setUser(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = name
}

func (c *conn) userName() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// stop ends what the connection runs.
func (c *conn) stop(why engine.Stop) {
	c.mu.Lock()
	running := slices.Clone(c.running)
	c.mu.Unlock()
	for _, st := range running {
		st.stop(why)
	}
}

// processList lets KILL say why it ends a statement, before the context ends.
type processList struct {
	sql.ProcessList
	conns *connections
}

// Kill implements sql.ProcessList.
func (p processList) Kill(id uint32) {
	p.conns.kill(id, engine.StopKilled)
	p.ProcessList.Kill(id)
}
