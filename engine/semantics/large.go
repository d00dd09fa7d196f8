package semantics

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/analyzer/analyzererrors"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// pushedFilters spares pushFilters statements of thousands of conditions that have
// nothing to push.
func pushedFilters(apply analyzer.RuleFunc) analyzer.RuleFunc {
	apply = untangled(apply)
	return func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		if filtersAreDown(n) {
			return n, transform.SameTree, nil
		}
		return apply(ctx, a, n, scope, sel, flags)
	}
}

// filtersAreDown reports whether there is nothing to push down: the plan is one
// chain with all its conditions in one filter over a table. go-mysql-server would
// compare each condition with each other (subtractExprSet in
// sql/analyzer/filters.go).
func filtersAreDown(n sql.Node) bool {
	for {
		switch x := n.(type) {
		case *plan.Project, *plan.GroupBy, *plan.Sort, *plan.TopN, *plan.Limit, *plan.Offset, *plan.Distinct:
			n = x.Children()[0]
		case *plan.Filter:
			switch below := x.Child.(type) {
			case *plan.ResolvedTable:
				return !usesSubqueries(x.Expression)
			case *plan.TableAlias:
				_, table := below.Child.(*plan.ResolvedTable)
				return table && !usesSubqueries(x.Expression)
			}
			return false
		default:
			return false
		}
	}
}

func usesSubqueries(e sql.Expression) bool {
	if _, ok := e.(sql.ExpressionWithNodes); ok {
		return true
	}
	for _, c := range e.Children() {
		if usesSubqueries(c) {
			return true
		}
	}
	return false
}

// sameColumns checks that both sides of each set operation have columns of the
// same types, as go-mysql-server's rule does, which makes the columns of all that
// is below anew for each of them.
func sameColumns(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	var mismatch error
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		u, ok := n.(*plan.SetOp)
		if !ok || mismatch != nil {
			return mismatch == nil
		}
		_, mismatch = columnTypes(ctx, u)
		return false
	})
	return n, transform.SameTree, mismatch
}

// columnTypes are the types of a node's columns; of a chain of set operations they
// are put together from the left, each once. The error says that two sides differ.
func columnTypes(ctx *sql.Context, n sql.Node) ([]sql.Type, error) {
	u, ok := n.(*plan.SetOp)
	if !ok {
		var inner error
		transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
			if u, ok := n.(*plan.SetOp); ok && inner == nil {
				_, inner = columnTypes(ctx, u)
				return false
			}
			return inner == nil
		})
		return schemaTypes(n.Schema(ctx)), inner
	}
	left, err := columnTypes(ctx, u.Left())
	if err != nil {
		return nil, err
	}
	right, err := columnTypes(ctx, u.Right())
	if err != nil {
		return nil, err
	}
	if len(left) != len(right) {
		return nil, analyzererrors.ErrUnionSchemasMatch.New(fmt.Sprintf("%d columns", len(left)), fmt.Sprintf("%d columns", len(right)))
	}
	for i := range left {
		if !left[i].Equals(right[i]) {
			return nil, analyzererrors.ErrUnionSchemasMatch.New(left[i].String(), right[i].String())
		}
		left[i] = types.GeneralizeTypes(left[i], right[i])
	}
	return left, nil
}
