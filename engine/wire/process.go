package wire

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
)

// process is what the process list shows of a connection.
type process struct {
	pid     uint64 // of the statement that runs; 0: none
	command sql.ProcessCommand
	query   string
	db      string
	since   time.Time
}

// beginProcess shows a statement as running until the function that it gives is
// called.
func (c *conn) beginProcess(ctx *sql.Context, query string) (end func()) {
	sql.StatusVariables.IncrementGlobal("Threads_running", 1)
	c.setProcess(process{
		pid: ctx.Pid(), command: sql.ProcessCommandQuery, query: query,
		db: c.session.GetCurrentDatabase(), since: time.Now(),
	})
	return func() {
		sql.StatusVariables.IncrementGlobal("Threads_running", -1)
		c.setProcess(process{command: sql.ProcessCommandSleep, db: c.session.GetCurrentDatabase(), since: time.Now()})
	}
}

func (c *conn) setProcess(p process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = p
}

// processList is the process list as the user of a connection sees it: all with the
// right PROCESS, else one's own. What go-mysql-server tells it of queries is known
// here already; KILL says why it ends a statement, before the context ends.
type processList struct{ conn *conn }

var _ sql.ProcessList = processList{}

// Processes implements sql.ProcessList.
func (l processList) Processes() []sql.Process {
	all := l.conn.account.SeesProcesses
	user := l.conn.userName()
	var list []sql.Process
	for _, c := range l.conn.srv.conns.all() {
		c.mu.Lock()
		p, name := c.process, c.user
		c.mu.Unlock()
		if !all && name != user {
			continue
		}
		if name == "" {
			name = "unauthenticated user"
		}
		list = append(list, sql.Process{
			Connection: c.id, Command: p.command, Host: c.client.RemoteAddr().String(), User: name,
			Database: p.db, Query: p.query, QueryPid: p.pid, StartedAt: p.since, Kill: func() {},
		})
	}
	return list
}

// Kill implements sql.ProcessList.
func (l processList) Kill(id uint32) { l.conn.srv.conns.kill(id, engine.StopKilled) }

// BeginQuery implements sql.ProcessList.
func (processList) BeginQuery(ctx *sql.Context, _ string) (*sql.Context, error) { return ctx, nil }

// EndQuery implements sql.ProcessList.
func (processList) EndQuery(*sql.Context) {}

// BeginOperation implements sql.ProcessList.
func (processList) BeginOperation(ctx *sql.Context) (*sql.Context, error) { return ctx, nil }

// EndOperation implements sql.ProcessList.
func (processList) EndOperation(*sql.Context) {}

// AddConnection implements sql.ProcessList.
func (processList) AddConnection(uint32, string) {}

// ConnectionReady implements sql.ProcessList.
func (processList) ConnectionReady(sql.Session) {}

// RemoveConnection implements sql.ProcessList.
func (processList) RemoveConnection(uint32) {}

// UpdateTableProgress implements sql.ProcessList.
func (processList) UpdateTableProgress(uint64, string, int64) {}

// UpdatePartitionProgress implements sql.ProcessList.
func (processList) UpdatePartitionProgress(uint64, string, string, int64) {}

// AddTableProgress implements sql.ProcessList.
func (processList) AddTableProgress(uint64, string, int64) {}

// AddPartitionProgress implements sql.ProcessList.
func (processList) AddPartitionProgress(uint64, string, string, int64) {}

// RemoveTableProgress implements sql.ProcessList.
func (processList) RemoveTableProgress(uint64, string) {}

// RemovePartitionProgress implements sql.ProcessList.
func (processList) RemovePartitionProgress(uint64, string, string) {}
