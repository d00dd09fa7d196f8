package planner

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/tables"
)

// output is a column that a subtree gives.
type output struct {
	id   sql.ColumnId
	col  *sql.Column // as go-mysql-server's node names it
	expr tables.Expr // what the store computes; nil where the gateway does
}

// A growing is a subtree of the plan as one store's query, plus the operators
// of that subtree that stay in the gateway. It is immutable: growing it by an
// operator makes a new one, so a refused attempt leaves nothing behind.
type growing struct {
	store    string
	snapshot tables.Snapshot
	outer    bool // it stands in a subquery, and may read outer columns
	query    tables.Query
	plan     tables.Plan // of query; nil while open is set
	empty    bool        // LIMIT 0
	out      []output    // what the subtree gives, above included
	leaf     []output    // what query.Output is; same as out when above is empty
	params   []param
	above    []above // stays in the gateway, innermost first
	reasons  []stay
	open     *openGroup
	// keyCount is how many lists of keys the conditions read, after the params.
	keyCount int
	// rechecked are the conjuncts of Where that the store only narrows and that
	// therefore stand among the filters above too.
	rechecked []int
}

// param is a column of an outer query.
type param struct {
	field *expression.GetField
	typ   tables.Type
}

// above is an operator that stays over the leaf although growing goes on: a
// filter of what the store doesn't decide, or a projection of what it doesn't
// compute. Exactly one field is set.
type above struct {
	filter  sql.Expression
	project []sql.Expression
}

// openGroup is a GROUP BY that gives raw columns from which a Project above
// computes the keys again, as go-mysql-server plans GROUP BY over expressions.
// Until that Project comes, the query isn't one: materialize then returns to
// what was before the GROUP BY, with the operators since put over it.
type openGroup struct {
	before *growing
	since  []sql.Node
}

// scan starts a growing over a table: the columns in need, or all.
func scan(t *Table, first sql.ColumnId, schema sql.Schema, need *idSet, outer bool) *growing {
	g := &growing{
		store: t.StoreName(), snapshot: t.Snapshot(), outer: outer,
		query: tables.Query{From: &tables.Scan{Snapshot: t.Snapshot()}},
	}
	for i := range t.Snapshot().Columns() {
		id := first + sql.ColumnId(i)
		if !need.has(id) {
			continue
		}
		g.out = append(g.out, output{id: id, col: schema[i], expr: column(t.Snapshot(), i)})
	}
	g.leaf = g.out
	if g, refused := g.compiled(); refused == nil {
		return g
	}
	return nil // a store that refuses a plain scan breaks the contract; go-mysql-server then reads the table itself
}

// copy returns a growing that may be changed by its new owner; slices must be
// replaced, not written to.
func (g *growing) copy() *growing {
	c := *g
	c.query.Where = slices.Clip(c.query.Where)
	c.query.Having = slices.Clip(c.query.Having)
	c.params = slices.Clip(c.params)
	c.above = slices.Clip(c.above)
	c.reasons = slices.Clip(c.reasons)
	return &c
}

// compiled sets Output from leaf and asks the store for a plan. A conjunct
// that the store only narrows must already stand among the filters above:
// only pushing a conjunct may bring such a one about (see pushConjunct).
func (g *growing) compiled() (*growing, *tables.Unsupported) {
	c := g.copy()
	c.query.Output = c.leafExprs()
	if c.query.Limit != nil && *c.query.Limit == 0 {
		c.empty = true
		return c, nil
	}
	p, refused := c.snapshot.Compile(c.query)
	if refused != nil {
		return nil, refused
	}
	if refused := c.narrows(p); refused != nil {
		return nil, refused
	}
	c.plan = p
	return c, nil
}

// leafExprs are what the store computes, in the leaf's order.
func (g *growing) leafExprs() []tables.Expr {
	out := make([]tables.Expr, len(g.leaf))
	for i, o := range g.leaf {
		out[i] = o.expr
	}
	return out
}

// narrows refuses a plan that only narrows a condition which is not applied
// again, or that narrows although rows are grouped, made distinct or counted
// out: applying the condition afterwards would be too late.
func (g *growing) narrows(p tables.Plan) *tables.Unsupported {
	for _, i := range p.Recheck() {
		late := g.query.Grouped || g.query.Distinct || g.limited()
		if late || !slices.Contains(g.rechecked, i) {
			return tables.Refuse(tables.PartWhere, i, "narrowed", "the store would only narrow a condition below it")
		}
	}
	return nil
}

// filtersAbove reports whether a filter stays in the gateway: then nothing may
// be pushed that depends on which rows there are.
func (g *growing) filtersAbove() bool {
	return slices.ContainsFunc(g.above, func(a above) bool { return a.filter != nil })
}

// why adds a reason for EXPLAIN.
func (g *growing) why(reason stay) *growing {
	c := g.copy()
	if !slices.Contains(c.reasons, reason) {
		c.reasons = append(c.reasons, reason)
	}
	return c
}

// find returns the output with that id.
func (g *growing) find(id sql.ColumnId) (output, bool) {
	for _, o := range g.out {
		if o.id == id {
			return o, true
		}
	}
	return output{}, false
}

// findNamed returns the only output of that name.
func (g *growing) findNamed(name string) (found output, ok bool) {
	for _, o := range g.out {
		if strings.EqualFold(o.col.Name, name) {
			if ok {
				return output{}, false
			}
			found, ok = o, true
		}
	}
	return found, ok
}

