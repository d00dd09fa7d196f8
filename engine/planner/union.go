package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// filteredBranches puts a condition over a UNION over each of its branches
// instead, where stores may take it: which rows a branch gives does not depend on
// the others. ok is false where the condition can't be said of a branch.
func (p *planner) filteredBranches(n *plan.Filter, u *plan.SetOp) (_ subtree, ok bool, _ error) {
	if u.SetOpType != plan.UnionType || u.Limit != nil || u.Offset != nil {
		return subtree{}, false, nil
	}
	columns := columnIDs(p.ctx, u.Left())
	children := make([]sql.Node, 2)
	for i, branch := range []sql.Node{u.Left(), u.Right()} {
		cond, ok := p.conditionOf(n.Expression, columns, u.Left(), branch)
		if !ok {
			return subtree{}, false, nil
		}
		children[i] = plan.NewFilter(p.ctx, cond, branch)
	}
	below, err := u.WithChildren(p.ctx, children...)
	if err != nil {
		return subtree{}, false, err
	}
	p.changed = true
	s, err := p.visit(below, nil)
	return s, true, err
}

// conditionOf is a condition on the columns of a UNION, which are those of its
// first branch, on the columns of another branch in their place.
func (p *planner) conditionOf(cond sql.Expression, columns []sql.ColumnId, first, branch sql.Node) (sql.Expression, bool) {
	ids := columnIDs(p.ctx, branch)
	from, to := first.Schema(p.ctx), branch.Schema(p.ctx)
	if len(columns) != len(from) || len(ids) != len(to) || len(from) != len(to) {
		return nil, false
	}
	at := map[sql.ColumnId]int{}
	for i, id := range columns {
		if _, twice := at[id]; twice || id == 0 || ids[i] == 0 {
			return nil, false
		}
		at[id] = i
	}
	said := true
	moved, _, err := transform.Expr(p.ctx, cond, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		switch e := e.(type) {
		case *plan.Subquery, sql.NonDeterministicExpression:
			said = false
		case *expression.GetField:
			i, ok := at[e.Id()]
			if !ok || !from[i].Type.Equals(to[i].Type) {
				said = false
				break
			}
			return output{id: ids[i], col: to[i]}.field(), transform.NewTree, nil
		}
		return e, transform.SameTree, nil
	})
	return moved, said && err == nil
}
