package planner

import (
	"fmt"
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
		clause := "WHERE"
		if g.query.Grouped {
			clause = "HAVING"
		}
		c = c.why(fmt.Sprintf("%s %s: %s", clause, shown(conjunct), reason(refused)))
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
	switch {
	case g.limited():
		return nil, cannotf("it stands above a LIMIT")
	case g.query.Distinct && g.query.Grouped:
		return nil, cannotf("it stands above a DISTINCT of groups")
	}
	l := g.lowering(ctx)
	x, err := l.expr(e)
	if err != nil {
		return nil, err
	}
	c := g.copy()
	c.params = l.params
	if c.query.Grouped {
		x = c.overKeys(x)
		if !usesOnlyGroups(x) {
			return nil, errRawColumn
		}
		c.query.Having = append(c.query.Having, x)
	} else {
		c.query.Where = append(c.query.Where, x)
	}
	if c.open != nil {
		return c, nil // compiled when the group closes
	}
	return c.pushConjunct(e)
}

// pushConjunct compiles after a conjunct was added. Where the store only
// narrows it, it stays in the gateway too.
func (g *growing) pushConjunct(e sql.Expression) (*growing, error) {
	c := g.copy()
	c.query.Output = make([]tables.Expr, len(c.leaf))
	for i, o := range c.leaf {
		c.query.Output[i] = o.expr
	}
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
		c.reasons = append(c.reasons, fmt.Sprintf("WHERE %s: the store only narrows it; it is applied again", shown(e)))
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
