package planner

import (
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// sort grows by ORDER BY.
func (g *growing) sort(ctx *sql.Context, conds sql.SortConditions) (*growing, error) {
	c, err := g.ordered(ctx, conds)
	if err != nil {
		return nil, err
	}
	return c.recompiled()
}

// topN grows by ORDER BY and LIMIT in one. It is compiled once, with the
// limit: a store may find the first rows although it refuses to sort all.
func (g *growing) topN(ctx *sql.Context, n *plan.TopN) (*growing, error) {
	if n.CalcFoundRows {
		return nil, cannotf("SQL_CALC_FOUND_ROWS needs every row")
	}
	k, ok := constantInt(ctx, n.Limit)
	if !ok {
		return nil, cannotf("LIMIT %s is no constant", n.Limit)
	}
	c, err := g.ordered(ctx, n.SortConditions)
	if err != nil {
		return nil, err
	}
	c.query.Limit = &k
	return c.recompiled()
}

// ordered sets the sort keys without compiling.
func (g *growing) ordered(ctx *sql.Context, conds sql.SortConditions) (*growing, error) {
	if g.limited() {
		return nil, misplaced("it stands above a LIMIT")
	}
	if err := g.blocked(); err != nil {
		return nil, err
	}
	l := g.lowering(ctx)
	by := make([]tables.Order, len(conds))
	for i, s := range conds {
		x, err := l.expr(s.Expr)
		if err != nil {
			return nil, err
		}
		by[i] = tables.Order{Expr: x, Desc: s.Order == sql.Descending}
	}
	c, err := g.orderedBy(by)
	if err != nil {
		return nil, err
	}
	c.params = l.params
	return c, nil
}

// orderedBy sets the sort keys of what may be sorted.
func (g *growing) orderedBy(by []tables.Order) (*growing, error) {
	c := g.copy()
	c.query.OrderBy = nil
	for _, o := range by {
		if c.query.Grouped {
			o.Expr = c.overKeys(o.Expr)
		}
		if _, constant := o.Expr.(*tables.Lit); constant {
			continue
		}
		c.query.OrderBy = append(c.query.OrderBy, o)
	}
	if c.query.Distinct && !c.sortedByOutputs() {
		return nil, misplaced("it sorts distinct rows by what is not among their columns")
	}
	return c, nil
}

// topBy grows by ORDER BY columns of the rows and LIMIT, where neither is there yet.
func (g *growing) topBy(by []tables.Order, limit int64) (*growing, error) {
	if g.limited() {
		return nil, misplaced("it stands above a LIMIT")
	}
	if err := g.blocked(); err != nil {
		return nil, err
	}
	c := g
	if len(by) > 0 {
		var err error
		if c, err = g.orderedBy(by); err != nil {
			return nil, err
		}
	}
	c = c.copy()
	c.query.Limit = &limit
	return c.recompiled()
}

// sortedByOutputs reports whether every sort key is a column of the rows.
func (g *growing) sortedByOutputs() bool {
	for _, o := range g.query.OrderBy {
		if !slices.ContainsFunc(g.leaf, func(x output) bool { return x.expr != nil && tables.Equal(x.expr, o.Expr) }) {
			return false
		}
	}
	return true
}

// limit grows by LIMIT n.
func (g *growing) limit(ctx *sql.Context, e sql.Expression) (*growing, error) {
	n, ok := constantInt(ctx, e)
	if !ok {
		return nil, cannotf("LIMIT %s is no constant", e)
	}
	if err := g.blocked(); err != nil {
		return nil, err
	}
	c := g.copy()
	if c.query.Limit == nil || n < *c.query.Limit {
		c.query.Limit = &n
	}
	return c.recompiled()
}

// offset grows by OFFSET n: it skips rows of what is there, limited or not.
func (g *growing) offset(ctx *sql.Context, e sql.Expression) (*growing, error) {
	n, ok := constantInt(ctx, e)
	if !ok {
		return nil, cannotf("OFFSET %s is no constant", e)
	}
	if err := g.blocked(); err != nil {
		return nil, err
	}
	c := g.copy()
	if c.query.Limit != nil {
		left := max(0, *c.query.Limit-n)
		c.query.Limit = &left
	}
	if c.query.Offset > (1<<63-1)-n {
		return nil, cannotf("the offset is too large")
	}
	c.query.Offset += n
	return c.recompiled()
}

// distinct grows by DISTINCT.
func (g *growing) distinct(n *plan.Distinct) (*growing, error) {
	switch {
	case len(n.DistinctOn()) > 0:
		return nil, cannotf("DISTINCT ON is not translated for stores")
	case g.limited():
		return nil, misplaced("it stands above a LIMIT")
	case g.filtersAbove():
		return nil, errFiltered
	case len(g.above) > 0:
		return nil, cannotf("the select list is computed in the gateway")
	case len(g.query.OrderBy) > 0 && !g.sortedByOutputs():
		// go-mysql-server puts DISTINCT over ORDER BY and relies on the order.
		return nil, cannotf("it stands above an ORDER BY of what is not among its columns")
	case g.query.Distinct:
		return g, nil
	}
	c := g.copy()
	c.query.Distinct = true
	return c.recompiled()
}

// recompiled compiles, except while a GROUP BY is open: that is compiled when
// it closes.
func (g *growing) recompiled() (*growing, error) {
	if g.open != nil {
		return g, nil
	}
	c, refused := g.compiled()
	if refused != nil {
		return nil, refused
	}
	return c, nil
}
