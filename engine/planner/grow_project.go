package planner

import (
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/tables"
)

// project grows by a select list. A list that the store refuses does not stop
// growth: it stays above, and the store gives the columns that it needs.
func (g *growing) project(ctx *sql.Context, n *plan.Project) (*growing, error) {
	if len(g.above) == 0 && !g.query.Distinct {
		c, refused := g.pushProject(ctx, n)
		if refused == nil {
			return c, nil
		}
		if g.open != nil {
			return nil, refused
		}
		return g.why(stays(n, refused)).deferProject(ctx, n), nil
	}
	return g.deferProject(ctx, n), nil
}

func (g *growing) pushProject(ctx *sql.Context, n *plan.Project) (*growing, error) {
	l := g.lowering(ctx)
	schema := n.Schema(ctx)
	var out []output
	for i, e := range n.Projections {
		x, err := l.expr(e)
		if err != nil {
			return nil, err
		}
		out = append(out, output{id: exprID(e), col: schema[i], expr: x})
	}
	c := g.copy()
	c.params = l.params
	c.out, c.leaf = out, out
	if c.open != nil {
		if err := c.groupKeys(); err != nil {
			return c, nil // a select list above may drop the raw columns
		}
		return c.closeGroup()
	}
	c, refused := c.compiled()
	if refused != nil {
		return nil, refused
	}
	return c, nil
}

// deferProject leaves a select list in the gateway. Its plain columns stay
// known as what they are, so that sorting by them can still be pushed.
func (g *growing) deferProject(ctx *sql.Context, n *plan.Project) *growing {
	c := g.copy()
	c.above = append(c.above, above{project: n.Projections})
	schema := n.Schema(ctx)
	c.out = nil
	for i, e := range n.Projections {
		o := output{id: exprID(e), col: schema[i]}
		if f, ok := unalias(e).(*expression.GetField); ok {
			if in, found := g.find(f.Id()); found {
				o.expr = in.expr
			}
		}
		c.out = append(c.out, o)
	}
	return c
}

// exprID is the column id that a projection gives its result; 0 where it has
// none, and then nothing can refer to it.
func exprID(e sql.Expression) sql.ColumnId {
	if x, ok := e.(sql.IdExpression); ok {
		return x.Id()
	}
	return 0
}

// dedupSubqueries rewrites a select list over another, perhaps with a sort
// between, where both compute the same scalar subquery, as go-mysql-server
// plans a subquery in the select list. Where the inner one has an id, the
// outer reads it; where it has none and nothing stands between, it is dropped.
func dedupSubqueries(ctx *sql.Context, outer *plan.Project) (*plan.Project, bool, error) {
	inner := projectBelow(outer.Child)
	if inner == nil {
		return outer, false, nil
	}
	byID := map[sql.ColumnId]bool{}
	// What the inner list computes without an id can be read by its name only:
	// by a sort between the lists, but not by the outer list.
	direct := outer.Child == sql.Node(inner)
	unread := map[string]int{}
	for i, e := range inner.Projections {
		a, ok := e.(*expression.Alias)
		if !ok || !hasSubquery(ctx, a) {
			continue
		}
		if a.Id() != 0 {
			byID[a.Id()] = true
		} else if direct {
			unread[a.String()] = i
		}
	}
	es := slices.Clone(outer.Projections)
	drop := map[int]bool{}
	changed := false
	for i, e := range es {
		a, ok := e.(*expression.Alias)
		if !ok || !hasSubquery(ctx, a) {
			continue
		}
		if a.Id() != 0 && byID[a.Id()] {
			f := expression.NewGetFieldWithTable(int(a.Id()), 0, a.Type(ctx), "", "", a.Name(), a.IsNullable(ctx))
			es[i] = expression.NewAlias(ctx, a.Name(), f).WithId(a.Id()).(sql.Expression)
			changed = true
		} else if at, ok := unread[a.String()]; ok && a.Id() == 0 {
			drop[at] = true
			changed = true
		}
	}
	if !changed {
		return outer, false, nil
	}
	var kept []sql.Expression
	for i, e := range inner.Projections {
		if !drop[i] {
			kept = append(kept, e)
		}
	}
	child, err := replaceBelow(ctx, outer.Child, inner, plan.NewProject(ctx, kept, inner.Child))
	if err != nil {
		return nil, false, err
	}
	return plan.NewProject(ctx, es, child), true, nil
}

// withoutUnread drops what a select list computes for nobody: go-mysql-server
// passes every column through the lists between two sorts. What has no id may
// be found by name, and stays.
func withoutUnread(ctx *sql.Context, n *plan.Project, need *idSet) *plan.Project {
	if need == nil {
		return n
	}
	var kept []sql.Expression
	for _, e := range n.Projections {
		if id := exprID(e); id == 0 || need.has(id) {
			kept = append(kept, e)
		}
	}
	if len(kept) == len(n.Projections) {
		return n
	}
	return plan.NewProject(ctx, kept, n.Child)
}

// projectBelow finds the select list whose columns n passes on unchanged.
func projectBelow(n sql.Node) *plan.Project {
	for {
		switch x := n.(type) {
		case *plan.Project:
			return x
		case *plan.Sort, *plan.TopN, *plan.Limit, *plan.Offset, *plan.Having:
			n = x.Children()[0]
		default:
			return nil
		}
	}
}

// replaceBelow puts b in a's place in a chain of operators with one child.
func replaceBelow(ctx *sql.Context, n, a, b sql.Node) (sql.Node, error) {
	if n == a {
		return b, nil
	}
	child, err := replaceBelow(ctx, n.Children()[0], a, b)
	if err != nil {
		return nil, err
	}
	return n.WithChildren(ctx, child)
}

func hasSubquery(ctx *sql.Context, e sql.Expression) bool {
	return transform.InspectExpr(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
		_, ok := e.(*plan.Subquery)
		return ok
	})
}

// usesOnlyGroups reports whether e reads nothing but group keys, aggregates,
// constants and parameters.
func usesOnlyGroups(e tables.Expr) bool {
	ok := true
	tables.Walk(e, func(x tables.Expr) bool {
		if _, raw := x.(*tables.Col); raw {
			ok = false
		}
		return ok
	})
	return ok
}
