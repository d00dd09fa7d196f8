package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// maxHeldRows bounds the rows that one operator of the gateway may hold: a
// sort, a window, the inner side of a hash join. At some 300 bytes a row this
// is a few GiB; without it one statement could end the process.
const maxHeldRows = 10_000_000

// Bound passes its child's rows on, up to a limit.
type Bound struct {
	plan.UnaryNode
	limit int64
	what  string // what holds the rows, "rows sorted in the gateway"
}

var (
	_ sql.ExecBuilderNode    = (*Bound)(nil)
	_ sql.CollationCoercible = (*Bound)(nil)
)

func newBound(child sql.Node, what string) *Bound {
	return &Bound{UnaryNode: plan.UnaryNode{Child: child}, limit: maxHeldRows, what: what}
}

// IsReadOnly implements sql.Node.
func (b *Bound) IsReadOnly() bool { return true }

// Resolved implements sql.Node.
func (b *Bound) Resolved() bool { return b.Child.Resolved() }

// WithChildren implements sql.Node.
func (b *Bound) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(b, len(children), 1)
	}
	c := *b
	c.Child = children[0]
	return &c, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (b *Bound) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, b.Child)
}

// String prints the child only: a bound is no step of a plan.
func (b *Bound) String() string { return b.Child.String() }

// BuildRowIter implements sql.ExecBuilderNode.
func (b *Bound) BuildRowIter(ctx *sql.Context, builder sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	child, err := builder.Build(ctx, b.Child, row)
	if err != nil {
		return nil, err
	}
	return &boundIter{RowIter: child, bound: b}, nil
}

type boundIter struct {
	sql.RowIter
	bound *Bound
	n     int64
}

func (i *boundIter) Next(ctx *sql.Context) (sql.Row, error) {
	row, err := i.RowIter.Next(ctx)
	if err != nil {
		return nil, err
	}
	if i.n++; i.n > i.bound.limit {
		return nil, &tables.LimitExceeded{
			Store: "gateway", What: i.bound.what, Limit: i.bound.limit,
			Hint: "restrict the tables with WHERE, or let a LIMIT say how many rows are wanted",
		}
	}
	return row, nil
}
