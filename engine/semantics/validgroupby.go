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

// groupByRule is the name of go-mysql-server's check of ONLY_FULL_GROUP_BY.
const groupByRule = "validateGroupBy"

// allowConstants puts a milder check in place of go-mysql-server's, which takes
// everything without an operand for a column (NOW(), CURDATE(), @x and RAND()
// beside an aggregate), and aliases and aggregates where it finds them by no text.
func allowConstants(b *analyzer.Builder) {
	for _, r := range analyzer.OnceBeforeDefault {
		if r.Id.String() != groupByRule {
			continue
		}
		b.RemoveOnceBeforeRule(r.Id)
		b.AddPreAnalyzeRule(RuleGroupBy, func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
			if _, _, err := r.Apply(ctx, a, n, scope, sel, flags); err == nil {
				return n, transform.SameTree, nil
			}
			plain, _, err := transform.NodeExprsWithOpaque(ctx, n, constantForCheck)
			if err == nil {
				plain, err = withoutOutputs(ctx, plain)
			}
			if err == nil {
				_, _, err = r.Apply(ctx, a, plain, scope, sel, flags)
			}
			return n, transform.SameTree, err
		})
	}
}

// constantForCheck is a constant where e depends on no column, whatever it is.
func constantForCheck(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case sql.Aggregation:
		return e, transform.SameTree, nil
	case *plan.Subquery: // its operator takes nothing else
		return e, transform.SameTree, nil
	case sql.FunctionExpression, sql.NonDeterministicExpression, *expression.UserVar, *expression.SystemVar:
	default:
		return e, transform.SameTree, nil
	}
	for _, c := range e.Children() {
		if _, constant := c.(*expression.Literal); !constant && c != unfoldable {
			return e, transform.SameTree, nil
		}
	}
	return expression.NewLiteral(e.String(), types.LongText), transform.NewTree, nil
}

// withoutOutputs is n with constants for columns of no table: these are aliases
// and aggregates, and what they stand for is checked where it is computed.
// go-mysql-server looks for them by their texts, and does not find all.
func withoutOutputs(ctx *sql.Context, n sql.Node) (sql.Node, error) {
	n, _, err := transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		switch n.(type) {
		case *plan.Sort, *plan.Project:
		default:
			return n, transform.SameTree, nil
		}
		return transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
			// A window over groups is not planned rightly: the complaint stays.
			if f, ok := e.(*expression.GetField); ok && f.Table() == "" && !strings.Contains(f.Name(), ") over (") {
				return expression.NewLiteral(f.Name(), types.LongText), transform.NewTree, nil
			}
			return e, transform.SameTree, nil
		})
	})
	return n, err
}
