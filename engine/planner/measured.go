package planner

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/engine/memory"
	"gridgate/tables"
)

// Counts are what a part of a plan did, for EXPLAIN ANALYZE. They may be read
// while it runs.
type Counts struct {
	// Ran is how often it was begun.
	Ran atomic.Int64
	// Rows it gave, in all.
	Rows atomic.Int64
	// Bytes of the values in these rows: of a leaf as the store gave them, text by
	// its length and all else by its width; of an operator as the gateway holds
	// them (memory.RowSize).
	Bytes atomic.Int64
	// Nanos that passed from asking it for rows to getting them; what is below it is
	// part of that.
	Nanos atomic.Int64
}

// Time is Nanos as a duration.
func (c *Counts) Time() time.Duration { return time.Duration(c.Nanos.Load()) }

// lookupCounts are what a LookupJoin did.
type lookupCounts struct {
	Lookups, Keys, Scans atomic.Int64
}

// A Measured counts what its child does.
type Measured struct {
	plan.UnaryNode
	counts *Counts // shared with copies of the node
}

var (
	_ sql.ExecBuilderNode    = (*Measured)(nil)
	_ sql.CollationCoercible = (*Measured)(nil)
)

// Measure is the plan n with every part counting what it does. It is for a plan
// that has been analysed and does not run yet.
func Measure(ctx *sql.Context, n sql.Node) (sql.Node, error) {
	if r, ok := n.(*Remote); ok {
		c := *r
		c.counts = &Counts{}
		return &c, nil
	}
	n, err := measuredExpressions(ctx, n)
	if err != nil {
		return nil, err
	}
	children := n.Children()
	if sa, ok := n.(*plan.SubqueryAlias); ok {
		children = []sql.Node{sa.Child} // opaque to go-mysql-server's own walks
	}
	if len(children) > 0 {
		below := make([]sql.Node, len(children))
		for i, c := range children {
			if below[i], err = Measure(ctx, c); err != nil {
				return nil, err
			}
		}
		if n, err = n.WithChildren(ctx, below...); err != nil {
			return nil, err
		}
	}
	switch x := n.(type) {
	case *plan.HashLookup, *plan.RangeHeap, *plan.TableAlias, *plan.RecursiveTable, *Stoppable, *Held, *Measured:
		return n, nil // joins know the first two by their types; the others are no steps
	case *LookupJoin:
		x.counts = &lookupCounts{}
	}
	return &Measured{plan.UnaryNode{Child: n}, &Counts{}}, nil
}

// measuredExpressions is n with the queries of its subqueries measured.
func measuredExpressions(ctx *sql.Context, n sql.Node) (sql.Node, error) {
	n, _, err := transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		s, ok := e.(*plan.Subquery)
		if !ok {
			return e, transform.SameTree, nil
		}
		q, err := Measure(ctx, s.Query)
		if err != nil {
			return nil, transform.SameTree, err
		}
		return s.WithQuery(q), transform.NewTree, nil
	})
	return n, err
}

// IsReadOnly implements sql.Node.
func (m *Measured) IsReadOnly() bool { return true }

// Resolved implements sql.Node.
func (m *Measured) Resolved() bool { return m.Child.Resolved() }

// WithChildren implements sql.Node; the copy counts together with m.
func (m *Measured) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(m, len(children), 1)
	}
	return &Measured{plan.UnaryNode{Child: children[0]}, m.counts}, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (m *Measured) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, m.Child)
}

// String prints the child only: counting is no step of a plan.
func (m *Measured) String() string { return m.Child.String() }

// BuildRowIter implements sql.ExecBuilderNode.
func (m *Measured) BuildRowIter(ctx *sql.Context, b sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	begin := time.Now()
	child, err := b.Build(ctx, m.Child, row)
	m.counts.Nanos.Add(int64(time.Since(begin)))
	if err != nil {
		return nil, err
	}
	m.counts.Ran.Add(1)
	return &measuredIter{child, m.counts}, nil
}

type measuredIter struct {
	sql.RowIter
	counts *Counts
}

func (i *measuredIter) Next(ctx *sql.Context) (sql.Row, error) {
	begin := time.Now()
	row, err := i.RowIter.Next(ctx)
	i.counts.Nanos.Add(int64(time.Since(begin)))
	if err == nil {
		i.counts.Rows.Add(1)
		i.counts.Bytes.Add(memory.RowSize(row))
	}
	return row, err
}

// measuredRows counts what a store gives.
type measuredRows struct {
	tables.Rows
	counts *Counts
}

func (m *measuredRows) Next(ctx context.Context, b *tables.Batch) error {
	begin := time.Now()
	err := m.Rows.Next(ctx, b)
	m.counts.Nanos.Add(int64(time.Since(begin)))
	if err == nil {
		m.counts.Rows.Add(int64(b.N))
		m.counts.Bytes.Add(batchBytes(b))
	}
	return err
}

// batchBytes is the size of the values in b.
func batchBytes(b *tables.Batch) int64 {
	var n int64
	for i := range b.Cols {
		c := &b.Cols[i]
		if c.Type.Kind.Storage() == tables.StoreStrings {
			for _, s := range c.Strings[:min(b.N, len(c.Strings))] {
				n += int64(len(s))
			}
			continue
		}
		n += 8 * int64(b.N)
	}
	return n
}
