package planner

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// idSet is a set of column ids. A nil set means every column: the reader takes
// what there is by position.
type idSet struct{ ids map[sql.ColumnId]bool }

func newIDSet() *idSet { return &idSet{ids: map[sql.ColumnId]bool{}} }

func (s *idSet) has(id sql.ColumnId) bool { return s == nil || s.ids[id] }

// with is s and what the expressions refer to; nil stays nil.
func (s *idSet) with(ctx *sql.Context, es ...sql.Expression) *idSet {
	if s == nil {
		return nil
	}
	c := newIDSet()
	for id := range s.ids {
		c.ids[id] = true
	}
	for _, e := range es {
		c.addRefs(ctx, e)
	}
	return c
}

// addRefs adds every column that e refers to, also from inside its subqueries.
func (s *idSet) addRefs(ctx *sql.Context, e sql.Expression) {
	transform.InspectExpr(ctx, e, func(ctx *sql.Context, e sql.Expression) bool {
		switch e := e.(type) {
		case *expression.GetField:
			s.ids[e.Id()] = true
		case *plan.Subquery:
			s.addNodeRefs(ctx, e.Query)
		}
		return false
	})
}

func (s *idSet) addNodeRefs(ctx *sql.Context, n sql.Node) {
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		if x, ok := n.(sql.Expressioner); ok {
			for _, e := range x.Expressions() {
				s.addRefs(ctx, e)
			}
		}
		return true
	})
}

// addOuterRefs adds what derived tables below n refer to: a lateral one reads
// columns of its neighbours.
func (s *idSet) addOuterRefs(ctx *sql.Context, n sql.Node) {
	transform.InspectWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) bool {
		if sa, ok := n.(*plan.SubqueryAlias); ok {
			s.addNodeRefs(ctx, sa.Child)
			return false
		}
		return true
	})
}

// need is base and what the expressions of an operator over child refer to.
// go-mysql-server finds some columns by name, where no node has the id that they
// are referred to by: then every column of child is needed.
func (p *planner) need(child sql.Node, base *idSet, es ...sql.Expression) *idSet {
	need := base.with(p.ctx, es...)
	if need == nil || p.foundByName(child, es) {
		return nil
	}
	return need
}

// foundByName reports whether an expression refers to a column of child by an id
// that child does not give.
func (p *planner) foundByName(child sql.Node, es []sql.Expression) bool {
	have := map[sql.ColumnId]bool{}
	for _, id := range columnIDs(p.ctx, child) {
		have[id] = true
	}
	byName := func(f *expression.GetField) bool {
		for _, c := range child.Schema(p.ctx) {
			if strings.EqualFold(c.Name, f.Name()) {
				return true
			}
		}
		return false
	}
	found := false
	for _, e := range es {
		transform.InspectExpr(p.ctx, e, func(_ *sql.Context, e sql.Expression) bool {
			if f, ok := e.(*expression.GetField); ok && (f.Id() == 0 || !have[f.Id()]) && byName(f) {
				found = true
			}
			return found
		})
	}
	return found
}
