package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// What go-mysql-server does with subqueries in conditions, where that is right.
//
// It makes joins of EXISTS and IN, and for that takes conditions on outer columns
// out of the subquery, wherever in it they stand: also from below an aggregate, from
// the optional side of an outer join, and from one branch of a UNION. It takes an
// empty table anywhere in the subquery for an empty subquery. And before that it
// moves conditions on outer columns into derived tables, which then can't be joined.
// These rules stand around its own and let it see only what it does right; the
// other subqueries stay expressions, which are run for each row, or once.

// unnestedExists lets unnestExistsSubqueries make joins of those EXISTS only that
// mean one.
func unnestedExists(apply analyzer.RuleFunc) analyzer.RuleFunc {
	return hiding(apply, func(ctx *sql.Context, e sql.Expression, _ *plan.Scope) bool {
		if not, ok := e.(*expression.Not); ok {
			e = not.Child
		}
		exists, ok := e.(*plan.ExistsSubquery)
		return ok && !meansJoin(ctx, exists.Query)
	})
}

// localFilters keeps conditions on outer columns from being moved into derived
// tables.
func localFilters(apply analyzer.RuleFunc) analyzer.RuleFunc {
	return hiding(untangled(apply), func(ctx *sql.Context, e sql.Expression, scope *plan.Scope) bool {
		outer := scope.Correlated()
		return !outer.Empty() && readsAny(ctx, e, outer)
	})
}

// meansJoin reports whether the rows of a subquery that belong to an outer row are
// those of a join under its conditions on outer columns.
func meansJoin(ctx *sql.Context, q *plan.Subquery) bool {
	outer := q.Correlated()
	n := q.Query
	for {
		switch x := n.(type) {
		case *plan.GroupBy:
			if len(x.GroupByExprs) == 0 {
				return false
			}
			n = x.Child
			continue
		case *plan.Project, *plan.Sort, *plan.Distinct, *plan.TopN, *plan.Limit:
			n = x.Children()[0]
			continue
		}
		return joinsPlainly(ctx, n, outer)
	}
}

// joinsPlainly reports whether conditions on outer columns may be taken out of n:
// they stand over tables or inner joins, and everything else reads no such column.
func joinsPlainly(ctx *sql.Context, n sql.Node, outer sql.ColSet) bool {
	switch n := n.(type) {
	case *plan.Filter:
		for _, e := range expression.SplitConjunction(ctx, n.Expression) {
			if usesSubqueries(e) && readsAny(ctx, e, outer) {
				// As a join's condition it would be put where not all that it
				// reads is there: joins are ordered by the columns beside it.
				return false
			}
		}
		return joinsPlainly(ctx, n.Child, outer)
	case *plan.JoinNode:
		if n.Op == plan.JoinTypeInner || n.Op == plan.JoinTypeCross {
			return (n.Filter == nil || !readsAny(ctx, n.Filter, outer)) &&
				joinsPlainly(ctx, n.Left(), outer) && joinsPlainly(ctx, n.Right(), outer)
		}
	case *plan.EmptyTable:
		return true
	}
	plain := true
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		if x, ok := n.(sql.Expressioner); ok {
			for _, e := range x.Expressions() {
				plain = plain && !readsAny(ctx, e, outer)
			}
		}
		_, empty := n.(*plan.EmptyTable)
		plain = plain && !empty
		return plain
	})
	return plain
}

