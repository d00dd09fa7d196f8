package text

import (
	"slices"

	"gridgate/tables"
)

// maxTop is how many rows ORDER BY with LIMIT may keep.
const maxTop = 1_000_000

// A plan is a compiled query.
type plan struct {
	snapshot *snapshot
	query    tables.Query

	fileWhere []tables.Expr // conjuncts on path and partitions only
	rowWhere  []tables.Expr
	usesText  bool // rowWhere needs the line or word
	usesLine  bool // rowWhere, or the output, needs byte_offset or pos

	output []origin // what each column of the result is
	types  []tables.Type
	order  []orderKey
	group  *grouping // nil: a plain scan
	total  bool      // the order leaves no ties
}

// An origin is where a value of the result comes from.
type origin struct {
	isCount bool
	column  column // of the row, or of the group's key
	count   int    // which count of the group
}

// An orderKey is a key of ORDER BY.
type orderKey struct {
	origin
	desc bool
}

type compiler struct {
	snapshot *snapshot
	query    *tables.Query
	plan     *plan
}

func (c *compiler) compile() (*plan, *tables.Unsupported) {
	q := c.query
	scan, ok := q.From.(*tables.Scan)
	if !ok {
		return nil, tables.Refuse(tables.PartFrom, 0, "join", "files are read one table at a time")
	}
	if own, ok := scan.Snapshot.(*snapshot); !ok || own.table != c.snapshot.table {
		return nil, tables.Refuse(tables.PartFrom, 0, "table", "the table is of another store")
	}
	c.plan = &plan{snapshot: c.snapshot, query: *q}
	if u := c.where(); u != nil {
		return nil, u
	}
	var u *tables.Unsupported
	switch {
	case q.Grouped:
		u = c.grouped()
	case q.Distinct:
		u = c.distinct()
	default:
		u = c.scan()
	}
	if u != nil {
		return nil, u
	}
	for _, e := range q.Output {
		c.plan.types = append(c.plan.types, e.Type())
	}
	if u := c.orderBy(); u != nil {
		return nil, u
	}
	return c.plan, nil
}

func (c *compiler) where() *tables.Unsupported {
	for i, e := range c.query.Where {
		b := binder{columns: c.snapshot.columns, dry: true}
		if _, r := b.condition(e); r != nil {
			return tables.Refuse(tables.PartWhere, i, r.code, "%s", r.text)
		}
		if b.usesText || b.usesLine {
			c.plan.rowWhere = append(c.plan.rowWhere, e)
		} else {
			c.plan.fileWhere = append(c.plan.fileWhere, e)
		}
		c.plan.usesText = c.plan.usesText || b.usesText
		c.plan.usesLine = c.plan.usesLine || b.usesLine
	}
	return nil
}

// columnOf is the column that e is.
func (c *compiler) columnOf(e tables.Expr) (column, bool) {
	col, ok := e.(*tables.Col)
	if !ok || col.Scan != 0 || col.Index >= len(c.snapshot.columns) {
		return column{}, false
	}
	return c.snapshot.columns[col.Index], true
}

func (c *compiler) scan() *tables.Unsupported {
	for i, e := range c.query.Output {
		col, ok := c.columnOf(e)
		if !ok {
			return tables.Refuse(tables.PartOutput, i, "expression", "only columns are read from files; the gateway computes the rest")
		}
		c.plan.output = append(c.plan.output, origin{column: col})
		c.plan.usesLine = c.plan.usesLine || col.kind == colOffset || col.kind == colPos
	}
	return nil
}

// distinct compiles SELECT DISTINCT as GROUP BY its columns.
func (c *compiler) distinct() *tables.Unsupported {
	q := *c.query
	for i, e := range c.query.Output {
		if _, ok := c.columnOf(e); !ok {
			return tables.Refuse(tables.PartDistinct, i, "expression", "only columns are read from files; the gateway computes the rest")
		}
		key := slices.IndexFunc(q.GroupBy, func(k tables.Expr) bool { return tables.Equal(k, e) })
		if key < 0 {
			key = len(q.GroupBy)
			q.GroupBy = append(q.GroupBy[:key:key], e)
		}
	}
	if u := c.keys(q.GroupBy, tables.PartDistinct); u != nil {
		return u
	}
	for _, e := range c.query.Output {
		col, _ := c.columnOf(e)
		c.plan.output = append(c.plan.output, origin{column: col})
	}
	return nil
}

func (c *compiler) orderBy() *tables.Unsupported {
	q, p := c.query, c.plan
	has := map[column]bool{}
	for i, o := range q.OrderBy {
		var s origin
		switch e := o.Expr.(type) {
		case *tables.Col:
			if q.Grouped {
				return tables.Refuse(tables.PartOrderBy, i, "column", "%s is no group key", e.Name)
			}
			col, ok := c.columnOf(e)
			if !ok {
				return tables.Refuse(tables.PartOrderBy, i, "column", "%s is no column of the table", e.Name)
			}
			if p.group != nil && !slices.Contains(p.group.keys, col) {
				return tables.Refuse(tables.PartOrderBy, i, "distinct", "%s isn't in the select list of SELECT DISTINCT", e.Name)
			}
			s.column = col
			p.usesLine = p.usesLine || col.kind == colOffset || col.kind == colPos
		case *tables.KeyRef:
			if p.group == nil || e.N >= len(p.group.keys) {
				return tables.Refuse(tables.PartOrderBy, i, "column", "there is no such group key")
			}
			s.column = p.group.keys[e.N]
		case *tables.AggRef:
			s.isCount, s.count = true, e.N
		default:
			return tables.Refuse(tables.PartOrderBy, i, "expression", "files are sorted by columns and counts only")
		}
		if !s.isCount {
			has[s.column] = true
		}
		p.order = append(p.order, orderKey{origin: s, desc: o.Desc})
	}
	top, limited := q.Top()
	if p.group != nil {
		p.total = true
		for _, key := range p.group.keys {
			p.total = p.total && has[key]
		}
		return nil
	}
	p.total = has[column{kind: colPath}] && has[column{kind: colOffset}] &&
		(c.snapshot.table == tableLines || has[column{kind: colPos}])
	if len(p.order) > 0 && (!limited || top > maxTop) {
		return tables.Refuse(tables.PartOrderBy, 0, "size", "lines and words are sorted while they are read only under a LIMIT of at most %d rows", maxTop)
	}
	return nil
}
