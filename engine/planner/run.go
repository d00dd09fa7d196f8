package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/tables"
)

// A Run is what holds for one run of a statement: how it is planned, what it may
// read, and what it has read. It stands in the statement's context (WithRun); a
// statement without one is planned by its session's variables, and reads what it
// likes.
type Run struct {
	Mode Mode
	// MaxRows and MaxBytes bound what a leaf may read in its store, as far as the
	// store knows before; 0: nothing does.
	MaxRows, MaxBytes int64
	// Explained says that the statement is shown rather than run: nothing is too big.
	Explained bool

	mu     sync.Mutex
	pulled map[*growing]*pulled
}

type runKey struct{}

// WithRun is ctx for a statement that runs as r says.
func WithRun(ctx context.Context, r *Run) context.Context { return context.WithValue(ctx, runKey{}, r) }

// runOf is the statement's Run; nil where there is none.
func runOf(ctx context.Context) *Run {
	r, _ := ctx.Value(runKey{}).(*Run)
	return r
}

// pulled counts the rows that a leaf gave to an operator that makes fewer of them.
type pulled struct {
	leaf *Remote
	rows atomic.Int64
}

// pull is the count of a leaf; nil where nothing above the leaf makes fewer rows.
// Leaves that are copied while the statement runs count together.
func (r *Run) pull(leaf *Remote) *pulled {
	if r == nil || leaf.reducer == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.pulled[leaf.grown]
	if p == nil {
		p = &pulled{leaf: leaf}
		if r.pulled == nil {
			r.pulled = map[*growing]*pulled{}
		}
		r.pulled[leaf.grown] = p
	}
	return p
}

// Wasted says which leaves gave more than limit rows to operators of the gateway
// that made fewer of them, where the statement's result has given rows: one
// sentence each, with the operator and why it is in the gateway. It is for when
// the statement has ended.
func (r *Run) Wasted(ctx *sql.Context, limit, given int64) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, p := range r.pulled {
		n := p.rows.Load()
		if n <= limit || n <= given {
			continue
		}
		out = append(out, fmt.Sprintf("%d rows of %s (%s) were read into the gateway, where %s made fewer of them: %s",
			n, tableNames(&p.leaf.query), p.leaf.store, operator(p.leaf.reducer), strings.Join(reasonsAt(ctx, p.leaf.reducer), "; ")))
	}
	slices.Sort(out)
	return out
}

// tableNames are the tables that a query reads, each once.
func tableNames(q *tables.Query) string {
	var names []string
	seen := map[string]bool{}
	for _, s := range q.Scans() {
		if name := s.Snapshot.Name(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// pulledRows counts the rows that a leaf gives.
type pulledRows struct {
	tables.Rows
	count *pulled
}

func (p *pulledRows) Next(ctx context.Context, b *tables.Batch) error {
	err := p.Rows.Next(ctx, b)
	if err == nil {
		p.count.rows.Add(int64(b.N))
	}
	return err
}