// apartFilters gives unnestInSubqueries one condition with a subquery at a time: of
// several it forgets the NOT of one that it can't make a join of.
func apartFilters(apply analyzer.RuleFunc) analyzer.RuleFunc {
	return func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		apart, alike, err := transform.Node(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
			f, ok := n.(*plan.Filter)
			if !ok || !usesSubqueries(f.Expression) {
				return n, transform.SameTree, nil
			}
			var plain, queries []sql.Expression
			for _, e := range expression.SplitConjunction(ctx, f.Expression) {
				if usesSubqueries(e) {
					queries = append(queries, e)
				} else {
					plain = append(plain, e)
				}
			}
			if len(queries) < 2 {
				return n, transform.SameTree, nil
			}
			n = f.Child
			for _, e := range queries {
				n = plan.NewFilter(ctx, e, n)
			}
			if len(plain) > 0 {
				n = plan.NewFilter(ctx, expression.JoinAnd(plain...), n)
			}
			return n, transform.NewTree, nil
		})
		if err != nil {
			return n, transform.SameTree, err
		}
		m, same, err := apply(ctx, a, apart, scope, sel, flags)
		if err != nil || alike {
			return m, same, err
		}
		m, _, err = transform.Node(ctx, m, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
			upper, ok := n.(*plan.Filter)
			if !ok {
				return n, transform.SameTree, nil
			}
			lower, ok := upper.Child.(*plan.Filter)
			if !ok {
				return n, transform.SameTree, nil
			}
			return plan.NewFilter(ctx, expression.NewAnd(lower.Expression, upper.Expression), lower.Child), transform.NewTree, nil
		})
		if same {
			return n, transform.SameTree, err
		}
		return m, transform.NewTree, err
	}
}

// hoistedConditions is in hoistOutOfScopeFilters' place: what a subquery's WHERE
// says of outer columns only is said beside it. EXISTS and IN only, and only where no
// operator between gives rows of its own.
func hoistedConditions(analyzer.RuleFunc) analyzer.RuleFunc {
	return func(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		if !flags.SubqueryIsSet() {
			return n, transform.SameTree, nil
		}
		return hoisted(ctx, n)
	}
}

func hoisted(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		f, ok := n.(*plan.Filter)
		if !ok || !usesSubqueries(f.Expression) {
			return n, transform.SameTree, nil
		}
		cond, same, err := transform.Expr(ctx, f.Expression, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
			q, ok := e.(*plan.Subquery)
			if !ok {
				return e, transform.SameTree, nil
			}
			query, same, err := hoisted(ctx, q.Query)
			if err != nil || same {
				return e, transform.SameTree, err
			}
			return q.WithQuery(query), transform.NewTree, nil
		})
		if err != nil {
			return n, transform.SameTree, err
		}
		var all, alone []sql.Expression
		for _, e := range expression.SplitConjunction(ctx, cond) {
			if exists, ok := e.(*plan.ExistsSubquery); ok && exists.Query.Correlated().Empty() {
				// Its join may be with a table of which no column is read, and no
				// other join can be put over that.
				alone = append(alone, e)
				continue
			}
			same = same && len(alone) == 0
			out, beside, err := besideQuery(ctx, e)
			if err != nil {
				return n, transform.SameTree, err
			}
			same = same && len(beside) == 0
			all = append(append(all, out), beside...)
		}
		if same {
			return n, transform.SameTree, nil
		}
		return plan.NewFilter(ctx, expression.JoinAnd(append(all, alone...)...), f.Child), transform.NewTree, nil
	})
}

// besideQuery takes the conditions on nothing of its own out of the subquery of e.
func besideQuery(ctx *sql.Context, e sql.Expression) (_ sql.Expression, beside []sql.Expression, _ error) {
	var q *plan.Subquery
	switch e := e.(type) {
	case *plan.ExistsSubquery:
		q = e.Query
	case *plan.InSubquery:
		q, _ = e.RightChild.(*plan.Subquery)
	}
	if q == nil || q.Correlated().Empty() {
		return e, nil, nil
	}
	above, f := whereBelow(q.Query)
	if f == nil {
		return e, nil, nil
	}
	var own sql.ColSet
	tableColumns(ctx, f.Child, &own)
	var keep []sql.Expression
	for _, c := range expression.SplitConjunction(ctx, f.Expression) {
		if readsAny(ctx, c, own) || !readsAny(ctx, c, q.Correlated()) || isVolatile(ctx, c) {
			keep = append(keep, c)
			continue
		}
		if c.IsNullable(ctx) {
			c = expression.NewIsTrue(c) // in a WHERE unknown is false
		}
		beside = append(beside, c)
	}
	if len(beside) == 0 {
		return e, nil, nil
	}
	query := f.Child
	if len(keep) > 0 {
		query = plan.NewFilter(ctx, expression.JoinAnd(keep...), query)
	}
	var err error
	for i := len(above) - 1; i >= 0; i-- {
		if query, err = above[i].WithChildren(ctx, query); err != nil {
			return nil, nil, err
		}
	}
	children := e.Children()
	children[len(children)-1] = q.WithQuery(query).WithCorrelated(columnsRead(ctx, query).Intersection(q.Correlated()))
	out, err := e.WithChildren(ctx, children...)
	return out, beside, err
}

