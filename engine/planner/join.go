package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// A joinKind is how rows of two sides are put together, apart from how the
// partners are found.
type joinKind struct {
	outer bool // rows of the left side without a partner stay, with NULLs
	semi  bool // rows of the left side with a partner, once each, without the partner
	anti  bool // rows of the left side without a partner
	// nullAware drops rows of the left side that have no partner but for which a
	// condition is NULL: what NOT IN means.
	nullAware bool
}

// kindOf is the kind of go-mysql-server's join; ok is false for those that
// can't be done in another way.
func kindOf(op plan.JoinType) (_ joinKind, ok bool) {
	switch op {
	case plan.JoinTypeInner, plan.JoinTypeHash, plan.JoinTypeCross, plan.JoinTypeCrossHash, plan.JoinTypeRangeHeap:
		return joinKind{}, true
	case plan.JoinTypeLeftOuter, plan.JoinTypeLeftOuterHash, plan.JoinTypeLeftOuterRangeHeap:
		return joinKind{outer: true}, true
	case plan.JoinTypeLeftOuterExcludeNulls, plan.JoinTypeLeftOuterHashExcludeNulls:
		return joinKind{outer: true, nullAware: true}, true
	case plan.JoinTypeSemi, plan.JoinTypeSemiHash:
		return joinKind{semi: true}, true
	case plan.JoinTypeAnti, plan.JoinTypeAntiHash:
		return joinKind{anti: true, nullAware: true}, true
	case plan.JoinTypeAntiIncludeNulls, plan.JoinTypeAntiHashIncludeNulls:
		return joinKind{anti: true}, true
	}
	return joinKind{}, false
}

// leftOnly reports whether the join gives the left side's columns only.
func (k joinKind) leftOnly() bool { return k.semi || k.anti }

// visitJoin plans both sides, each with what is read above, what the condition
// reads and what a lateral side reads from the other. Then the join goes to the
// store that has both sides; or it is done by looking up; or it is
// go-mysql-server's.
func (p *planner) visitJoin(n *plan.JoinNode, need *idSet) (subtree, error) {
	need = p.joinNeed(n, need)
	left, err := p.visit(n.Left(), need)
	if err != nil {
		return subtree{}, err
	}
	right, err := p.visitInner(n.Right(), need)
	if err != nil {
		return subtree{}, err
	}
	if n, err = p.pushedToRight(n, &right); err != nil {
		return subtree{}, err
	}
	if left.g != nil || right.g != nil {
		if kind, ok := kindOf(n.Op); ok {
			g, apart := p.storeJoin(n, kind, left.g, right.g)
			if apart == nil {
				p.changed = true
				return subtree{g: g}, nil
			}
			j, refused, err := p.lookupJoin(n, kind, left, right)
			if err != nil {
				return subtree{}, err
			}
			if refused == nil {
				j.why = reason(apart)
				p.changed = true
				if p.repeated && j.standsAlone(p.ctx) {
					return subtree{node: NewReplay(j)}, nil
				}
				return subtree{node: j}, nil
			}
			return p.gatewayJoin(n, left, right, reason(apart)+", and keys can't be looked up: "+reason(refused))
		}
	}
	return p.gatewayJoin(n, left, right, "its sides are not those of one store")
}

// pushedToRight takes those conjuncts of a join's condition that only choose
// among the rows of the right side to that side's store. One stays in any case:
// a join without a condition is another one.
func (p *planner) pushedToRight(n *plan.JoinNode, right *subtree) (*plan.JoinNode, error) {
	kind, ok := kindOf(n.Op)
	if !ok || kind.nullAware || n.Filter == nil || right.g == nil {
		return n, nil
	}
	ids := idsOf(right.g.out)
	conjuncts := expression.SplitConjunction(p.ctx, n.Filter)
	var stay []sql.Expression
	for i, e := range conjuncts {
		last := len(stay) == 0 && i == len(conjuncts)-1
		if !last && p.readsOnly(e, ids) {
			if g, refused := right.g.conjunct(p.ctx, e); refused == nil && len(g.above) == len(right.g.above) {
				right.g = g
				continue
			}
		}
		stay = append(stay, e)
	}
	if len(stay) == len(conjuncts) {
		return n, nil
	}
	p.changed = true
	m, err := n.WithExpressions(p.ctx, expression.JoinAnd(stay...))
	if err != nil {
		return nil, err
	}
	return m.(*plan.JoinNode), nil
}

// joinNeed is what a join's sides have to give. A nil need stays nil.
func (p *planner) joinNeed(n *plan.JoinNode, need *idSet) *idSet {
	if need == nil {
		return nil
	}
	if n.Filter != nil {
		need = need.with(p.ctx, n.Filter)
	} else {
		need = need.with(p.ctx)
	}
	for _, c := range n.Children() {
		need.addOuterRefs(p.ctx, c)
	}
	return need
}

// visitInner visits the side of a join that loops run again and again. What
// keeps its rows is looked through: whether it is wanted is known later.
func (p *planner) visitInner(n sql.Node, need *idSet) (subtree, error) {
	was := p.repeated
	defer func() { p.repeated = was }()
	switch n := n.(type) {
	case *plan.HashLookup:
		p.repeated = false
		return p.visit(n.Child, need.with(p.ctx, n.RightEntryKey))
	case *plan.RangeHeap:
		p.repeated = true
		return p.visit(n.Child, need.with(p.ctx, n.ValueColumnGf, n.MinColumnGf, n.MaxColumnGf))
	}
	p.repeated = true
	return p.visit(n, need)
}

// gatewayJoin leaves the join to go-mysql-server; why says why.
func (p *planner) gatewayJoin(n *plan.JoinNode, left, right subtree, why string) (subtree, error) {
	l, err := p.node(left)
	if err != nil {
		return subtree{}, err
	}
	r, err := p.innerNode(n.Right(), right)
	if err != nil {
		return subtree{}, err
	}
	l = stoppable(l)
	if s, ok := l.(*Stoppable); ok && s.why == "" {
		s.why = why
	}
	if !n.Op.IsRange() {
		r = stoppable(r)
	}
	if l == n.Left() && r == n.Right() {
		return subtree{node: n}, nil
	}
	p.changed = true
	m, err := n.WithChildren(p.ctx, l, r)
	return subtree{node: m}, err
}

// innerNode puts back what keeps the inner side's rows.
func (p *planner) innerNode(original sql.Node, s subtree) (sql.Node, error) {
	was := p.repeated
	defer func() { p.repeated = was }()
	_, hash := original.(*plan.HashLookup)
	_, ranges := original.(*plan.RangeHeap)
	p.repeated = !hash
	n, err := p.node(s)
	if err != nil || !hash && !ranges {
		return n, err
	}
	return original.WithChildren(p.ctx, n)
}
