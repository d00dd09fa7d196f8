// Package engine is the SQL side of gridgate: sessions, users, the catalog
// over the stores, planning, EXPLAIN and the table of MySQL errors. It knows
// stores only through package tables. The wire protocol is in engine/wire,
// which uses this package; neither knows any particular store.
package engine

import (
	"fmt"
	"sync"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/rs/zerolog"

	"gridgate/engine/memory"
	"gridgate/engine/planner"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// Config says what an Engine serves.
type Config struct {
	// Databases in the order that SHOW DATABASES gives them. A store may serve
	// several databases; table names are unique within one.
	Databases []Database
	// Users that may log in. With none, root may, without a password, from a
	// loopback address only.
	Users []User
	// Limits of statements.
	Limits Limits
	// Log receives what happens; go-mysql-server's own log goes there too.
	Log zerolog.Logger
}

// Database is a name over the tables of some stores.
type Database struct {
	Name   string
	Stores []tables.Store
}

// Engine runs statements over a set of stores. It is safe for concurrent use.
type Engine struct {
	sqle     *sqle.Engine
	catalog  *catalog
	accounts map[string]Account // by accountKey; not changed after New
	limits   Limits
	memory   *memory.Pool
	log      zerolog.Logger
}

// New makes an engine. It does not own the stores: who opened them closes
// them, after Close.
func New(cfg Config) (*Engine, error) {
	forwardLogrus(cfg.Log)
	defineVariables()
	catalog, err := newCatalog(cfg.Databases)
	if err != nil {
		return nil, err
	}
	semantics.Prepare()
	b := analyzer.NewBuilder(catalog)
	semantics.Install(b, sql.EngineOverrides{})
	planner.Install(b)
	a := b.Build()
	semantics.Attach(a)
	e := &Engine{sqle: newSQL(a), catalog: catalog, limits: cfg.Limits, memory: memory.NewPool(cfg.Limits.Memory), log: cfg.Log}
	if err := e.addUsers(cfg.Users); err != nil {
		return nil, err
	}
	return e, nil
}

// newSQL makes go-mysql-server's engine: one at a time, since that sets variables
// of the process.
func newSQL(a *analyzer.Analyzer) *sqle.Engine {
	making.Lock()
	defer making.Unlock()
	return sqle.New(a, &sqle.Config{IsReadOnly: true})
}

var making sync.Mutex

// SQL is go-mysql-server's engine, for the server that carries it.
func (e *Engine) SQL() *sqle.Engine { return e.sqle }

// HeldMemory is what all running statements hold in the gateway, in bytes, as far
// as it is counted (package memory).
func (e *Engine) HeldMemory() int64 { return e.memory.Used() }

// Close ends every running statement. Sessions must not be used after it.
func (e *Engine) Close() error {
	if err := e.sqle.Close(); err != nil {
		return fmt.Errorf("closing the engine: %w", err)
	}
	return nil
}
