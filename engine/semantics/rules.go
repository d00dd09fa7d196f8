package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

func nothing(_ *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return n, transform.SameTree, nil
}

// markVolatile keeps user variables in conditions from being folded.
func markVolatile(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.Node(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		switch n.(type) {
		case *plan.Filter, *plan.Having, *plan.JoinNode:
		default:
			return n, transform.SameTree, nil
		}
		return transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
			if v, ok := e.(*expression.UserVar); ok {
				return NewVolatile(v), transform.NewTree, nil
			}
			return e, transform.SameTree, nil
		})
	})
}

// exactIn replaces IN, with a list or a query, wherever it is evaluated as an
// expression. It runs after planning, so that planners see the usual nodes.
func exactIn(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, ExactIn)
}

// ExactIn replaces e by *In, *InQuery or *InRows where it is an IN of go-mysql-server's
// whose answer may be wrong. It is a transform.ExprFunc.
func ExactIn(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case *expression.InTuple:
		return exactList(ctx, e, e.Left(), e.Right())
	case *expression.HashInTuple:
		return exactList(ctx, e, e.Left(), e.Right())
	case *plan.InSubquery:
		if q, ok := e.RightChild.(*plan.Subquery); ok {
			if left, ok := e.LeftChild.(expression.Tuple); ok {
				if in := NewInRows(ctx, left, q); in != nil {
					return in, transform.NewTree, nil
				}
				return e, transform.SameTree, nil
			}
			if in := NewInQuery(ctx, e.LeftChild, q); in != nil {
				return in, transform.NewTree, nil
			}
		}
	case *plan.Subquery:
		return insideQuery(ctx, e, ExactIn)
	}
	return e, transform.SameTree, nil
}

// insideQuery applies f to what a subquery is made of.
func insideQuery(ctx *sql.Context, q *plan.Subquery, f transform.ExprFunc) (sql.Expression, transform.TreeIdentity, error) {
	query, same, err := transform.NodeExprsWithOpaque(ctx, q.Query, f)
	if err != nil || same {
		return q, transform.SameTree, err
	}
	return q.WithQuery(query), transform.NewTree, nil
}

// exactList replaces an IN whose list is constant and whose left side is one value.
func exactList(ctx *sql.Context, in, left, right sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	list, ok := right.(expression.Tuple)
	if !ok || types.IsTuple(left.Type(ctx)) {
		return in, transform.SameTree, nil
	}
	for _, e := range list {
		if !literal(e) {
			return in, transform.SameTree, nil
		}
	}
	return NewIn(left, list), transform.NewTree, nil
}

// literal says whether e is a constant of the statement, or a converted one.
func literal(e sql.Expression) bool {
	switch c := e.(type) {
	case *Double:
		e = c.Child
	case *TextAsTime:
		e = c.Child
	case *Named:
		e = c.Child
	}
	_, ok := e.(*expression.Literal)
	return ok
}
