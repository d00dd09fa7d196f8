package semantics

import (
	"errors"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/memory"
)

// heldIter passes on rows that an iterator of go-mysql-server's above it keeps,
// looks at the context for it, and takes their memory from the statement's account. Closing closes the child,
// once; the memory is given back by the holder around that iterator, which may
// close its child long before it is done with the rows.
type heldIter struct {
	child  sql.RowIter
	what   string
	most   int64 // how many rows are kept at once; negative: all
	copies int64 // how often each is kept
	n      int64
	held   memory.Held
	poll   poll
	closed bool
}

// Next implements sql.RowIter.
func (h *heldIter) Next(ctx *sql.Context) (sql.Row, error) {
	if err := h.poll.check(ctx); err != nil {
		return nil, err
	}
	row, err := h.child.Next(ctx)
	if err != nil {
		return nil, err
	}
	if h.n++; h.most < 0 || h.n <= h.most {
		if err := h.held.Add(ctx, h.what, h.copies*memory.RowSize(row)); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// Close implements sql.RowIter.
func (h *heldIter) Close(ctx *sql.Context) error {
	if h.closed {
		return nil
	}
	h.closed = true
	return h.child.Close(ctx)
}

// A holder is an iterator that keeps the rows of a heldIter. It closes that too,
// which an iterator that is closed early may not.
type holder struct {
	sql.RowIter
	rows *heldIter
}

// Close implements sql.RowIter.
func (h holder) Close(ctx *sql.Context) error {
	err := errors.Join(h.RowIter.Close(ctx), h.rows.Close(ctx))
	h.rows.held.Release()
	return err
}

// cachedResults keeps its child's rows for the next reading. go-mysql-server's own
// iterator counts nothing (sql/rowexec/cache.go).
func (b builder) cachedResults(ctx *sql.Context, n *plan.CachedResults, row sql.Row) (sql.RowIter, error) {
	if n.IsFinalized() {
		return &polledRows{rows: n.GetCachedResults()}, nil
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return &cachingIter{node: n, child: child}, nil
}

type cachingIter struct {
	node  *plan.CachedResults
	child sql.RowIter
	rows  []sql.Row
	held  memory.Held
	done  bool // the node has the rows, until the statement ends
	poll  poll
}

// Next implements sql.RowIter.
func (c *cachingIter) Next(ctx *sql.Context) (sql.Row, error) {
	if err := c.poll.check(ctx); err != nil {
		return nil, err
	}
	row, err := c.child.Next(ctx)
	if errors.Is(err, io.EOF) && !c.done {
		c.done = true
		c.node.SetCachedResults(c.rows)
	}
	if err != nil {
		return nil, err
	}
	if err := c.held.Add(ctx, "rows that are read again", memory.RowSize(row)); err != nil {
		return nil, err
	}
	c.rows = append(c.rows, row)
	return row, nil
}

// Close implements sql.RowIter.
func (c *cachingIter) Close(ctx *sql.Context) error {
	if !c.done {
		c.held.Release()
	}
	return c.child.Close(ctx)
}

// bufferSize is about what an aggregate's buffer takes for one group.
const bufferSize = 128

// collects reports whether an aggregate keeps something of each row that it gets,
// without counting it itself.
func collects(e sql.Expression) bool {
	switch e.(type) {
	case *aggregation.JsonArray, *aggregation.JSONObjectAgg, *aggregation.GroupConcat:
		return true
	}
	return false
}
