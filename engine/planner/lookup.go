package planner

import (
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"

	"gridgate/tables"
)

// A LookupJoin reads one side of a join, the driver, and looks the rows of the
// other one up in its store: the distinct keys of up to lookupKeys of the driver's
// rows are one query. Where it turns out that the keys are so many that one scan
// costs less, it reads the other side once and keeps it.
//
// Rows are matched in the gateway again: a store may give too many.
type LookupJoin struct {
	kind    joinKind
	swapped bool // the driver is the join's right side
	driver  sql.Node
	inner   sql.Node // over a Remote with a lookup
	// Of a null-aware join: whether the inner side has a row whose key is NULL, and
	// whether it has any row. nil: no key can be NULL.
	nullProbe, anyProbe sql.Node
	// keys are the equations: left on the driver's rows, right on the inner side's.
	keys                []joinKey
	sent                []tables.Type  // of each key as the store gets it; the zero Type: it doesn't
	residual            sql.Expression // what else has to hold; nil: nothing
	leftCols, rightCols []output
	innerRows           float64       // roughly
	why                 string        // why no store does the join
	counts              *lookupCounts // nil: nothing is counted
}

var (
	_ sql.ExecBuilderNode    = (*LookupJoin)(nil)
	_ sql.Projector          = (*LookupJoin)(nil)
	_ sql.Expressioner       = (*LookupJoin)(nil)
	_ sql.CollationCoercible = (*LookupJoin)(nil)
)

