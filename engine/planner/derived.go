package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// visitDerived plans a derived table, a common table expression or a view. Where
// its query is one store's, it only gives the columns other ids, and growing goes
// on above it.
func (p *planner) visitDerived(n *plan.SubqueryAlias, need *idSet) (subtree, error) {
	if n.IsLateral {
		// It runs once per row of its neighbours, and reads their columns.
		was := p.outer
		p.outer = true
		defer func() { p.outer = was }()
		return p.visitChildren(n, nil)
	}
	s, err := p.visit(n.Child, nil)
	if err != nil {
		return subtree{}, err
	}
	if s.g != nil {
		if g, ok := s.g.renamed(p.ctx, n, need); ok {
			p.changed = true
			return subtree{g: g}, nil
		}
	}
	child, err := p.node(s)
	if err != nil || child == n.Child {
		return subtree{node: n}, err
	}
	m, err := n.WithChildren(p.ctx, child)
	return subtree{node: m}, err
}

// renamed is g with the columns of the derived table n, those in need only.
func (g *growing) renamed(ctx *sql.Context, n *plan.SubqueryAlias, need *idSet) (*growing, bool) {
	if g.open != nil || g.empty {
		return nil, false
	}
	schema := n.Schema(ctx)
	ids := columnSet(n.Columns())
	if len(ids) != len(g.out) || len(schema) != len(g.out) {
		return nil, false
	}
	c := g.copy()
	out := make([]output, len(g.out))
	for i, o := range g.out {
		out[i] = output{id: ids[i], col: schema[i], expr: o.expr}
	}
	if len(g.above) == 0 {
		c.out, c.leaf = out, out
		return c.narrowed(need), true
	}
	// The operators that stay speak of the old ids: a select list over them
	// gives the new ones. If a select list is the last of them, it does itself.
	last := g.above[len(g.above)-1].project
	var list []sql.Expression
	kept := make([]output, 0, len(out))
	for i, o := range out {
		if !need.has(o.id) {
			continue
		}
		var e sql.Expression
		if last != nil {
			e = unalias(last[i])
		} else {
			inner := g.out[i]
			if inner.id == 0 {
				return nil, false
			}
			e = inner.field()
		}
		list = append(list, expression.NewAlias(ctx, o.col.Name, e).WithId(o.id).(sql.Expression))
		kept = append(kept, o)
	}
	if last != nil {
		c.above = c.above[:len(c.above)-1]
		if pushed, ok := c.again(ctx, list, kept); ok {
			return pushed, true
		}
	}
	if len(kept) == 0 {
		return nil, false
	}
	c.above = append(c.above[:len(c.above):len(c.above)], above{project: list})
	c.out = kept
	return c, true
}

// again offers the store a select list that it had refused, without the columns
// that nobody reads.
func (g *growing) again(ctx *sql.Context, list []sql.Expression, out []output) (*growing, bool) {
	if len(g.above) > 0 || g.query.Distinct {
		return nil, false
	}
	c := g.copy()
	c.out = c.leaf
	l := c.lowering(ctx)
	leaf := make([]output, len(out))
	for i, e := range list {
		x, err := l.expr(e)
		if err != nil {
			return nil, false
		}
		leaf[i] = output{id: out[i].id, col: out[i].col, expr: x}
	}
	c.params = l.params
	c.out, c.leaf = leaf, leaf
	c, refused := c.compiled()
	if refused != nil {
		return nil, false
	}
	return c, true
}

// field is a reference to the column.
func (o output) field() *expression.GetField {
	c := o.col
	return expression.NewGetFieldWithTable(int(o.id), 0, c.Type, c.DatabaseSource, c.Source, c.Name, c.Nullable)
}

// nested is g's query as a derived table, so that operators may stand above it
// that can't stand above it in one SELECT. ok is false where something of g stays
// in the gateway, and where the store takes no derived tables.
func (g *growing) nested() (_ *growing, ok bool) {
	if g.open != nil || g.empty || len(g.above) > 0 || g.plan == nil {
		return nil, false
	}
	inner := g.query
	if inner.Limit == nil && inner.Offset == 0 {
		inner.OrderBy = nil // the order of a derived table means nothing
	}
	d := &tables.Derived{Query: inner}
	c := g.copy()
	c.query = tables.Query{From: d}
	out := make([]output, len(g.out))
	for i, o := range g.out {
		d.Names = append(d.Names, o.col.Name)
		o.expr = &tables.Col{Index: i, Name: o.col.Name, Typ: o.expr.Type(), Null: o.expr.Nullable()}
		out[i] = o
	}
	c.out, c.leaf = out, out
	c.rechecked = nil
	c, refused := c.compiled()
	return c, refused == nil
}
