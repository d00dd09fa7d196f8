package difftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"gridgate/engine/eval"
	"gridgate/tables"
)

// A Fault is a defect of a store, as it might have it. What is nil is right.
type Fault struct {
	// Query is what the store makes of a query that it takes.
	Query func(tables.Query) tables.Query
	// Claims is what the store makes of a query that it should refuse for the
	// reason given; ok is false where it refuses it all the same.
	Claims func(q tables.Query, why *tables.Unsupported) (does tables.Query, ok bool)
	// Args are the arguments that it runs with. before are those of the plan's
	// last run, nil at the first one.
	Args func(before, now tables.Args) tables.Args
	// Read is what it reads of a table, whose rows are given.
	Read func(columns []tables.Column, rows [][]tables.Value) [][]tables.Value
	// Give is what it gives of a query's result, in batches of faultyBatch rows.
	Give func(q *tables.Query, rows [][]tables.Value) [][]tables.Value
}

// Translations are wrong translations as faults.
func Translations(of ...map[string]func(tables.Query) tables.Query) map[string]Fault {
	faults := map[string]Fault{}
	for _, m := range of {
		for name, f := range m {
			faults[name] = Fault{Query: f}
		}
	}
	return faults
}

// WithFault is a store with a fault planted: the differential test over it must
// find a difference. Plain scans stay right, since the reference answer is made
// from them. What the store itself can't do wrong in the fault's way is computed
// by the evaluator from the store's rows.
func WithFault(s tables.Store, f Fault) *FaultyStore {
	out := &FaultyStore{Store: s}
	out.Plant(&f)
	return out
}

// FaultyStore is a store with a fault planted. It is safe for concurrent use.
type FaultyStore struct {
	tables.Store
	fault   atomic.Pointer[Fault]
	planted atomic.Int64
	opened  atomic.Int64 // runs of other queries than plain scans
}

// Plant makes f the fault from now on, nil none, and begins to count anew.
// Plans that were compiled keep the fault that they have.
func (s *FaultyStore) Plant(f *Fault) {
	s.fault.Store(f)
	s.planted.Store(0)
	s.opened.Store(0)
}

// Planted is how many runs of queries the fault has changed so far: the query
// itself, its arguments, what it read or what it gave. A fault that changes none
// can't be found: nothing of its kind reaches the store.
func (s *FaultyStore) Planted() int { return int(s.planted.Load()) }

// Table implements tables.Store.
func (s *FaultyStore) Table(ctx context.Context, name string) (tables.Snapshot, error) {
	t, err := s.Store.Table(ctx, name)
	if err != nil {
		return nil, err
	}
	return &faultySnapshot{Snapshot: t, store: s}, nil
}

type faultySnapshot struct {
	tables.Snapshot
	store *FaultyStore
}

// Compile implements tables.Snapshot.
func (s *faultySnapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	q = tables.MapScans(q, func(x *tables.Scan) *tables.Scan {
		own := x.Snapshot
		if f, ok := own.(*faultySnapshot); ok {
			own = f.Snapshot
		}
		return &tables.Scan{Snapshot: own, Alias: x.Alias}
	})
	right, refused := s.Snapshot.Compile(q)
	fault := s.store.fault.Load()
	if fault == nil || refused == nil && plainScan(&q) {
		return right, refused
	}
	p := &faultyPlan{store: s.store, fault: fault, wrong: q}
	switch {
	case refused != nil:
		if fault.Claims == nil {
			return nil, refused
		}
		var ok bool
		if p.wrong, ok = fault.Claims(q, refused); !ok {
			return nil, refused
		}
	case fault.Query != nil:
		p.wrong = fault.Query(q)
	}
	p.changed = tables.FormatQuery(&p.wrong, nil) != tables.FormatQuery(&q, nil)
	if fault.Args == nil && fault.Read == nil && fault.Give == nil {
		p.compiled, _ = s.Snapshot.Compile(p.wrong)
	}
	return p, nil
}

func plainScan(q *tables.Query) bool {
	if _, ok := q.From.(*tables.Scan); !ok {
		return false
	}
	return len(q.Where) == 0 && !q.Grouped && !q.Distinct && len(q.OrderBy) == 0 && q.Limit == nil && q.Offset == 0
}

