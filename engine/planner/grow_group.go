package planner

import (
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// groupBy grows by GROUP BY and its aggregates.
func (g *growing) groupBy(ctx *sql.Context, n *plan.GroupBy) (*growing, error) {
	switch {
	case g.query.Grouped:
		return nil, misplaced("it groups what is already grouped")
	case g.query.Distinct:
		return nil, misplaced("it stands above a DISTINCT")
	case g.limited():
		return nil, misplaced("it stands above a LIMIT")
	case g.filtersAbove():
		return nil, errFiltered
	case len(g.above) > 0:
		return nil, cannotf("a select list below it is computed in the gateway")
	}
	l := g.lowering(ctx)
	c := g.copy()
	c.query.Grouped = true
	c.query.OrderBy = nil // the order of what is grouped means nothing
	for _, e := range n.GroupByExprs {
		x, err := l.expr(e)
		if err != nil {
			return nil, err
		}
		if _, constant := x.(*tables.Lit); constant {
			return nil, cannotf("grouping by a constant is not translated for stores")
		}
		if !slices.ContainsFunc(c.query.GroupBy, func(k tables.Expr) bool { return tables.Equal(k, x) }) {
			c.query.GroupBy = append(c.query.GroupBy, x)
		}
	}
	schema := n.Schema(ctx)
	c.out = nil
	for i, e := range n.SelectDeps {
		o := output{id: exprID(e), col: schema[i]}
		if a, ok := unalias(e).(sql.Aggregation); ok {
			agg, err := l.agg(a)
			if err != nil {
				return nil, err
			}
			c.query.Aggs = append(c.query.Aggs, agg)
			o.expr = &tables.AggRef{N: len(c.query.Aggs) - 1, Typ: agg.Typ, Null: agg.Null}
		} else {
			x, err := l.expr(e)
			if err != nil {
				return nil, err
			}
			o.expr = x
		}
		c.out = append(c.out, o)
	}
	c.params = l.params
	c.leaf = c.out
	c.plan = nil
	c.open = &openGroup{before: g, since: []sql.Node{n}}
	if err := c.groupKeys(); err == nil {
		return c.closeGroup()
	}
	return c, nil
}

// groupKeys puts references to the group keys in place of the expressions
// equal to them. The error says that raw columns remain.
func (g *growing) groupKeys() error {
	out := slices.Clone(g.out)
	for i := range out {
		out[i].expr = g.overKeys(out[i].expr)
	}
	g.out, g.leaf = out, out
	g.query.Having = mapExprs(g.query.Having, g.overKeys)
	order := slices.Clone(g.query.OrderBy)
	for i := range order {
		order[i].Expr = g.overKeys(order[i].Expr)
	}
	g.query.OrderBy = order
	return g.valid()
}

func mapExprs(es []tables.Expr, f func(tables.Expr) tables.Expr) []tables.Expr {
	var out []tables.Expr
	for _, e := range es {
		out = append(out, f(e))
	}
	return out
}

// overKeys replaces every subtree of e that equals a group key, the largest
// first: with the keys a and LOWER(a), LOWER(a) is the second key.
func (g *growing) overKeys(e tables.Expr) tables.Expr {
	for i, k := range g.query.GroupBy {
		if tables.Equal(e, k) {
			return &tables.KeyRef{N: i, Typ: k.Type(), Null: k.Nullable()}
		}
	}
	switch x := e.(type) {
	case *tables.Call:
		c := *x
		c.Args = mapExprs(x.Args, g.overKeys)
		return &c
	case *tables.In:
		return &tables.In{Left: g.overKeys(x.Left), List: mapExprs(x.List, g.overKeys), Keys: x.Keys}
	}
	return e
}

var errRawColumn = cannotf("it needs a column that is not grouped by")

// valid says whether a grouped query reads nothing but keys and aggregates.
func (g *growing) valid() error {
	for _, o := range g.out {
		if !usesOnlyGroups(o.expr) {
			return errRawColumn
		}
	}
	for _, h := range g.query.Having {
		if !usesOnlyGroups(h) {
			return errRawColumn
		}
	}
	for _, o := range g.query.OrderBy {
		if !usesOnlyGroups(o.Expr) {
			return errRawColumn
		}
	}
	return nil
}

// closeGroup compiles a GROUP BY that has become a query.
func (g *growing) closeGroup() (*growing, error) {
	c := g.copy()
	c.open = nil
	c, refused := c.compiled()
	if refused != nil {
		return nil, refused
	}
	return c, nil
}
