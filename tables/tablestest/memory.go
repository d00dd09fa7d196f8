package tablestest

import (
	"context"
	"io"
	"sync"

	"gridgate/tables"
)

// Memory is a store over rows in memory that takes every query, or what its
// Accept lets pass, and remembers what was opened. Planner tests look at the
// queries that reach it; the suite's own test runs over it.
type Memory struct {
	Evaluator Evaluator
	// Accept, when not nil, may refuse a query; a plain scan must pass.
	Accept func(q *tables.Query) *tables.Unsupported
	// Narrow, when not nil, lists the conjuncts that a plan only narrows: it
	// ignores them altogether.
	Narrow func(q *tables.Query) []int
	// Estimate, when not nil, is what a table's Rows says instead of the truth.
	Estimate func(table string) (n uint64, known bool)

	mu     sync.Mutex
	tables map[string]*memoryTable
	names  []string
	opened []string
}

type memoryTable struct {
	store   *Memory
	name    string
	columns []tables.Column
	rows    [][]tables.Value
}

var (
	_ tables.Store    = (*Memory)(nil)
	_ tables.Snapshot = (*memoryTable)(nil)
)

// Add puts a table into the store.
func (m *Memory) Add(name string, columns []tables.Column, rows [][]tables.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tables == nil {
		m.tables = map[string]*memoryTable{}
	}
	m.tables[name] = &memoryTable{store: m, name: name, columns: columns, rows: rows}
	m.names = append(m.names, name)
}

// Opened returns the commands of the plans opened since the last call.
func (m *Memory) Opened() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.opened
	m.opened = nil
	return out
}

// Name implements tables.Store.
func (m *Memory) Name() string { return "memory" }

// Tables implements tables.Store.
func (m *Memory) Tables(context.Context) ([]tables.TableInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []tables.TableInfo
	for _, n := range m.names {
		out = append(out, tables.TableInfo{Name: n})
	}
	return out, nil
}

// Table implements tables.Store.
func (m *Memory) Table(_ context.Context, name string) (tables.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t, ok := m.tables[name]; ok {
		return t, nil
	}
	return nil, &tables.NoTable{Store: m.Name(), Name: name}
}

// Invalidate implements tables.Store.
func (m *Memory) Invalidate(string) {}

// Close implements tables.Store.
func (m *Memory) Close() error { return nil }

func (t *memoryTable) Name() string             { return t.name }
func (t *memoryTable) Columns() []tables.Column { return t.columns }
func (t *memoryTable) Version() uint64          { return 1 }
func (t *memoryTable) Rows() (n uint64, ok bool) {
	if t.store.Estimate != nil {
		return t.store.Estimate(t.name)
	}
	return uint64(len(t.rows)), true
}

func (t *memoryTable) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	if a := t.store.Accept; a != nil {
		if refused := a(&q); refused != nil {
			return nil, refused
		}
	}
	p := &memoryPlan{store: t.store, query: q}
	if n := t.store.Narrow; n != nil {
		p.recheck = n(&q)
	}
	return p, nil
}

type memoryPlan struct {
	store   *Memory
	query   tables.Query
	recheck []int
}

func (p *memoryPlan) Command(args tables.Args) (string, error) {
	return tables.FormatQuery(&p.query, args), nil
}
func (p *memoryPlan) Recheck() []int      { return p.recheck }
func (p *memoryPlan) Deterministic() bool { return p.query.Limit == nil }

func (p *memoryPlan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	command, err := p.Command(args)
	if err != nil {
		return nil, err
	}
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.opened = append(p.store.opened, command)
	q := p.query
	for i := len(p.recheck) - 1; i >= 0; i-- {
		at := p.recheck[i]
		q.Where = append(append([]tables.Expr{}, q.Where[:at]...), q.Where[at+1:]...)
	}
	var scans [][][]tables.Value
	for _, s := range q.Scans() {
		t, ok := p.store.tables[s.Snapshot.Name()]
		if !ok {
			return nil, &tables.SchemaChanged{Store: p.store.Name(), Table: s.Snapshot.Name(), What: "it is gone"}
		}
		scans = append(scans, t.rows)
	}
	rows, err := p.store.Evaluator.Evaluate(ctx, q, scans, args)
	if err != nil {
		return nil, err
	}
	return &memoryRows{query: p.query, rows: rows}, nil
}

// memoryRows hands its rows out in small batches, so that their borders are
// met also by small tables.
type memoryRows struct {
	query tables.Query
	rows  [][]tables.Value
}

const memoryBatch = 7

func (r *memoryRows) Next(ctx context.Context, b *tables.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.rows) == 0 {
		return io.EOF
	}
	n := min(memoryBatch, len(r.rows))
	b.N = n
	b.Cols = make([]tables.Vector, len(r.query.Output))
	for j, e := range r.query.Output {
		b.Cols[j] = tables.NewVector(e.Type(), n)
		for i := range n {
			b.Cols[j].Set(i, r.rows[i][j])
		}
	}
	r.rows = r.rows[n:]
	return nil
}

func (r *memoryRows) Close() error { return nil }