// faultyPlan runs a query wrongly.
type faultyPlan struct {
	store    *FaultyStore
	fault    *Fault
	wrong    tables.Query
	changed  bool        // wrong is not the query that was asked for
	compiled tables.Plan // wrong, by the store itself; nil: it is computed here

	mu     sync.Mutex
	before tables.Args // of the last run
}

// Command implements tables.Plan.
func (p *faultyPlan) Command(args tables.Args) (string, error) {
	return tables.FormatQuery(&p.wrong, args), nil
}

// Recheck implements tables.Plan.
func (p *faultyPlan) Recheck() []int {
	if p.compiled != nil {
		return p.compiled.Recheck()
	}
	return nil
}

// Deterministic implements tables.Plan.
func (p *faultyPlan) Deterministic() bool { return false }

// Open implements tables.Plan.
func (p *faultyPlan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	p.store.opened.Add(1)
	changed := p.changed
	if p.compiled != nil {
		if changed {
			p.store.planted.Add(1)
		}
		return p.compiled.Open(ctx, args)
	}
	if p.fault.Args != nil {
		p.mu.Lock()
		now := p.fault.Args(p.before, args)
		p.before = args
		p.mu.Unlock()
		changed = changed || !slices.EqualFunc(now, args, sameArg)
		args = now
	}
	var scans [][][]tables.Value
	for _, s := range p.wrong.Scans() {
		rows, err := readTable(ctx, s.Snapshot)
		if err != nil {
			return nil, err
		}
		if p.fault.Read != nil {
			// The fault has rows of its own to change.
			wrong := p.fault.Read(s.Snapshot.Columns(), copyRows(rows))
			changed = changed || !sameRows(wrong, rows)
			rows = wrong
		}
		scans = append(scans, rows)
	}
	rows, err := eval.Evaluator{}.Evaluate(ctx, p.wrong, scans, args)
	if err != nil {
		return nil, err
	}
	if p.fault.Give != nil {
		wrong := p.fault.Give(&p.wrong, copyRows(rows))
		changed = changed || !sameRows(wrong, rows)
		rows = wrong
	}
	if changed {
		p.store.planted.Add(1)
	}
	return &faultyRows{output: p.wrong.Output, rows: rows}, nil
}

func sameArg(a, b tables.Arg) bool { return a.Value == b.Value && slices.Equal(a.Keys, b.Keys) }

func sameRows(a, b [][]tables.Value) bool {
	return slices.EqualFunc(a, b, func(x, y []tables.Value) bool { return slices.Equal(x, y) })
}

func copyRows(rows [][]tables.Value) [][]tables.Value {
	out := make([][]tables.Value, len(rows))
	for i, r := range rows {
		out[i] = append([]tables.Value(nil), r...)
	}
	return out
}

// readTable reads a table as its store gives it.
func readTable(ctx context.Context, s tables.Snapshot) (out [][]tables.Value, err error) {
	q := tables.Query{From: &tables.Scan{Snapshot: s}}
	for i, c := range s.Columns() {
		q.Output = append(q.Output, &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable})
	}
	plan, refused := s.Compile(q)
	if refused != nil {
		return nil, fmt.Errorf("a plain scan of %s is refused: %w", s.Name(), refused)
	}
	rows, err := plan.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		var b tables.Batch
		if err := rows.Next(ctx, &b); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		for i := range b.N {
			row := make([]tables.Value, len(b.Cols))
			for j := range b.Cols {
				row[j] = b.Cols[j].Value(i)
			}
			out = append(out, row)
		}
	}
}

// faultyBatch is how many rows a faulty plan gives at once: few, so that small
// tables have several batches.
const faultyBatch = 7

// faultyRows gives rows that are there.
type faultyRows struct {
	output []tables.Expr
	rows   [][]tables.Value
}

// Next implements tables.Rows.
func (r *faultyRows) Next(ctx context.Context, b *tables.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.rows) == 0 {
		return io.EOF
	}
	n := min(faultyBatch, len(r.rows))
	b.N, b.Cols = n, make([]tables.Vector, len(r.output))
	for j, e := range r.output {
		b.Cols[j] = tables.NewVector(e.Type(), n)
		for i := range n {
			b.Cols[j].Set(i, r.rows[i][j])
		}
	}
	r.rows = r.rows[n:]
	return nil
}

// Close implements tables.Rows.
func (r *faultyRows) Close() error { return nil }
