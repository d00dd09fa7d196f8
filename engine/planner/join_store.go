package planner

import (
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// storeKinds are the joins that a store may do.
func (k joinKind) storeKind() (_ tables.JoinKind, ok bool) {
	switch {
	case k.nullAware:
		return 0, false
	case k.outer:
		return tables.JoinLeft, true
	case k.semi:
		return tables.JoinSemi, true
	case k.anti:
		return tables.JoinAnti, true
	}
	return tables.JoinInner, true
}

// storeJoin offers the join of two queries over one store to that store. The
// error says why it is not that store's.
func (p *planner) storeJoin(n *plan.JoinNode, kind joinKind, left, right *growing) (*growing, error) {
	k, ok := kind.storeKind()
	switch {
	case left == nil || right == nil:
		return nil, cannotf("a side of it is made in the gateway")
	case left.store != right.store:
		return nil, cannotf("its sides are in different stores, %s and %s", left.store, right.store)
	case !ok:
		return nil, cannotf("NOT IN over rows that may be NULL is decided in the gateway")
	}
	left, ok = left.asSide(false)
	if !ok {
		return nil, cannotf("a part of its left side is done in the gateway")
	}
	right, ok = right.asSide(k == tables.JoinLeft)
	if !ok {
		return nil, cannotf("a part of its right side is done in the gateway")
	}
	right = right.shifted(len(left.query.Sources()), len(left.params))
	c := left.copy()
	c.outer = left.outer || right.outer
	c.params = append(c.params, right.params...)
	c.reasons = append(c.reasons, right.reasons...)
	join := &tables.Join{Kind: k, Left: left.query.From, Right: right.query.From}
	if k == tables.JoinInner {
		c.query.Where = append(c.query.Where, right.query.Where...)
	} else {
		join.On = append(join.On, right.query.Where...) // which partners there are
	}
	for _, o := range right.out {
		if k == tables.JoinLeft {
			col := *o.expr.(*tables.Col) // asSide saw to it
			col.Null = true
			o.expr = &col
		}
		c.out = append(c.out[:len(c.out):len(c.out)], o)
	}
	c.leaf = c.out
	if n.Filter != nil {
		l := c.lowering(p.ctx)
		for _, e := range expression.SplitConjunction(p.ctx, n.Filter) {
			x, err := l.expr(e)
			if err != nil {
				return nil, err
			}
			join.On = append(join.On, x)
		}
		c.params = l.params
	}
	if kind.leftOnly() {
		c.out = left.out
		c.leaf = c.out
	} else {
		schema := n.Schema(p.ctx)
		if len(schema) == len(c.out) {
			out := make([]output, len(c.out))
			for i, o := range c.out {
				o.col = schema[i] // nullable where the join makes it so
				out[i] = o
			}
			c.out, c.leaf = out, out
		}
	}
	c.query.From = join
	c, refused := c.compiled()
	if refused != nil {
		return nil, refused
	}
	return c, nil
}

// asSide is g as a side of a join: rows of a source under conditions. What is
// more than that becomes a derived table. columns asks for outputs that are
// plain columns, so that a missing partner is NULL in all of them.
func (g *growing) asSide(columns bool) (*growing, bool) {
	if g.open != nil || g.empty || len(g.above) > 0 || len(g.rechecked) > 0 {
		return nil, false
	}
	plain := !g.query.Grouped && !g.query.Distinct && !g.limited()
	if columns {
		for _, o := range g.out {
			_, isColumn := o.expr.(*tables.Col)
			plain = plain && isColumn
		}
	}
	if !plain {
		return g.nested()
	}
	c := g.copy()
	c.query.OrderBy = nil // the order of a side means nothing
	return c, true
}

// shifted is g with its sources counted from sources on, and its parameters from
// params on.
func (g *growing) shifted(sources, params int) *growing {
	c := g.copy()
	f := func(e tables.Expr) tables.Expr {
		switch x := e.(type) {
		case *tables.Col:
			moved := *x
			moved.Scan += sources
			return &moved
		case *tables.Param:
			return &tables.Param{N: x.N + params, Typ: x.Typ}
		}
		return e
	}
	c.query = mapQuery(c.query, f, params)
	out := make([]output, len(c.out))
	for i, o := range c.out {
		o.expr = tables.Rewrite(o.expr, f)
		out[i] = o
	}
	c.out, c.leaf = out, out
	return c
}

// mapQuery applies f to every expression of q; of its derived tables, only the
// parameters move.
func mapQuery(q tables.Query, f func(tables.Expr) tables.Expr, params int) tables.Query {
	each := func(es []tables.Expr) []tables.Expr {
		return mapExprs(es, func(e tables.Expr) tables.Expr { return tables.Rewrite(e, f) })
	}
	orders := func(in []tables.Order) []tables.Order {
		var out []tables.Order
		for _, o := range in {
			out = append(out, tables.Order{Expr: tables.Rewrite(o.Expr, f), Desc: o.Desc})
		}
		return out
	}
	q.From = mapSource(q.From, f, params)
	q.Output, q.Where, q.GroupBy, q.Having = each(q.Output), each(q.Where), each(q.GroupBy), each(q.Having)
	q.OrderBy = orders(q.OrderBy)
	var aggs []tables.Agg
	for _, a := range q.Aggs {
		if a.Arg != nil {
			a.Arg = tables.Rewrite(a.Arg, f)
		}
		a.OrderBy = orders(a.OrderBy)
		aggs = append(aggs, a)
	}
	q.Aggs = aggs
	return q
}

func mapSource(s tables.Source, f func(tables.Expr) tables.Expr, params int) tables.Source {
	switch s := s.(type) {
	case *tables.Join:
		return &tables.Join{
			Kind: s.Kind, Left: mapSource(s.Left, f, params), Right: mapSource(s.Right, f, params),
			On: mapExprs(s.On, func(e tables.Expr) tables.Expr { return tables.Rewrite(e, f) }),
		}
	case *tables.Derived:
		if params == 0 {
			return s
		}
		d := *s
		d.Query = mapQuery(d.Query, func(e tables.Expr) tables.Expr {
			if x, ok := e.(*tables.Param); ok {
				return &tables.Param{N: x.N + params, Typ: x.Typ}
			}
			return e
		}, params)
		return &d
	}
	return s
}
