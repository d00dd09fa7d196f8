package planner

import (
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// A joinKey is an equation of a join's condition between the two sides.
type joinKey struct{ left, right sql.Expression }

// mirrored has the sides exchanged.
func mirrored(keys []joinKey) []joinKey {
	out := make([]joinKey, len(keys))
	for i, k := range keys {
		out[i] = joinKey{left: k.right, right: k.left}
	}
	return out
}

// lookupJoin plans a join of which one side is read first, and the other one's
// rows are looked up in their store by the keys found. refused says why that
// can't be.
func (p *planner) lookupJoin(n *plan.JoinNode, kind joinKind, left, right subtree) (j *LookupJoin, refused, failed error) {
	if n.Filter == nil {
		return nil, cannotf("it has no condition"), nil
	}
	leftCols, ok := p.outputs(left)
	if !ok {
		return nil, cannotf("a column of its left side has no id"), nil
	}
	rightCols, ok := p.outputs(right)
	if !ok {
		return nil, cannotf("a column of its right side has no id"), nil
	}
	keys, converted, residual := p.split(n.Filter, leftCols, rightCols)
	if len(keys) == 0 && len(converted) > 0 {
		_, refused := keyType(p.ctx, converted[0])
		return nil, refused, nil
	}
	if len(keys) == 0 {
		return nil, cannotf("it has no equality between its sides"), nil
	}
	if kind.nullAware && (len(keys) > 1 || len(residual) > 0) {
		return nil, cannotf("NOT IN with more than one equation is decided in the gateway"), nil
	}
	forward, refused := p.searchable(right.g, keys)
	var backward *search
	if !kind.outer && !kind.anti && (!kind.semi || len(keys) == 1 && len(residual) == 0) {
		backward, _ = p.searchable(left.g, mirrored(keys)) // where neither can be, the right side's reason is given
	}
	if forward == nil && backward == nil {
		return nil, refused, nil
	}
	j = &LookupJoin{kind: kind, residual: expression.JoinAnd(residual...), leftCols: leftCols, rightCols: rightCols}
	if forward != nil && backward != nil && p.rows(right) < p.rows(left) {
		forward = nil // the side with fewer rows drives
	}
	driver, inner := left, forward
	j.keys = keys
	if forward == nil {
		j.swapped = true
		driver, inner = right, backward
		j.keys = mirrored(keys)
	}
	j.sent = inner.sent
	j.innerRows = inner.rows
	was := p.repeated
	p.repeated = false
	defer func() { p.repeated = was }()
	if j.driver, failed = p.node(driver); failed != nil {
		return nil, nil, failed
	}
	if j.inner, failed = inner.node(p.ctx); failed != nil {
		return nil, nil, failed
	}
	if kind.nullAware {
		if failed = j.addProbes(p.ctx, driver.g, inner.g, j.keys[0].right); failed != nil {
			return nil, nil, failed
		}
	}
	return j, nil, nil
}

// outputs are the columns of a side with their ids.
func (p *planner) outputs(s subtree) ([]output, bool) {
	if s.g != nil {
		return s.g.out, true
	}
	ids := columnIDs(p.ctx, s.node)
	schema := s.node.Schema(p.ctx)
	if len(ids) != len(schema) {
		return nil, false
	}
	out := make([]output, len(ids))
	for i, id := range ids {
		if id == 0 {
			return nil, false
		}
		out[i] = output{id: id, col: schema[i]}
	}
	return out, true
}

// split sorts the conjuncts of a join's condition: equations between the sides,
// and the rest. converted are those of the rest that are equations too.
func (p *planner) split(cond sql.Expression, left, right []output) (keys, converted []joinKey, residual []sql.Expression) {
	leftIDs, rightIDs := idsOf(left), idsOf(right)
	for _, c := range expression.SplitConjunction(p.ctx, cond) {
		if eq, ok := c.(*expression.Equals); ok {
			a, b := semantics.Compared(eq.Left()), semantics.Compared(eq.Right())
			if p.readsOnly(b, leftIDs) {
				a, b = b, a
			}
			key := joinKey{a, b}
			if p.readsOnly(a, leftIDs) && p.readsOnly(b, rightIDs) {
				// Values that MySQL converts first don't find each other as they are.
				if _, refused := keyType(p.ctx, key); refused == nil {
					keys = append(keys, key)
					continue
				}
				converted = append(converted, key)
			}
		}
		residual = append(residual, c)
	}
	return keys, converted, residual
}

func idsOf(out []output) map[sql.ColumnId]bool {
	ids := map[sql.ColumnId]bool{}
	for _, o := range out {
		ids[o.id] = true
	}
	return ids
}

// readsOnly reports whether e reads at least one of the columns, and nothing
// else.
func (p *planner) readsOnly(e sql.Expression, ids map[sql.ColumnId]bool) bool {
	some, others := false, false
	transform.InspectExpr(p.ctx, e, func(_ *sql.Context, e sql.Expression) bool {
		switch e := e.(type) {
		case *expression.GetField:
			if ids[e.Id()] && e.Id() != 0 {
				some = true
			} else {
				others = true
			}
		case *plan.Subquery, sql.NonDeterministicExpression:
			others = true
		}
		return others
	})
	return some && !others
}

// A search is a side of a join whose rows can be looked up.
type search struct {
	g    *growing // without the keys
	with *growing // with one In for each key sent
	sent []tables.Type
	rows float64 // of the side
}

// searchable prepares a side for looking up: each right-hand expression of keys
// becomes an In over an argument, where the store takes it. sent holds the zero
// Type for a key that is only compared afterwards.
func (p *planner) searchable(g *growing, keys []joinKey) (*search, error) {
	if g == nil {
		return nil, cannotf("the rows to look up are not those of one store")
	}
	if g.open != nil || g.empty || g.limited() {
		return nil, cannotf("the rows to look up stand under a LIMIT")
	}
	s := &search{g: g, with: g, rows: p.rows(subtree{g: g})}
	var refused error
	some := false
	for _, k := range keys {
		next, t, err := s.with.withKeys(p.ctx, k)
		if err != nil {
			refused = err
			t = tables.Type{}
		} else {
			s.with, some = next, true
		}
		s.sent = append(s.sent, t)
	}
	if !some {
		return nil, refused
	}
	return s, nil
}

// withKeys is g with the condition that a key is among those given at Open.
func (g *growing) withKeys(ctx *sql.Context, k joinKey) (*growing, tables.Type, error) {
	t, err := keyType(ctx, k)
	if err != nil {
		return nil, t, err
	}
	l := g.lowering(ctx)
	x, err := l.expr(k.right)
	if err != nil {
		return nil, t, err
	}
	c := g.copy()
	c.params = l.params
	if len(c.params) != len(g.params) {
		return nil, t, cannotf("the key depends on an outer query")
	}
	if c.query.Grouped {
		x = c.overKeys(x)
		if !usesOnlyKeys(x) {
			return nil, t, cannotf("the key is computed from groups")
		}
		x = c.withoutKeys(x)
	}
	in := &tables.In{Left: x, Keys: &tables.Param{N: len(c.params) + c.keyCount, Typ: t}}
	c.keyCount++
	c.query.Where = append(c.query.Where, in)
	c.query.Output = c.leafExprs()
	plan, refused := c.snapshot.Compile(c.query)
	if refused != nil {
		return nil, t, refused
	}
	last := len(c.query.Where) - 1
	for _, i := range plan.Recheck() {
		// Keys are compared again anyway, unless that is too late.
		if i == last && !c.query.Grouped && !c.query.Distinct {
			continue
		}
		if i == last || !slices.Contains(c.rechecked, i) {
			return nil, t, tables.Refuse(tables.PartWhere, i, "narrowed", "the store would only narrow the keys below a GROUP BY")
		}
	}
	c.rechecked = append(c.rechecked[:len(c.rechecked):len(c.rechecked)], last)
	c.plan = plan
	return c, t, nil
}

// keyType is the type by which both sides of an equation are compared as they
// are; the error says that MySQL would convert one of them.
func keyType(ctx *sql.Context, k joinKey) (tables.Type, error) {
	left, ok := eval.TableType(k.left.Type(ctx))
	if !ok {
		return left, cannotf("a key has the type %s", k.left.Type(ctx))
	}
	right, ok := eval.TableType(k.right.Type(ctx))
	if !ok {
		return right, cannotf("a key has the type %s", k.right.Type(ctx))
	}
	if !comparedAsTheyAre(left, right) || right.Kind == tables.KindNull || right.Kind == tables.KindFloat32 {
		return right, cannotf("keys of the types %v and %v are compared in the gateway", left, right)
	}
	return right, nil
}

// node is the side as a plan node whose leaf takes keys.
func (s *search) node(ctx *sql.Context) (sql.Node, error) {
	// The same columns, with and without the keys.
	if scan := s.g.pruned(ctx); len(scan.leaf) < len(s.g.leaf) {
		with := s.with.copy()
		with.leaf = scan.leaf
		with.query.Output = scan.query.Output
		if p, refused := with.snapshot.Compile(with.query); refused == nil {
			return scan.built(ctx, &lookup{query: with.query, plan: p})
		}
	}
	return s.g.built(ctx, &lookup{query: s.with.query, plan: s.with.plan})
}

// columnIDs are the ids of a node's columns, as go-mysql-server finds them when
// it gives columns their positions (columnIdsForNode in
// sql/analyzer/fix_exec_indexes.go); 0 or nothing where that goes by names.
func columnIDs(ctx *sql.Context, n sql.Node) []sql.ColumnId {
	switch n := n.(type) {
	case sql.Projector:
		var ids []sql.ColumnId
		for _, e := range n.ProjectedExprs() {
			ids = append(ids, exprID(e))
		}
		return ids
	case *plan.TableAlias:
		return columnIDs(ctx, n.Child)
	case *plan.SetOp:
		return columnIDs(ctx, n.Left())
	case *plan.JoinNode:
		ids := columnIDs(ctx, n.Left())
		if !n.Op.IsPartial() {
			ids = append(ids[:len(ids):len(ids)], columnIDs(ctx, n.Right())...)
		}
		return ids
	case *plan.ResolvedTable:
		if semantics.IsDual(n.Table) {
			return nil
		}
		return columnSet(n.Columns())
	case *plan.SubqueryAlias:
		return columnSet(n.Columns())
	case *plan.ValueDerivedTable, *plan.RecursiveCte, *plan.EmptyTable, sql.Table:
		return nil
	}
	var ids []sql.ColumnId
	for _, c := range n.Children() {
		ids = append(ids, columnIDs(ctx, c)...)
	}
	return ids
}

func columnSet(set sql.ColSet) []sql.ColumnId {
	var ids []sql.ColumnId
	set.ForEach(func(id sql.ColumnId) { ids = append(ids, id) })
	return ids
}