// whereBelow is the WHERE of a SELECT without groups and LIMIT, and what stands
// above it, outermost first; nil where there is none.
func whereBelow(n sql.Node) (above []sql.Node, _ *plan.Filter) {
	for {
		switch x := n.(type) {
		case *plan.Project, *plan.Sort, *plan.Distinct:
			above = append(above, n)
			n = x.Children()[0]
		case *plan.Filter:
			return above, x
		default:
			return nil, nil
		}
	}
}

// columnsRead are the columns that anything in n reads.
func columnsRead(ctx *sql.Context, n sql.Node) sql.ColSet {
	var read sql.ColSet
	var look func(ctx *sql.Context, e sql.Expression) bool
	look = func(ctx *sql.Context, e sql.Expression) bool {
		switch e := e.(type) {
		case *expression.GetField:
			read.Add(e.Id())
		case *plan.Subquery:
			transform.InspectExpressions(ctx, e.Query, look)
		}
		return true
	}
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		if x, ok := n.(sql.Expressioner); ok {
			for _, e := range x.Expressions() {
				sql.Inspect(ctx, e, look)
			}
		}
		return true
	})
	return read
}

func isVolatile(ctx *sql.Context, e sql.Expression) bool {
	return transform.InspectExpr(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
		v, ok := e.(sql.NonDeterministicExpression)
		return ok && v.IsNonDeterministic()
	})
}

// hidden is a condition whose parts go-mysql-server's rules don't see.
type hidden struct{ sql.Expression }

// Children implements sql.Expression.
func (hidden) Children() []sql.Expression { return nil }

// WithChildren implements sql.Expression.
func (h hidden) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 0 {
		return nil, sql.ErrInvalidChildrenNumber.New(h, len(children), 0)
	}
	return h, nil
}

// hiding applies a rule that does not see those conditions of WHEREs, also of
// subqueries, that are said to be hidden.
func hiding(apply analyzer.RuleFunc, hide func(ctx *sql.Context, e sql.Expression, scope *plan.Scope) bool) analyzer.RuleFunc {
	return func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		some := false
		var inNode func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error)
		inQuery := func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
			q, ok := e.(*plan.Subquery)
			if !ok {
				return e, transform.SameTree, nil
			}
			query, same, err := transform.Node(ctx, q.Query, inNode)
			if err != nil || same {
				return e, transform.SameTree, err
			}
			return q.WithQuery(query), transform.NewTree, nil
		}
		inNode = func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
			f, ok := n.(*plan.Filter)
			if !ok {
				return n, transform.SameTree, nil
			}
			same := transform.SameTree
			conjuncts := expression.SplitConjunction(ctx, f.Expression)
			for i, e := range conjuncts {
				if hide(ctx, e, scope) {
					conjuncts[i], same, some = hidden{e}, transform.NewTree, true
					continue
				}
				inside, alike, err := transform.Expr(ctx, e, inQuery)
				if err != nil {
					return n, transform.SameTree, err
				}
				conjuncts[i], same = inside, same && alike
			}
			if same {
				return n, transform.SameTree, nil
			}
			return plan.NewFilter(ctx, expression.JoinAnd(conjuncts...), f.Child), transform.NewTree, nil
		}
		without, _, err := transform.Node(ctx, n, inNode)
		if err != nil {
			return n, transform.SameTree, err
		}
		if !some {
			return apply(ctx, a, n, scope, sel, flags)
		}
		m, same, err := apply(ctx, a, without, scope, sel, flags)
		if err != nil || same {
			return n, transform.SameTree, err
		}
		m, _, err = shown(ctx, m)
		return m, transform.NewTree, err
	}
}

// shown undoes hiding.
func shown(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		switch e := e.(type) {
		case hidden:
			return e.Expression, transform.NewTree, nil
		case *plan.Subquery:
			query, same, err := shown(ctx, e.Query)
			if err != nil || same {
				return e, transform.SameTree, err
			}
			return e.WithQuery(query), transform.NewTree, nil
		}
		return e, transform.SameTree, nil
	})
}
