package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// liftJoinConditions moves the conditions of an inner join that read the
// optional side of an outer join below it into a filter above, which means the
// same. go-mysql-server loses such a condition when it orders the joins: in
// a LEFT JOIN b ON ... JOIN c ON ... AND b.x < 0 nothing tests b.x. It loses
// conditions with subqueries there too, and asks the others for each pair of rows;
// in a filter they become semi-joins, or are asked for each row that the join gives.
func liftJoinConditions(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		j, ok := n.(*plan.JoinNode)
		if ok && j.Op == plan.JoinTypeLeftOuter && j.Filter != nil {
			return lowerSubqueries(ctx, j)
		}
		if !ok || j.Op != plan.JoinTypeInner || j.Filter == nil {
			return n, transform.SameTree, nil
		}
		optional := sql.ColSet{}
		optionalColumns(ctx, j.Left(), &optional)
		optionalColumns(ctx, j.Right(), &optional)
		var stay, lift []sql.Expression
		for _, e := range expression.SplitConjunction(ctx, j.Filter) {
			if readsAny(ctx, e, optional) || usesSubqueries(e) {
				lift = append(lift, e)
			} else {
				stay = append(stay, e)
			}
		}
		if len(lift) == 0 {
			return n, transform.SameTree, nil
		}
		below := plan.NewJoin(ctx, j.Left(), j.Right(), plan.JoinTypeCross, nil)
		if len(stay) > 0 {
			below = plan.NewJoin(ctx, j.Left(), j.Right(), plan.JoinTypeInner, expression.JoinAnd(stay...))
		}
		below.CommentStr, below.UsingCols = j.CommentStr, j.UsingCols
		return plan.NewFilter(ctx, expression.JoinAnd(lift...), below), transform.NewTree, nil
	})
}

// lowerSubqueries moves the conditions of a left join with subqueries that read its
// right side only to that side: they choose among its rows, once for each of them.
// One that reads the left side stays, and is asked for each pair.
func lowerSubqueries(ctx *sql.Context, j *plan.JoinNode) (sql.Node, transform.TreeIdentity, error) {
	var left, right sql.ColSet
	tableColumns(ctx, j.Left(), &left)
	tableColumns(ctx, j.Right(), &right)
	var stay, lower []sql.Expression
	for _, e := range expression.SplitConjunction(ctx, j.Filter) {
		if usesSubqueries(e) && readsAny(ctx, e, right) && !readsAny(ctx, e, left) {
			lower = append(lower, e)
		} else {
			stay = append(stay, e)
		}
	}
	if len(lower) == 0 || len(stay) == 0 {
		return j, transform.SameTree, nil
	}
	m := plan.NewJoin(ctx, j.Left(), plan.NewFilter(ctx, expression.JoinAnd(lower...), j.Right()), j.Op, expression.JoinAnd(stay...))
	m.CommentStr, m.UsingCols = j.CommentStr, j.UsingCols
	return m, transform.NewTree, nil
}

// optionalColumns adds the columns of the tables below n that an outer join
// may fill with NULLs.
func optionalColumns(ctx *sql.Context, n sql.Node, into *sql.ColSet) {
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		j, ok := n.(*plan.JoinNode)
		if !ok {
			_, derived := n.(*plan.SubqueryAlias)
			return !derived // its columns are its own
		}
		if j.Op.IsLeftOuter() || j.Op.IsFullOuter() {
			tableColumns(ctx, j.Right(), into)
		}
		if j.Op.IsRightOuter() || j.Op.IsFullOuter() {
			tableColumns(ctx, j.Left(), into)
		}
		return true
	})
}

func tableColumns(ctx *sql.Context, n sql.Node, into *sql.ColSet) {
	transform.InspectWithOpaque(ctx, n, func(_ *sql.Context, n sql.Node) bool {
		if t, ok := n.(plan.TableIdNode); ok {
			into.UnionWith(t.Columns())
			_, derived := n.(*plan.SubqueryAlias)
			return !derived
		}
		return true
	})
}

func readsAny(ctx *sql.Context, e sql.Expression, columns sql.ColSet) bool {
	found := false
	var look func(ctx *sql.Context, e sql.Expression) bool
	look = func(ctx *sql.Context, e sql.Expression) bool {
		switch e := e.(type) {
		case *expression.GetField:
			found = found || columns.Contains(e.Id())
		case *plan.Subquery:
			transform.InspectExpressions(ctx, e.Query, look)
		}
		return true
	}
	sql.Inspect(ctx, e, look)
	return found
}
