package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// explicitEscape writes the default ESCAPE out where a LIKE pattern has a
// backslash. go-mysql-server turns some patterns into = or a range and takes
// their backslashes for themselves then, but leaves every LIKE with an ESCAPE
// alone (simplifyFilters in sql/analyzer/optimization_rules.go).
func explicitEscape(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, withEscape)
}

// withEscape is explicitEscape for one expression, and for those of a subquery.
func withEscape(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	if q, ok := e.(*plan.Subquery); ok {
		return insideQuery(ctx, q, withEscape)
	}
	like, ok := e.(*expression.Like)
	if !ok || like.Escape != nil {
		return e, transform.SameTree, nil
	}
	pattern, ok := like.RightChild.(*expression.Literal)
	if !ok {
		return e, transform.SameTree, nil
	}
	if s, ok := pattern.Value().(string); !ok || !strings.Contains(s, `\`) {
		return e, transform.SameTree, nil
	}
	escape := expression.NewLiteral(`\`, types.LongText)
	return expression.NewLike(like.LeftChild, like.RightChild, escape), transform.NewTree, nil
}
