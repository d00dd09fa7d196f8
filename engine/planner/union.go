package planner

import (
	"math"
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/tables"
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

// topBranches gives the first rows of a UNION to the stores, branch by branch: of
// those that ORDER BY, LIMIT and OFFSET leave, none is beyond the first limit+offset
// of its branch in the same order. Of a UNION DISTINCT these are distinct rows,
// which branches must tell apart as the UNION does. A store that does not take all of
// that gives the whole branch. The UNION sorts and limits again.
func (p *planner) topBranches(u *plan.SetOp) (*plan.SetOp, error) {
	if u.SetOpType != plan.UnionType || u.Limit == nil {
		return u, nil
	}
	top, ok := constantInt(p.ctx, u.Limit)
	if !ok {
		return u, nil
	}
	if u.Offset != nil {
		skip, ok := constantInt(p.ctx, u.Offset)
		if !ok || top > math.MaxInt64-skip {
			return u, nil
		}
		top += skip
	}
	return p.topOf(u, u, top, false)
}

// topOf does it for the branches of u, which is the set operation whole or a branch
// of it; distinct says that an upper one is DISTINCT.
func (p *planner) topOf(whole, u *plan.SetOp, top int64, distinct bool) (*plan.SetOp, error) {
	distinct = distinct || u.Distinct
	children := []sql.Node{u.Left(), u.Right()}
	changed := false
	for i, c := range children {
		if inner, ok := c.(*plan.SetOp); ok {
			if inner.SetOpType != plan.UnionType || inner.Limit != nil || inner.Offset != nil {
				continue
			}
			m, err := p.topOf(whole, inner, top, distinct)
			if err != nil {
				return nil, err
			}
			changed = changed || m != inner
			children[i] = m
			continue
		}
		s, err := p.visit(c, nil)
		if err != nil {
			return nil, err
		}
		if s.g == nil || s.g.open != nil || s.g.limited() {
			continue
		}
		g, ok := p.topOfBranch(whole, c, s.g, top, distinct)
		if !ok {
			continue
		}
		if children[i], err = p.node(subtree{g: g}); err != nil {
			return nil, err
		}
		changed = true
	}
	if !changed {
		return u, nil
	}
	p.changed = true
	m, err := u.WithChildren(p.ctx, children...)
	if err != nil {
		return nil, err
	}
	return m.(*plan.SetOp), nil
}

// topOfBranch is a branch's query with its first rows only; ok is false where the
// store doesn't take that, or they may not be those of the UNION.
func (p *planner) topOfBranch(whole *plan.SetOp, branch sql.Node, g *growing, top int64, distinct bool) (_ *growing, ok bool) {
	schema, own := whole.Schema(p.ctx), branch.Schema(p.ctx)
	if len(own) != len(schema) || len(g.out) != len(schema) {
		return nil, false
	}
	alike := func(i int) bool { return sortsAlike(schema[i].Type, own[i].Type) }
	var by []tables.Order
	for _, c := range whole.SortConditions {
		i, found := p.columnOf(whole, c.Expr)
		if !found || g.out[i].expr == nil || !alike(i) {
			return nil, false
		}
		by = append(by, tables.Order{Expr: g.out[i].expr, Desc: c.Order == sql.Descending})
	}
	if distinct {
		for i := range schema {
			if !alike(i) {
				return nil, false
			}
		}
		var refused error
		if g, refused = g.grow(p.ctx, plan.NewDistinct(branch)); refused != nil {
			return nil, false
		}
	}
	g, refused := g.topBy(by, top)
	return g, refused == nil
}

// columnOf is the place of the column that a set operation is sorted by: that of its
// id in the first branch, or the only one of its name.
func (p *planner) columnOf(u *plan.SetOp, e sql.Expression) (int, bool) {
	f, ok := e.(*expression.GetField)
	if !ok {
		return 0, false
	}
	first := firstBranch(u)
	ids := columnIDs(p.ctx, first)
	if i := slices.Index(ids, f.Id()); i >= 0 {
		return i, !slices.Contains(ids[i+1:], f.Id())
	}
	found := -1
	for i, c := range first.Schema(p.ctx) {
		if strings.EqualFold(c.Name, f.Name()) {
			if found >= 0 {
				return 0, false
			}
			found = i
		}
	}
	return found, found >= 0
}

// firstBranch is the branch whose columns a set operation's are.
func firstBranch(n sql.Node) sql.Node {
	for {
		u, ok := n.(*plan.SetOp)
		if !ok {
			return n
		}
		n = u.Left()
	}
}

// sortsAlike reports whether values of one type are in the same order, and equal to
// the same others, as values of the other type: of texts the length doesn't matter.
func sortsAlike(a, b sql.Type) bool {
	if a.Equals(b) {
		return true
	}
	s, ok := a.(sql.StringType)
	t, both := b.(sql.StringType)
	return ok && both && types.IsTextOnly(a) && types.IsTextOnly(b) && s.Collation() == t.Collation()
}
