package wire

import (
	"context"
	"crypto/tls"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// conn is the connection of one client. Its goroutine is the only one that reads and
// writes; the others may end what it runs, and wake it.
type conn struct {
	srv    *Server
	id     uint32
	client *clientConn
	tls    *tls.Conn // nil without TLS
	out    *packets
	since  time.Time // when it was opened

	// Used by the connection's goroutine only.
	salt         []byte // of the last request to log in
	capabilities uint32
	status       uint16
	account      engine.Account
	attributes   map[string]string
	session      sql.Session // nil until the client has logged in
	prepared     map[uint32]*prepared
	lastPrepared uint32
	longSize     int                // of the values that were sent before they are used, in bytes
	texts        map[string]int     // how many of prepared have this text
	clientSet    sql.CharacterSetID // of what the client sends

	// What it is waiting for, for those who look at it from outside.
	phase atomic.Uint32
	moved atomic.Int64 // when phase was last changed, in Unix nanoseconds
	woken atomic.Bool  // it has been asked to look around
	idle  atomic.Int64 // how long it may be idle, in nanoseconds

	mu      sync.Mutex
	user    string       // "" until the client has logged in
	running []*statement // more than one only while a cursor is open
	process process
}

// The phases of a connection.
const (
	phaseBusy   = iota // its goroutine works, or writes
	phaseIdle          // it waits for a command
	phasePacket        // it waits for the rest of a packet
)

func (c *conn) enter(phase uint32) {
	c.moved.Store(time.Now().UnixNano())
	c.phase.Store(phase)
}

// connections are all connections of a server, by number. It is safe for
// concurrent use.
type connections struct {
	mu       sync.Mutex
	byID     map[uint32]*conn
	byUser   map[string]int
	most     int // there have ever been
	stopping bool
}

func newConnections() *connections {
	return &connections{byID: map[uint32]*conn{}, byUser: map[string]int{}}
}

func (cs *connections) add(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.byID[c.id] = c
	sql.StatusVariables.IncrementGlobal("Connections", 1)
	sql.StatusVariables.IncrementGlobal("Threads_connected", 1)
	if n := len(cs.byID); n > cs.most {
		cs.most = n
		_ = sql.StatusVariables.SetGlobal("Max_used_connections", uint64(n))
	}
}

func (cs *connections) remove(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byID, c.id)
	sql.StatusVariables.IncrementGlobal("Threads_connected", -1)
	cs.release(c)
}

// claim counts c as a connection of user, and no longer of the one that it was of. It
// reports false, and leaves all as it is, where that would be one too many.
func (cs *connections) claim(c *conn, user string, most int) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if was := c.userName(); was != user && most > 0 && cs.byUser[user] >= most {
		return false
	} else if was == user {
		return true
	}
	cs.release(c)
	cs.byUser[user]++
	c.setUser(user)
	return true
}

func (cs *connections) release(c *conn) {
	if user := c.userName(); user != "" {
		if cs.byUser[user]--; cs.byUser[user] == 0 {
			delete(cs.byUser, user)
		}
	}
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
	for slices.ContainsFunc(cs.all(), func(c *conn) bool { return c.phase.Load() == phaseBusy }) {
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

// stop ends what the connection runs. A cursor that nobody fetches from right now is
// closed by the connection's goroutine, which is woken for it.
func (c *conn) stop(why engine.Stop) {
	c.mu.Lock()
	running := slices.Clone(c.running)
	c.mu.Unlock()
	for _, st := range running {
		st.stop(why)
	}
	if len(running) > 0 {
		c.wake()
	}
}

// wake makes the connection's goroutine look around if it waits for a command, or
// before it does so the next time.
func (c *conn) wake() {
	c.woken.Store(true)
	if c.phase.Load() == phaseIdle {
		_ = c.client.SetReadDeadline(time.Unix(1, 0))
	}
}

// has reports whether the client has a capability.
func (c *conn) has(capability uint32) bool { return c.capabilities&capability != 0 }

// deprecatesEOF reports whether results end with an OK packet.
func (c *conn) deprecatesEOF() bool { return c.has(mysql.CapabilityClientDeprecateEOF) }
