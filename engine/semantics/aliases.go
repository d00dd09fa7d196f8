package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// untangled spares a rule that pushes filters the plans whose aliases refer to
// themselves, as two select lists over one another may have them: it puts what an
// alias means in its place for ever, and the stack's overflow ends the process
// (exprsToTableFilters in sql/analyzer/filters.go).
func untangled(apply analyzer.RuleFunc) analyzer.RuleFunc {
	return func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		if tangled(ctx, n) {
			return n, transform.SameTree, nil
		}
		return apply(ctx, a, n, scope, sel, flags)
	}
}

// tangled reports whether an alias of n refers to itself, through others perhaps.
func tangled(ctx *sql.Context, n sql.Node) bool {
	aliases := map[sql.ColumnId]sql.Expression{}
	transform.Inspect(n, func(n sql.Node) bool {
		if p, ok := n.(*plan.Project); ok {
			for _, e := range p.Projections {
				if a, ok := e.(*expression.Alias); ok {
					aliases[a.Id()] = a.Child
				}
			}
		}
		return true
	})
	const open, done = 1, 2
	state := map[sql.ColumnId]int{}
	var circular func(id sql.ColumnId) bool
	circular = func(id sql.ColumnId) bool {
		e, ok := aliases[id]
		if !ok || state[id] == done {
			return false
		}
		if state[id] == open {
			return true
		}
		state[id] = open
		found := transform.InspectExpr(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
			f, ok := e.(*expression.GetField)
			return ok && circular(f.Id())
		})
		state[id] = done
		return found
	}
	for id := range aliases {
		if circular(id) {
			return true
		}
	}
	return false
}
