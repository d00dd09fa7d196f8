package semantics

import (
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// checkEvery is how many rows are worked on between two looks at the context.
const checkEvery = 512

// Builder returns iterators for the nodes that go-mysql-server executes by a
// bare 64-bit hash of their rows (sql/hash/hash.go and its users), or wrongly in
// some other way, and nil for all others, as rowexec.BaseBuilder.PriorityBuilder expects. Children are
// built by next, which is usually the BaseBuilder itself.
func Builder(next sql.NodeExecBuilder) sql.NodeExecBuilder { return builder{next} }

type builder struct{ next sql.NodeExecBuilder }

// Build implements sql.NodeExecBuilder.
func (b builder) Build(ctx *sql.Context, n sql.Node, row sql.Row) (sql.RowIter, error) {
	switch n := n.(type) {
	case *plan.Distinct:
		return b.distinct(ctx, n, row)
	case *plan.OrderedDistinct:
		// The rows come sorted by the DISTINCT's columns, but the iterator of
		// go-mysql-server compares text by its bytes only.
		child, err := b.next.Build(ctx, n.Child, row)
		if err != nil {
			return nil, err
		}
		return newDistinctIter(child, schemaTypes(n.Child.Schema(ctx))), nil
	case *plan.GroupBy:
		return b.groupBy(ctx, n, row)
	case *plan.SetOp:
		return b.setOp(ctx, n, row)
	case *plan.RecursiveCte:
		return b.recursiveCTE(ctx, n, row)
	case *plan.HashLookup:
		return b.hashLookup(ctx, n, row)
	case *plan.Offset:
		return b.offset(ctx, n, row)
	case *plan.Window:
		return b.window(ctx, n, row)
	case *plan.Sort:
		return b.sort(ctx, n, row)
	case *plan.TopN:
		return b.topN(ctx, n, row)
	case *plan.Project:
		return b.project(ctx, n, row)
	case *plan.CachedResults:
		return b.cachedResults(ctx, n, row)
	case *plan.JoinNode:
		if n.Filter == nil && n.Op.IsPartial() {
			// Of EXISTS (SELECT … without a condition); go-mysql-server's iterator
			// evaluates the condition that is not there (join_iters.go, existsIter).
			return b.next.Build(ctx, n.WithFilter(expression.NewLiteral(true, types.Boolean)), row)
		}
	}
	return nil, nil
}

func (b builder) distinct(ctx *sql.Context, n *plan.Distinct, row sql.Row) (sql.RowIter, error) {
	if len(n.DistinctOn()) > 0 {
		return nil, nil // PostgreSQL's DISTINCT ON; MySQL's parser knows none
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return newDistinctIter(child, schemaTypes(n.Child.Schema(ctx))), nil
}

// closing closes what was already built when building failed.
func closing(ctx *sql.Context, err error, built ...sql.RowIter) error {
	for _, it := range built {
		_ = it.Close(ctx)
	}
	return err
}

// poll looks at the context now and then.
type poll struct{ n int }

// check returns the context's error on every checkEvery-th call.
func (p *poll) check(ctx *sql.Context) error { return p.work(ctx, 1) }

// work is check for what takes as long as n rows.
func (p *poll) work(ctx *sql.Context, n int) error {
	if p.n += n; p.n >= checkEvery {
		p.n = 0
		return ctx.Err()
	}
	return nil
}

// polledRows gives rows that are kept elsewhere, and looks at the context: a join may
// drop every one of them without giving a row itself.
type polledRows struct {
	rows []sql.Row
	poll poll
}

// Next implements sql.RowIter.
func (p *polledRows) Next(ctx *sql.Context) (sql.Row, error) {
	if err := p.poll.check(ctx); err != nil {
		return nil, err
	}
	if len(p.rows) == 0 {
		return nil, io.EOF
	}
	row := p.rows[0]
	p.rows = p.rows[1:]
	return row, nil
}

// Close implements sql.RowIter.
func (p *polledRows) Close(*sql.Context) error { return nil }
