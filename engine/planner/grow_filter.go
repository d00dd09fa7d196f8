package planner

import (
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"

	"gridgate/tables"
)

// filter grows by a WHERE or HAVING: each conjunct goes to the store on its
// own; the rest stays as one filter above. It always succeeds, except on an
// open GROUP BY that can't take all of it.
func (g *growing) filter(ctx *sql.Context, cond sql.Expression) (*growing, error) {
	conjuncts := expression.SplitConjunction(ctx, cond)
	if c, ok := g.allConjuncts(ctx, conjuncts); ok {
		return c, nil
	}
	var rest []sql.Expression
	c := g
	for _, conjunct := range conjuncts {
		next, refused := c.conjunct(ctx, conjunct)
		if refused == nil {
			c = next
			continue
		}
		if g.open != nil {
			return nil, refused
		}
		c = c.why(stay{operator: condition, text: shown(conjunct), reason: reason(refused)})
		rest = append(rest, conjunct)
	}
	if len(rest) > 0 {
		c = c.copy()
		c.above = append(c.above, above{filter: expression.JoinAnd(rest...)})
	}
	return c, nil
}

// allConjuncts grows by all conditions in one step, which is what mostly
// succeeds; with hundreds of them, one step each would cost the square.
func (g *growing) allConjuncts(ctx *sql.Context, conjuncts []sql.Expression) (*growing, bool) {
	if len(conjuncts) < 2 || g.open != nil || g.query.Grouped || g.query.Distinct || g.limited() {
		return nil, false
	}
	l := g.lowering(ctx)
	c := g.copy()
	for _, e := range conjuncts {
		x, err := l.expr(e)
		if err != nil {
			return nil, false
		}
		c.query.Where = append(c.query.Where, x)
	}
	c.params = l.params
	c, refused := c.compiled()
	if refused != nil || len(c.plan.Recheck()) > 0 {
		return nil, false
	}
	return c, true
}

// conjunct grows by one condition. The error is the reason why it stays.
func (g *growing) conjunct(ctx *sql.Context, e sql.Expression) (*growing, error) {
	next, err := g.conjunctDirectly(ctx, e)
	if !isMisplaced(err) {
		return next, err
	}
	if nested, ok := g.nested(); ok {
		if next, refused := nested.conjunctDirectly(ctx, e); refused == nil {
			return next, nil
		}
	}
	return nil, err
}

func (g *growing) conjunctDirectly(ctx *sql.Context, e sql.Expression) (*growing, error) {
	switch {
	case g.limited():
		return nil, misplaced("it stands above a LIMIT")
	case g.query.Distinct && g.query.Grouped:
		return nil, misplaced("it stands above a DISTINCT of groups")
	}
	l := g.lowering(ctx)
	x, err := l.expr(e)
	if err != nil {
		return nil, err
	}
	if constant, ok := x.(*tables.Lit); ok {
		if holds, known := truth(constant.Value); known {
			return g.always(holds), nil
		}
	}
	c := g.copy()
	c.params = l.params
	if c.isRechecked(x) {
		// An earlier run of the rule has pushed it already.
		c.above = append(c.above, above{filter: e})
		return c, nil
	}
	if !c.query.Grouped {
		c.query.Where = append(c.query.Where, x)
		return c.pushConjunct(e)
	}
	x = c.overKeys(x)
	if !usesOnlyGroups(x) {
		return nil, errRawColumn
	}
	if c.open == nil && usesOnlyKeys(x) {
		// Whole groups pass or don't: their rows may as well be left out before.
		if early, ok := c.beforeGrouping(x); ok {
			return early, nil
		}
	}
	c.query.Having = append(c.query.Having, x)
	if c.open != nil {
		return c, nil // compiled when the group closes
	}
	return c.pushConjunct(e)
}

// truth is a constant condition; known is false for what has to be converted
// first.
func truth(v tables.Value) (holds, known bool) {
	switch {
	case v.IsNull():
		return false, true
	case v.Type.Kind.IsInteger():
		return v.I != 0 || v.U != 0, true
	}
	return false, false
}

// always is g under a condition that holds for every row, or for none: that
// needs no store.
func (g *growing) always(holds bool) *growing {
	if holds {
		return g
	}
	c := g.copy()
	none := int64(0)
	c.query.Limit = &none
	c.empty = c.open == nil
	return c
}

// isRechecked reports whether the store narrows x already.
func (g *growing) isRechecked(x tables.Expr) bool {
	return slices.ContainsFunc(g.rechecked, func(i int) bool { return tables.Equal(g.query.Where[i], x) })
}

// beforeGrouping makes a condition on group keys one on rows, where the store
// decides it.
func (g *growing) beforeGrouping(x tables.Expr) (*growing, bool) {
	if len(g.query.GroupBy) == 0 {
		return nil, false // the only group is there without any row
	}
	c := g.copy()
	c.query.Where = append(c.query.Where, g.withoutKeys(x))
	c, refused := c.compiled()
	return c, refused == nil
}

// withoutKeys puts the group keys themselves in place of references to them.
func (g *growing) withoutKeys(x tables.Expr) tables.Expr {
	return tables.Rewrite(x, func(e tables.Expr) tables.Expr {
		if k, ok := e.(*tables.KeyRef); ok {
			return g.query.GroupBy[k.N]
		}
		return e
	})
}

// usesOnlyKeys reports whether e reads group keys and no aggregate.
func usesOnlyKeys(e tables.Expr) bool {
	keys, others := false, false
	tables.Walk(e, func(x tables.Expr) bool {
		switch x.(type) {
		case *tables.KeyRef:
			keys = true
		case *tables.AggRef, *tables.Col:
			others = true
		}
		return !others
	})
	return keys && !others
}

// pushConjunct compiles after a conjunct was added. Where the store only
// narrows it, it stays in the gateway too.
func (g *growing) pushConjunct(e sql.Expression) (*growing, error) {
	c := g.copy()
	c.query.Output = c.leafExprs()
	p, refused := c.snapshot.Compile(c.query)
	if refused != nil {
		return nil, refused
	}
	last := len(c.query.Where) - 1
	if !c.query.Grouped && slices.Contains(p.Recheck(), last) {
		if len(c.above) > 0 && !c.onlyFiltersAbove() {
			return nil, tables.Refuse(tables.PartWhere, last, "narrowed", "the store only narrows it")
		}
		c.rechecked = append(slices.Clone(c.rechecked), last)
		c.above = append(c.above, above{filter: e})
		c.reasons = append(c.reasons, stay{operator: condition, text: shown(e), reason: "the store only narrows it; it is applied again"})
	}
	if refused := c.narrows(p); refused != nil {
		return nil, refused
	}
	c.plan = p
	return c, nil
}

func (g *growing) onlyFiltersAbove() bool {
	return !slices.ContainsFunc(g.above, func(a above) bool { return a.filter == nil })
}

// limited reports whether the query already says how many rows: then its rows
// may not be filtered, grouped or sorted any more.
func (g *growing) limited() bool { return g.query.Limit != nil || g.query.Offset > 0 }

var errFiltered = cannotf("a condition below it is decided in the gateway")

// blocked says why an operator that depends on which rows there are can't be
// pushed, or nil.
func (g *growing) blocked() error {
	if g.filtersAbove() {
		return errFiltered
	}
	return nil
}
