package planner

import (
	"context"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// Stoppable passes its child's rows on and looks at the statement's context.
// go-mysql-server's join loops run until a condition holds without ever asking
// whether the statement has been stopped.
type Stoppable struct {
	plan.UnaryNode
	// why, on the left side of a join, says why the join is the gateway's.
	why string
}

var (
	_ sql.ExecBuilderNode    = (*Stoppable)(nil)
	_ sql.CollationCoercible = (*Stoppable)(nil)
)

// stoppable puts a Stoppable over a side of a join. A HashLookup stays as it
// is: the join knows it by its type, and looks up instead of looping.
func stoppable(n sql.Node) sql.Node {
	switch n.(type) {
	case *Stoppable, *plan.HashLookup:
		return n
	}
	return &Stoppable{UnaryNode: plan.UnaryNode{Child: n}}
}

// IsReadOnly implements sql.Node.
func (s *Stoppable) IsReadOnly() bool { return true }

// Resolved implements sql.Node.
func (s *Stoppable) Resolved() bool { return s.Child.Resolved() }

// WithChildren implements sql.Node.
func (s *Stoppable) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(s, len(children), 1)
	}
	return &Stoppable{plan.UnaryNode{Child: children[0]}, s.why}, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (s *Stoppable) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, s.Child)
}

// String prints the child only: looking at the context is no step of a plan.
func (s *Stoppable) String() string { return s.Child.String() }

// BuildRowIter implements sql.ExecBuilderNode.
func (s *Stoppable) BuildRowIter(ctx *sql.Context, b sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	child, err := b.Build(ctx, s.Child, row)
	if err != nil {
		return nil, err
	}
	return &stoppableIter{RowIter: child}, nil
}

type stoppableIter struct {
	sql.RowIter
	n int
}

// stopCheckRows is after how many rows the context is looked at.
const stopCheckRows = 256

func (i *stoppableIter) Next(ctx *sql.Context) (sql.Row, error) {
	if i.n%stopCheckRows == 0 {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
	}
	i.n++
	return i.RowIter.Next(ctx)
}

// Unwrap is n without what is no step of a plan: a Stoppable, a Held or a Measured.
func Unwrap(n sql.Node) sql.Node {
	for {
		switch x := n.(type) {
		case *Stoppable:
			n = x.Child
		case *Held:
			n = x.Child
		case *Measured:
			n = x.Child
		default:
			return n
		}
	}
}
