package semantics

import (
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/memory"
)

func (b builder) groupBy(ctx *sql.Context, n *plan.GroupBy, row sql.Row) (sql.RowIter, error) {
	if len(n.GroupByExprs) == 0 && !aggregates(n.SelectDeps) {
		return nil, nil // a plain SELECT of ANY_VALUE(…), row by row
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return &groupIter{
		child: child, output: n.SelectDeps, by: n.GroupByExprs,
		keys: newKeyCoder(expressionTypes(ctx, n.GroupByExprs)), groups: newKeyTable(),
	}, nil
}

// aggregates says whether a SELECT without GROUP BY makes one row of all. MySQL
// does not count ANY_VALUE among the aggregates.
func aggregates(output []sql.Expression) bool {
	for _, e := range output {
		if _, ok := e.(sql.Aggregation); ok {
			if _, any := e.(*aggregation.AnyValue); !any {
				return true
			}
		}
	}
	return false
}

// groupIter reads all of its child, keeping a buffer per group and output
// expression, then gives one row per group in order of first appearance.
// Without keys there is exactly one group, even over no rows.
type groupIter struct {
	child   sql.RowIter
	output  []sql.Expression
	by      []sql.Expression
	keys    *keyCoder
	groups  *keyTable
	buffers [][]sql.AggregationBuffer // by the group's number; nil once given
	next    int
	loaded  bool
	held    memory.Held
	poll    poll
}

// Next implements sql.RowIter.
func (g *groupIter) Next(ctx *sql.Context) (sql.Row, error) {
	if !g.loaded {
		if err := g.load(ctx); err != nil {
			return nil, err
		}
		g.loaded = true
	}
	if g.next >= len(g.buffers) {
		return nil, io.EOF
	}
	if err := g.poll.check(ctx); err != nil {
		return nil, err
	}
	buffers := g.buffers[g.next]
	row := make(sql.Row, len(buffers))
	for i, b := range buffers {
		v, err := b.Eval(ctx)
		if err != nil {
			return nil, err
		}
		row[i] = v
	}
	g.buffers[g.next] = nil
	g.next++
	dispose(ctx, buffers)
	return row, nil
}

func (g *groupIter) load(ctx *sql.Context) error {
	if len(g.by) == 0 {
		if err := g.addGroup(ctx, nil); err != nil {
			return err
		}
	}
	key := make(sql.Row, len(g.by))
	for {
		if err := g.poll.check(ctx); err != nil {
			return err
		}
		row, err := g.child.Next(ctx)
		if err == io.EOF {
			g.groups.release()
			g.groups = nil
			return nil
		}
		if err != nil {
			return err
		}
		number := 0
		if len(g.by) > 0 {
			if number, err = g.group(ctx, row, key); err != nil {
				return err
			}
		}
		for i, b := range g.buffers[number] {
			if err := b.Update(ctx, row); err != nil {
				return err
			}
			if collects(g.output[i]) {
				if err := g.held.Add(ctx, "the values that an aggregate collects", memory.RowSize(row)); err != nil {
					return err
				}
			}
		}
	}
}

// group returns the number of row's group; key is scratch space.
func (g *groupIter) group(ctx *sql.Context, row, key sql.Row) (int, error) {
	for i, e := range g.by {
		v, err := e.Eval(ctx, row)
		if err != nil {
			return 0, err
		}
		key[i] = v
	}
	encoded, err := g.keys.row(ctx, key)
	if err != nil {
		return 0, err
	}
	number, added, err := g.groups.add(ctx, encoded)
	if err != nil {
		return 0, err
	}
	if added {
		if err := g.addGroup(ctx, row); err != nil {
			return 0, err
		}
	}
	return number, nil
}

// addGroup makes the buffers of a group that begins with row.
func (g *groupIter) addGroup(ctx *sql.Context, row sql.Row) error {
	if err := g.held.Add(ctx, "groups", bufferSize*int64(len(g.output))+memory.RowSize(row)); err != nil {
		return err
	}
	buffers := make([]sql.AggregationBuffer, len(g.output))
	for i, e := range g.output {
		b, err := newBuffer(ctx, e)
		if err != nil {
			dispose(ctx, buffers[:i])
			return err
		}
		buffers[i] = b
	}
	g.buffers = append(g.buffers, buffers)
	return nil
}

func dispose(ctx *sql.Context, buffers []sql.AggregationBuffer) {
	for _, b := range buffers {
		b.Dispose(ctx)
	}
}

// Close implements sql.RowIter.
func (g *groupIter) Close(ctx *sql.Context) error {
	for _, buffers := range g.buffers {
		dispose(ctx, buffers)
	}
	g.groups.release()
	g.held.Release()
	g.buffers, g.groups, g.loaded = nil, nil, true
	return g.child.Close(ctx)
}
