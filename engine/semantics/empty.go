package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// simplifyFilters puts simplifiedFilters in place of the rule. A Builder has rules
// of its own of those that run once before others, so it can't be done where they
// stand.
func simplifyFilters(b *analyzer.Builder) {
	for _, r := range analyzer.OnceBeforeDefault {
		if r.Id.String() == "simplifyFilters" {
			b.RemoveOnceBeforeRule(r.Id)
			b.AddPreAnalyzeRule(RuleSimplifyFilters, simplifiedFilters(r.Apply))
		}
	}
}

// simplifiedFilters stands around simplifyFilters, which puts an empty table in
// place of what a condition that is always false stands over, without the ids of
// its columns: joins with it then can't be ordered (outputColsForRel in
// sql/memo/rel_props.go). Here it gets them. EXISTS of what is empty is false, so
// that it never becomes a join.
func simplifiedFilters(apply analyzer.RuleFunc) analyzer.RuleFunc {
	var rule analyzer.RuleFunc
	rule = func(ctx *sql.Context, a *analyzer.Analyzer, n sql.Node, scope *plan.Scope, sel analyzer.RuleSelector, flags *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
		if !n.Resolved() {
			return n, transform.SameTree, nil
		}
		return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
			switch n.(type) {
			case *plan.Filter, *plan.JoinNode:
			default:
				return n, transform.SameTree, nil
			}
			n, same, err := transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
				switch e := e.(type) {
				case *plan.Subquery:
					query, same, err := rule(ctx, a, e.Query, scope, sel, flags)
					if err != nil || same {
						return e, transform.SameTree, err
					}
					return e.WithQuery(query), transform.NewTree, nil
				case *plan.ExistsSubquery:
					if isEmpty(e.Query.Query) {
						return expression.NewLiteral(false, types.Boolean), transform.NewTree, nil
					}
				}
				return e, transform.SameTree, nil
			})
			if err != nil {
				return n, transform.SameTree, err
			}
			simple, alike, err := simplifiedAlone(ctx, n, func(n sql.Node) (sql.Node, transform.TreeIdentity, error) {
				return apply(ctx, a, n, scope, sel, flags)
			})
			return simple, same && alike, err
		})
	}
	return rule
}

// simplifiedAlone applies a rule to n without what is below it.
func simplifiedAlone(ctx *sql.Context, n sql.Node, apply func(sql.Node) (sql.Node, transform.TreeIdentity, error)) (sql.Node, transform.TreeIdentity, error) {
	children := n.Children()
	stubs := make([]sql.Node, len(children))
	for i, c := range children {
		stubs[i] = &stub{c}
	}
	alone, err := n.WithChildren(ctx, stubs...)
	if err != nil {
		return n, transform.SameTree, err
	}
	m, same, err := apply(alone)
	if err != nil || same {
		return n, transform.SameTree, err
	}
	m, _, err = transform.Node(ctx, m, func(ctx *sql.Context, m sql.Node) (sql.Node, transform.TreeIdentity, error) {
		switch m := m.(type) {
		case *stub:
			return m.Node, transform.NewTree, nil
		case *plan.EmptyTable:
			replaced := n
			if j, ok := n.(*plan.JoinNode); ok && len(m.Schema(ctx)) < len(n.Schema(ctx)) {
				replaced = j.Right()
			}
			return emptied(ctx, replaced, m), transform.NewTree, nil
		}
		return m, transform.SameTree, nil
	})
	return m, transform.NewTree, err
}

// emptied is n without rows: an empty table for each table that it joins, since
// go-mysql-server takes a table's ids for consecutive. Of anything else it is empty.
func emptied(ctx *sql.Context, n sql.Node, empty *plan.EmptyTable) sql.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return emptied(ctx, n.Child, empty)
	case *plan.JoinNode:
		left, right := emptied(ctx, n.Left(), nil), emptied(ctx, n.Right(), nil)
		if left != nil && right != nil && !n.Op.IsPartial() {
			return plan.NewCrossJoin(ctx, left, right)
		}
	case plan.TableIdNode:
		e := plan.NewEmptyTableWithSchema(n.Schema(ctx)).(*plan.EmptyTable)
		return e.WithColumns(n.Columns()).WithId(n.Id())
	}
	if empty == nil {
		return nil
	}
	return empty
}

// stub stands for a node without showing what is below it.
type stub struct{ sql.Node }

// Children implements sql.Node.
func (*stub) Children() []sql.Node { return nil }

// WithChildren implements sql.Node.
func (s *stub) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 0 {
		return nil, sql.ErrInvalidChildrenNumber.New(s, len(children), 0)
	}
	return s, nil
}

// isEmpty reports whether n gives no row because of an empty table below it.
func isEmpty(n sql.Node) bool {
	switch n := n.(type) {
	case *plan.EmptyTable:
		return true
	case *plan.Project, *plan.Filter, *plan.Having, *plan.Sort, *plan.TopN, *plan.Limit, *plan.Offset, *plan.Distinct:
		return isEmpty(n.Children()[0])
	case *plan.SubqueryAlias:
		return isEmpty(n.Child)
	case *plan.GroupBy:
		return len(n.GroupByExprs) > 0 && isEmpty(n.Child)
	case *plan.JoinNode:
		switch {
		case n.Op == plan.JoinTypeInner || n.Op == plan.JoinTypeCross:
			return isEmpty(n.Left()) || isEmpty(n.Right())
		case n.Op.IsLeftOuter():
			return isEmpty(n.Left())
		}
	case *plan.SetOp:
		if n.SetOpType == plan.UnionType {
			return isEmpty(n.Left()) && isEmpty(n.Right())
		}
	}
	return false
}