// addProbes prepares the questions that NOT IN asks beyond its keys.
// driver is nil where the driver's rows are made in the gateway.
func (j *LookupJoin) addProbes(ctx *sql.Context, driver, g *growing, key sql.Expression) error {
	// A probe needs no column, but one column is surely accepted.
	var err error
	if mayBeNull(ctx, key, g) {
		null, refused := g.conjunct(ctx, expression.NewIsNull(key))
		if refused != nil || len(null.above) > len(g.above) {
			filtered := g.copy()
			filtered.above = append(filtered.above, above{filter: expression.NewIsNull(key)})
			null = filtered
		}
		if j.nullProbe, err = null.oneRow().materialize(ctx); err != nil {
			return err
		}
	}
	if mayBeNull(ctx, j.keys[0].left, driver) {
		if j.anyProbe, err = g.oneRow().materialize(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mayBeNull reports whether an expression over g's rows may be NULL. What
// go-mysql-server says of a column is what its table says: it forgets the outer
// joins above. A side without a query may be anything.
func mayBeNull(ctx *sql.Context, e sql.Expression, g *growing) bool {
	if g == nil {
		return true
	}
	x, err := g.lowering(ctx).expr(e)
	return err != nil || x.Nullable()
}

// oneRow is g under LIMIT 1, where the store takes that.
func (g *growing) oneRow() *growing {
	if g.limited() || g.blocked() != nil {
		return g
	}
	c := g.copy()
	one := int64(1)
	c.query.Limit = &one
	if c, refused := c.compiled(); refused == nil {
		return c
	}
	return g
}

// standsAlone reports whether the rows depend on no outer column.
func (j *LookupJoin) standsAlone(ctx *sql.Context) bool {
	need, have := newIDSet(), newIDSet()
	need.addNodeRefs(ctx, j)
	alone := true
	var look func(n sql.Node)
	look = func(n sql.Node) {
		for _, id := range columnIDs(ctx, n) {
			have.ids[id] = true
		}
		if r, ok := n.(*Remote); ok && len(r.params) > 0 {
			alone = false
		}
		for _, c := range n.Children() {
			look(c)
		}
	}
	look(j)
	for id := range need.ids {
		alone = alone && have.ids[id]
	}
	return alone
}

// Resolved implements sql.Node.
func (j *LookupJoin) Resolved() bool { return j.driver.Resolved() && j.inner.Resolved() }

// IsReadOnly implements sql.Node.
func (j *LookupJoin) IsReadOnly() bool { return true }

// Children implements sql.Node: the driver, the side that is looked up, and the
// probes.
func (j *LookupJoin) Children() []sql.Node {
	children := []sql.Node{j.driver, j.inner}
	for _, n := range []sql.Node{j.nullProbe, j.anyProbe} {
		if n != nil {
			children = append(children, n)
		}
	}
	return children
}

// WithChildren implements sql.Node.
func (j *LookupJoin) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if want := len(j.Children()); len(children) != want {
		return nil, sql.ErrInvalidChildrenNumber.New(j, len(children), want)
	}
	n := *j
	n.driver, n.inner = children[0], children[1]
	children = children[2:]
	for _, at := range []*sql.Node{&n.nullProbe, &n.anyProbe} {
		if *at != nil {
			*at, children = children[0], children[1:]
		}
	}
	return &n, nil
}

// Expressions implements sql.Expressioner. They are evaluated over a row of the
// driver followed by one of the inner side.
func (j *LookupJoin) Expressions() []sql.Expression {
	var es []sql.Expression
	for _, k := range j.keys {
		es = append(es, k.left, k.right)
	}
	if j.residual != nil {
		es = append(es, j.residual)
	}
	return es
}

// WithExpressions implements sql.Expressioner.
func (j *LookupJoin) WithExpressions(_ *sql.Context, es ...sql.Expression) (sql.Node, error) {
	if want := len(j.Expressions()); len(es) != want {
		return nil, sql.ErrInvalidChildrenNumber.New(j, len(es), want)
	}
	n := *j
	n.keys = make([]joinKey, len(j.keys))
	for i := range n.keys {
		n.keys[i] = joinKey{left: es[2*i], right: es[2*i+1]}
	}
	if j.residual != nil {
		n.residual = es[len(es)-1]
	}
	return &n, nil
}

// columns are those of the join, in its order whichever side drives.
func (j *LookupJoin) columns() []output {
	if j.kind.leftOnly() {
		return j.leftCols
	}
	return append(j.leftCols[:len(j.leftCols):len(j.leftCols)], j.rightCols...)
}

// Schema implements sql.Node.
func (j *LookupJoin) Schema(*sql.Context) sql.Schema {
	var s sql.Schema
	for i, o := range j.columns() {
		c := *o.col
		c.Nullable = c.Nullable || j.kind.outer && i >= len(j.leftCols)
		s = append(s, &c)
	}
	return s
}

// ProjectedExprs implements sql.Projector: the columns with their ids.
func (j *LookupJoin) ProjectedExprs() []sql.Expression {
	var es []sql.Expression
	for _, o := range j.columns() {
		es = append(es, o.field())
	}
	return es
}

// CollationCoercibility implements sql.CollationCoercible.
func (j *LookupJoin) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 7
}

// Title names the join and its condition in one line, for EXPLAIN.
func (j *LookupJoin) Title() string {
	name := "LookupJoin"
	switch {
	case j.kind.outer:
		name = "LeftLookupJoin"
	case j.kind.semi:
		name = "SemiLookupJoin"
	case j.kind.anti:
		name = "AntiLookupJoin"
	}
	if j.kind.nullAware {
		name += "ExcludingNulls"
	}
	var on []string
	for _, k := range j.keys {
		on = append(on, fmt.Sprintf("%s = %s", shown(k.left), shown(k.right)))
	}
	if j.residual != nil {
		on = append(on, shown(j.residual))
	}
	return name + " on " + strings.Join(on, " AND ")
}

// String implements sql.Node.
func (j *LookupJoin) String() string {
	p := sql.NewTreePrinter()
	_ = p.WriteNode("%s", j.Title())
	var children []string
	for _, c := range j.Children() {
		children = append(children, c.String())
	}
	_ = p.WriteChildren(children...)
	return p.String()
}
