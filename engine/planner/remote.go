package planner

import (
	"fmt"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/eval"
	"gridgate/tables"
)

// Remote is a leaf of the plan that a store runs. Its rows have the columns of
// the operators that it replaces, with their ids, so that what stays above it
// resolves as before.
type Remote struct {
	store  string
	query  tables.Query
	plan   tables.Plan
	empty  bool // LIMIT 0: never opened
	cols   []output
	schema sql.Schema
	// params are the columns of outer queries that the query's Params stand
	// for, in their order.
	params     []sql.Expression
	paramTypes []tables.Type
	stayed     []stay // operators above it, and why
	// reducer is the nearest operator above that gives fewer rows than it reads; nil:
	// none.
	reducer sql.Node
	counts  *Counts // nil: nothing is counted
	// grown is the leaf as it was while it grew. go-mysql-server analyses derived
	// tables and the branches of unions on their own first: what became a leaf
	// there goes on growing where it stands.
	grown *growing
	// lookup is what is opened instead when the leaf is on the side of a join
	// that is looked up; keys are then the lists of keys.
	lookup *lookup
	keys   [][]tables.Value
}

// A lookup is a leaf's query restricted to lists of keys: the arguments after
// those for outer columns.
type lookup struct {
	query tables.Query
	plan  tables.Plan
}

var (
	_ sql.ExecSourceRel      = (*Remote)(nil)
	_ sql.Projector          = (*Remote)(nil)
	_ sql.Expressioner       = (*Remote)(nil)
	_ sql.CollationCoercible = (*Remote)(nil)
)

// Store is the name of the store that runs the leaf.
func (r *Remote) Store() string { return r.store }

// Query is what the store runs.
func (r *Remote) Query() tables.Query { return r.query }

// Command is the exact remote command; outer columns show as "?".
func (r *Remote) Command() string {
	if r.empty {
		return "none: LIMIT 0"
	}
	p := r.plan
	if r.lookup != nil {
		p = r.lookup.plan
	}
	return commandOf(p)
}

// Resolved implements sql.Node.
func (r *Remote) Resolved() bool { return true }

// IsReadOnly implements sql.Node.
func (r *Remote) IsReadOnly() bool { return true }

// Schema implements sql.Node.
func (r *Remote) Schema(*sql.Context) sql.Schema { return r.schema }

// Children implements sql.Node.
func (r *Remote) Children() []sql.Node { return nil }

// WithChildren implements sql.Node.
func (r *Remote) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 0 {
		return nil, sql.ErrInvalidChildrenNumber.New(r, len(children), 0)
	}
	return r, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (r *Remote) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 7
}

// Expressions implements sql.Expressioner: only what comes from outer queries,
// so that go-mysql-server gives those their positions in the outer row.
func (r *Remote) Expressions() []sql.Expression { return r.params }

// WithExpressions implements sql.Expressioner.
func (r *Remote) WithExpressions(_ *sql.Context, es ...sql.Expression) (sql.Node, error) {
	if len(es) != len(r.params) {
		return nil, sql.ErrInvalidChildrenNumber.New(r, len(es), len(r.params))
	}
	n := *r
	n.params = es
	return &n, nil
}

// ProjectedExprs implements sql.Projector: the columns with their ids.
func (r *Remote) ProjectedExprs() []sql.Expression {
	es := make([]sql.Expression, len(r.cols))
	for i, o := range r.cols {
		es[i] = o.field()
	}
	return es
}

// String prints the leaf as go-mysql-server prints plans; EXPLAIN has Describe.
func (r *Remote) String() string {
	pr := sql.NewTreePrinter()
	_ = pr.WriteNode("Remote(%s)", r.store)
	lines := []string{"command: " + r.Command()}
	if len(r.params) > 0 {
		var names []string
		for _, p := range r.params {
			names = append(names, p.String())
		}
		lines = append(lines, "arguments: "+strings.Join(names, ", "))
	}
	_ = pr.WriteChildren(lines...)
	return pr.String()
}

// DebugString implements sql.DebugStringer.
func (r *Remote) DebugString(*sql.Context) string { return r.String() }

// RowIter implements sql.ExecSourceRel: it opens the plan with the values of
// the outer row.
func (r *Remote) RowIter(ctx *sql.Context, outer sql.Row) (sql.RowIter, error) {
	if r.empty {
		return noRows{}, nil
	}
	args := make(tables.Args, len(r.params))
	for i, p := range r.params {
		x, err := p.Eval(ctx, outer)
		if err != nil {
			return nil, err
		}
		v, err := eval.FromSQL(ctx, x, r.paramTypes[i])
		if err != nil {
			return nil, fmt.Errorf("argument %s: %w", p, err)
		}
		args[i].Value = v
	}
	p := r.plan
	if r.keys != nil {
		p = r.lookup.plan
		for _, k := range r.keys {
			args = append(args, tables.Arg{Keys: k})
		}
	}
	begin := time.Now()
	rows, err := p.Open(ctx, args)
	if err != nil {
		return nil, err
	}
	if c := r.counts; c != nil {
		c.Ran.Add(1)
		c.Nanos.Add(int64(time.Since(begin)))
		rows = &measuredRows{Rows: rows, counts: c}
	}
	if count := runOf(ctx).pull(r); count != nil {
		rows = &pulledRows{Rows: rows, count: count}
	}
	return &rowIter{rows: rows}, nil
}
