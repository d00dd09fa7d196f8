package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// filtersOffJoins stands around optimizeJoins, which forgets a condition between
// two joins where it finds another order for them (buildFilter in
// sql/memo/join_order_builder.go): in WHERE NOT EXISTS (...) over a LEFT JOIN and a
// JOIN nothing tested the JOIN's condition. Such conditions move above the upper
// join, or into its own.
func filtersOffJoins(apply analyzer.RuleFunc) analyzer.RuleFunc {
	return func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		off, same, err := transform.Node(ctx, n, filterOffJoin)
		if err != nil {
			return n, transform.SameTree, err
		}
		m, alike, err := apply(ctx, a, off, scope, sel, flags)
		return m, same && alike, err
	}
}

func filterOffJoin(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	j, ok := n.(*plan.JoinNode)
	if !ok {
		return n, transform.SameTree, nil
	}
	left, right := j.Left(), j.Right()
	inner := j.Op == plan.JoinTypeInner || j.Op == plan.JoinTypeCross || j.Op == plan.JoinTypeLateralCross || j.Op == plan.JoinTypeLateralInner
	var above, within sql.Expression
	if f, ok := filterOverJoin(left); ok && (inner || j.Op.IsPartial() || j.Op.IsLeftOuter()) {
		above, left = f.Expression, f.Child
	}
	// A NULL of NOT IN's own condition is not to be had of another one.
	if f, ok := filterOverJoin(right); ok {
		switch {
		case j.Op == plan.JoinTypeInner || j.Op == plan.JoinTypeCross:
			above, right = and(above, f.Expression), f.Child
		case j.Op == plan.JoinTypeLeftOuter || j.Op == plan.JoinTypeSemi || j.Op == plan.JoinTypeAntiIncludeNulls:
			within, right = f.Expression, f.Child
		}
	}
	if above == nil && within == nil {
		return n, transform.SameTree, nil
	}
	m := plan.NewJoin(ctx, left, right, j.Op, and(j.Filter, within))
	m.CommentStr, m.UsingCols = j.CommentStr, j.UsingCols
	if above == nil {
		return m, transform.NewTree, nil
	}
	return plan.NewFilter(ctx, above, m), transform.NewTree, nil
}

// filterOverJoin is n where it is a condition over more than one table.
func filterOverJoin(n sql.Node) (*plan.Filter, bool) {
	f, ok := n.(*plan.Filter)
	if !ok {
		return nil, false
	}
	_, over := f.Child.(*plan.JoinNode)
	return f, over
}

// and is the conjunction of what is there of two conditions.
func and(a, b sql.Expression) sql.Expression {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return expression.NewAnd(a, b)
}
