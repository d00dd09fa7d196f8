package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Single is a scalar subquery that is compared. go-mysql-server makes a
// semi-join of `x = (SELECT ...)`, which then means IN and no longer complains
// about a second row (sql/analyzer/unnest_in_subqueries.go); it does not know
// this wrapper.
type Single struct{ expression.UnaryExpressionStub }

var _ sql.CollationCoercible = (*Single)(nil)

// Type implements sql.Expression.
func (s *Single) Type(ctx *sql.Context) sql.Type { return s.Child.Type(ctx) }

// IsNullable implements sql.Expression.
func (s *Single) IsNullable(ctx *sql.Context) bool { return s.Child.IsNullable(ctx) }

// Eval implements sql.Expression.
func (s *Single) Eval(ctx *sql.Context, row sql.Row) (any, error) { return s.Child.Eval(ctx, row) }

// String implements sql.Expression.
func (s *Single) String() string { return s.Child.String() }

// CollationCoercibility implements sql.CollationCoercible.
func (s *Single) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, s.Child)
}

// WithChildren implements sql.Expression.
func (s *Single) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(s, len(children), 1)
	}
	return &Single{expression.UnaryExpressionStub{Child: children[0]}}, nil
}

// keepSubqueries keeps subqueries from becoming joins that mean something else:
// compared ones, and EXISTS over an aggregate without GROUP BY, which always
// has its one row, or over LIMIT 0, which never has any.
func keepSubqueries(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		switch e := e.(type) {
		case *plan.ExistsSubquery:
			if exists, known := hasRow(e.Query.Query); known {
				return expression.NewLiteral(exists, types.Boolean), transform.NewTree, nil
			}
		case *expression.Equals, *expression.NullSafeEquals, *expression.LessThan, *expression.LessThanOrEqual,
			*expression.GreaterThan, *expression.GreaterThanOrEqual:
			return singles(ctx, e)
		}
		return e, transform.SameTree, nil
	})
}

func singles(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	changed := false
	children := append([]sql.Expression{}, e.Children()...)
	for i, c := range children {
		if q, ok := c.(*plan.Subquery); ok && types.NumColumns(q.Type(ctx)) == 1 {
			children[i] = &Single{expression.UnaryExpressionStub{Child: q}}
			changed = true
		}
	}
	if !changed {
		return e, transform.SameTree, nil
	}
	e, err := e.WithChildren(ctx, children...)
	return e, transform.NewTree, err
}

// hasRow says whether a query gives a row whatever the tables hold.
func hasRow(n sql.Node) (exists, known bool) {
	for {
		switch x := n.(type) {
		case *plan.Project:
			n = x.Child
		case *plan.Sort:
			n = x.Child
		case *plan.Distinct:
			n = x.Child
		case *plan.Limit:
			l, ok := x.Limit.(*expression.Literal)
			if !ok {
				return false, false
			}
			if zero, err := sql.ConvertToBool(nil, l.Value()); err != nil || !zero {
				return false, err == nil
			}
			n = x.Child
		case *plan.GroupBy:
			return true, len(x.GroupByExprs) == 0
		default:
			return false, false
		}
	}
}
