package text

import (
	"slices"

	"gridgate/tables"
)

// A grouping says how rows become groups.
//
// The engine counts rows by the text column (or not) and by what their file
// gives: the "inner" groups. These are GROUP BY's groups, unless a count needs
// finer ones: COUNT(DISTINCT x) needs x as a key too, and COUNT(x) of a
// nullable column needs to know whether it is NULL. Then the inner groups are
// grouped once more.
type grouping struct {
	keys   []column // GROUP BY
	counts []count  // the aggregates
	having bool

	textKey   bool     // the text column is an inner key
	textOuter bool     // and a key of GROUP BY
	fileKeys  []column // inner keys that are given by the file
	nullness  []column // inner keys too, but only whether they are NULL
	regroup   bool     // the inner groups are finer than GROUP BY's
}

// A count is an aggregate: COUNT(*), COUNT(x) or COUNT(DISTINCT x).
type count struct {
	of       column
	all      bool // COUNT(*), or COUNT of what can't be NULL
	distinct bool
}

func (c *compiler) grouped() *tables.Unsupported {
	q := c.query
	if u := c.keys(q.GroupBy, tables.PartGroupBy); u != nil {
		return u
	}
	if u := c.counts(); u != nil {
		return u
	}
	g := c.plan.group
	for i, e := range q.Having {
		b := binder{columns: c.snapshot.columns, keys: g.keys, dry: true}
		if b.keys == nil {
			b.keys = []column{}
		}
		if _, r := b.condition(e); r != nil {
			return tables.Refuse(tables.PartHaving, i, r.code, "%s", r.text)
		}
	}
	g.having = len(q.Having) > 0
	shown := make([]bool, len(g.keys))
	for i, e := range q.Output {
		var s origin
		switch e := e.(type) {
		case *tables.KeyRef:
			s.column = g.keys[e.N]
			shown[e.N] = true
		case *tables.AggRef:
			s.isCount, s.count = true, e.N
		default:
			return tables.Refuse(tables.PartOutput, i, "expression", "only group keys and counts are computed while files are read; the gateway computes the rest")
		}
		c.plan.output = append(c.plan.output, s)
	}
	if q.Distinct && slices.Contains(shown, false) {
		return tables.Refuse(tables.PartDistinct, 0, "distinct", "the select list lacks a group key, so groups may look alike")
	}
	return nil
}

// keys begins the plan's grouping.
func (c *compiler) keys(groupBy []tables.Expr, part tables.Part) *tables.Unsupported {
	g := &grouping{}
	for i, e := range groupBy {
		col, ok := c.columnOf(e)
		if !ok {
			return tables.Refuse(part, i, "expression", "files are grouped by columns only")
		}
		if !col.isText() {
			return tables.Refuse(part, i, "key", "files are grouped by text columns only, and %s is a number", e.(*tables.Col).Name)
		}
		g.keys = append(g.keys, col)
		g.addKey(col)
	}
	g.textOuter = g.textKey
	c.plan.group = g
	return nil
}

// addKey makes col an inner key and reports whether it wasn't one.
func (g *grouping) addKey(col column) bool {
	if !col.ofFile() {
		added := !g.textKey
		g.textKey = true
		return added
	}
	if slices.Contains(g.fileKeys, col) {
		return false
	}
	g.fileKeys = append(g.fileKeys, col)
	return true
}

func (c *compiler) counts() *tables.Unsupported {
	g := c.plan.group
	var distinct *column
	for i, a := range c.query.Aggs {
		if a.Func != tables.AggCountStar && a.Func != tables.AggCount {
			return tables.Refuse(tables.PartAggs, i, "aggregate", "%s isn't computed while files are read, only COUNT is", a.Func)
		}
		if a.Func == tables.AggCountStar {
			g.counts = append(g.counts, count{all: true})
			continue
		}
		col, ok := c.columnOf(a.Arg)
		if !ok {
			return tables.Refuse(tables.PartAggs, i, "expression", "only columns are counted while files are read")
		}
		if !a.Distinct {
			g.counts = append(g.counts, count{of: col, all: !col.nullable()})
			continue
		}
		if !col.isText() {
			return tables.Refuse(tables.PartAggs, i, "key", "distinct values of a number aren't counted while files are read")
		}
		g.counts = append(g.counts, count{of: col, distinct: true})
		if slices.Contains(g.keys, col) {
			continue // one a group, or none
		}
		if distinct != nil && *distinct != col {
			return tables.Refuse(tables.PartAggs, i, "distinct", "distinct values of one column at a time are counted while files are read")
		}
		distinct = &col
		g.regroup = g.addKey(col) || g.regroup
	}
	for i, n := range g.counts {
		if n.all || n.distinct || slices.Contains(g.fileKeys, n.of) || slices.Contains(g.nullness, n.of) {
			continue
		}
		if distinct != nil {
			// The inner groups would be finer than its values.
			return tables.Refuse(tables.PartAggs, i, "distinct", "COUNT(DISTINCT x) isn't computed together with COUNT of another column that can be NULL while files are read")
		}
		g.nullness = append(g.nullness, n.of)
		g.regroup = true
	}
	return nil
}
