package planner

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/memory"
)

// Replay keeps its child's rows from the first reading for the next ones.
// go-mysql-server's nested loops run their inner side once per outer row,
// which over a store would be one remote query per row.
//
// The rows belong to the node, so a plan with a Replay is run once only;
// go-mysql-server copies the node where it runs a subquery again.
type Replay struct {
	plan.UnaryNode
	state *replayState
}

type replayState struct {
	mu   sync.Mutex
	rows []sql.Row
	full bool
}

var (
	_ sql.ExecBuilderNode    = (*Replay)(nil)
	_ sql.CollationCoercible = (*Replay)(nil)
)

// NewReplay puts a Replay over child, which must not read outer columns.
func NewReplay(child sql.Node) *Replay {
	return &Replay{UnaryNode: plan.UnaryNode{Child: child}, state: &replayState{}}
}

// IsReadOnly implements sql.Node.
func (r *Replay) IsReadOnly() bool { return true }

// Resolved implements sql.Node.
func (r *Replay) Resolved() bool { return r.Child.Resolved() }

// WithChildren implements sql.Node; the copy has rows of its own.
func (r *Replay) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(r, len(children), 1)
	}
	return NewReplay(children[0]), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (r *Replay) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, r.Child)
}

// String prints the node for EXPLAIN.
func (r *Replay) String() string {
	p := sql.NewTreePrinter()
	_ = p.WriteNode("Read once, kept in memory")
	_ = p.WriteChildren(r.Child.String())
	return p.String()
}

// BuildRowIter implements sql.ExecBuilderNode. The first call reads all rows:
// a loop that looks for the first match does not read to the end by itself.
func (r *Replay) BuildRowIter(ctx *sql.Context, b sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	if !r.state.full {
		child, err := b.Build(ctx, r.Child, row)
		if err != nil {
			return nil, err
		}
		rows, err := readAll(ctx, child)
		if err = errors.Join(err, child.Close(ctx)); err != nil {
			return nil, err
		}
		r.state.rows, r.state.full = rows, true
	}
	return sql.RowsToRowIter(r.state.rows...), nil
}

func readAll(ctx *sql.Context, child sql.RowIter) ([]sql.Row, error) {
	var rows []sql.Row
	var held memory.Held // never released: the node keeps the rows
	for {
		row, err := child.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil && len(rows)%stopCheckRows == 0 {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		if err := held.Add(ctx, "the inner side of a join without an equality", memory.RowSize(row)); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}
