package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// project executes a select list. go-mysql-server's iterator makes 0 of a DOUBLE
// -0 (normalizeNegativeZeros in sql/rowexec/rel_iters.go), which MySQL shows as
// it is. Lists that set DEFAULT values or give several rows stay with it.
func (b builder) project(ctx *sql.Context, n *plan.Project, row sql.Row) (sql.RowIter, error) {
	if n.IncludesNestedIters {
		return nil, nil
	}
	for _, e := range n.Projections {
		switch e.(type) {
		case *expression.Wrapper, *sql.ColumnDefaultValue, plan.ColDefaultExpression:
			return nil, nil
		}
	}
	child, err := b.next.Build(ctx, n.Child, row)
	if err != nil {
		return nil, err
	}
	return &projectIter{child, n.Projections}, nil
}

type projectIter struct {
	child sql.RowIter
	exprs []sql.Expression
}

// Next implements sql.RowIter.
func (p *projectIter) Next(ctx *sql.Context) (sql.Row, error) {
	in, err := p.child.Next(ctx)
	if err != nil {
		return nil, err
	}
	out := make(sql.Row, len(p.exprs))
	for i, e := range p.exprs {
		if out[i], err = e.Eval(ctx, in); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Close implements sql.RowIter.
func (p *projectIter) Close(ctx *sql.Context) error { return p.child.Close(ctx) }