// names reports whether an output may be meant by that name; table is "" for
// an alias.
func (g *growing) names(table, name string) bool {
	return slices.ContainsFunc(g.out, func(o output) bool {
		return strings.EqualFold(o.col.Name, name) && (table == "" || strings.EqualFold(o.col.Source, table))
	})
}

// namesLeaf reports whether a column of the leaf has that name.
func (g *growing) namesLeaf(name string) bool {
	return slices.ContainsFunc(g.leaf, func(o output) bool { return strings.EqualFold(o.col.Name, name) })
}

// materialize builds the nodes: the leaf and what stays above it.
func (g *growing) materialize(ctx *sql.Context) (sql.Node, error) {
	if g.open != nil {
		return g.materializeOpen(ctx)
	}
	return g.pruned(ctx).built(ctx, nil)
}

// built is g as nodes; l is what its leaf opens when it is given keys, or nil.
func (g *growing) built(ctx *sql.Context, l *lookup) (sql.Node, error) {
	leaf := g.copy()
	leaf.above, leaf.out = nil, g.leaf
	r := &Remote{grown: leaf, lookup: l, store: g.store, query: g.query, plan: g.plan, empty: g.empty, cols: g.leaf, stayed: g.reasons}
	for _, o := range g.leaf {
		c := *o.col
		r.schema = append(r.schema, &c)
	}
	for _, p := range g.params {
		r.params = append(r.params, p.field)
		r.paramTypes = append(r.paramTypes, p.typ)
	}
	var n sql.Node = r
	for _, a := range g.above {
		if a.filter != nil {
			n = plan.NewFilter(ctx, a.filter, n)
		} else {
			n = plan.NewProject(ctx, a.project, n)
		}
	}
	return n, nil
}

// materializeOpen undoes a GROUP BY that never became a query.
func (g *growing) materializeOpen(ctx *sql.Context) (sql.Node, error) {
	before := g.open.before
	for _, r := range g.reasons {
		before = before.why(r)
	}
	n, err := before.materialize(ctx)
	for _, op := range g.open.since {
		if err != nil {
			return nil, err
		}
		n, err = op.WithChildren(ctx, n)
	}
	return n, err
}

// pruned drops leaf columns that neither the operators above nor, when these
// pass columns through, the reader needs. A filter pushed whole leaves such
// columns behind.
func (g *growing) pruned(ctx *sql.Context) *growing {
	need := newIDSet()
	passed, byName := true, false
	have := idsOf(g.leaf)
	add := func(e sql.Expression) {
		need.addRefs(ctx, e)
		transform.InspectExpr(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
			f, ok := e.(*expression.GetField)
			byName = byName || ok && !have[f.Id()] && g.namesLeaf(f.Name())
			return byName
		})
	}
	for _, a := range g.above {
		if a.filter != nil {
			add(a.filter)
			continue
		}
		passed = false
		for _, e := range a.project {
			add(e)
		}
		for _, e := range a.project {
			have[exprID(e)] = true
		}
	}
	if byName {
		return g
	}
	if passed { // nothing above, or filters only: every output goes through
		return g
	}
	return g.keeping(need)
}

// narrowed drops outputs that are not in need, where the store agrees.
func (g *growing) narrowed(need *idSet) *growing {
	if len(g.above) > 0 || g.open != nil {
		return g
	}
	c := g.keeping(need).copy()
	c.out = c.leaf // nothing stands above
	return c
}

// keeping is g with only those leaf columns that are in need. It is g itself
// where they all are, where fewer columns would mean other rows, and where the
// store needs the columns it has: reading some too many is no error.
func (g *growing) keeping(need *idSet) *growing {
	if g.query.Distinct || g.empty {
		return g
	}
	c := g.copy()
	c.leaf = nil
	for _, o := range g.leaf {
		if o.id == 0 || need.has(o.id) { // without an id it is found by its name
			c.leaf = append(c.leaf, o)
		}
	}
	if len(c.leaf) == len(g.leaf) {
		return g
	}
	if smaller, refused := c.compiled(); refused == nil {
		return smaller
	}
	return g
}

// standsAlone reports whether the rows depend on no outer column: neither the
// store's query nor what stays above it.
func (g *growing) standsAlone(ctx *sql.Context) bool {
	if len(g.params) > 0 || g.open != nil {
		return false
	}
	need, have := newIDSet(), newIDSet()
	for _, o := range append(slices.Clone(g.leaf), g.out...) {
		have.ids[o.id] = true
	}
	for _, a := range g.above {
		if a.filter != nil {
			need.addRefs(ctx, a.filter)
		}
		for _, e := range a.project {
			have.ids[exprID(e)] = true
			need.addRefs(ctx, e)
		}
	}
	for id := range need.ids {
		if !have.ids[id] {
			return false
		}
	}
	return true
}

// named is g with its scan under the alias that the statement gives it.
func (g *growing) named(alias string) *growing {
	s, ok := g.query.From.(*tables.Scan)
	if !ok {
		return g
	}
	c := g.copy()
	c.query.From = &tables.Scan{Snapshot: s.Snapshot, Alias: alias}
	if c.open != nil || c.empty {
		return c
	}
	if compiled, refused := c.compiled(); refused == nil {
		return compiled
	}
	return g
}
