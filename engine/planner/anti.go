package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// antiOps are the joins that outer joins become when only their rows without a
// partner are wanted.
var antiOps = map[plan.JoinType]plan.JoinType{
	plan.JoinTypeLeftOuter:                 plan.JoinTypeAntiIncludeNulls,
	plan.JoinTypeLeftOuterHash:             plan.JoinTypeAntiHashIncludeNulls,
	plan.JoinTypeLeftOuterExcludeNulls:     plan.JoinTypeAnti,
	plan.JoinTypeLeftOuterHashExcludeNulls: plan.JoinTypeAntiHash,
}

// antiJoin is a select list over the rows of an outer join that have no partner, as
// one over an anti-join; nil where it is nothing else. go-mysql-server writes NOT IN
// and NOT EXISTS so where that seems cheaper to it (convertAntiToLeftJoin in
// sql/analyzer/indexed_joins.go), with a condition on a column without an id, for
// which every column of the left side would have to be read.
func (p *planner) antiJoin(n *plan.Project) *plan.Project {
	f, ok := n.Child.(*plan.Filter)
	if !ok {
		return nil
	}
	isNull, ok := f.Expression.(*expression.IsNull)
	if !ok {
		return nil
	}
	column, ok := isNull.Child.(*expression.GetField)
	if !ok {
		return nil
	}
	j, ok := f.Child.(*plan.JoinNode)
	if !ok || j.Filter == nil {
		return nil
	}
	op, ok := antiOps[j.Op]
	if !ok {
		return nil
	}
	right, ok := p.withoutMark(j, column)
	if !ok {
		return nil
	}
	left := idSetOf(columnIDs(p.ctx, j.Left()))
	for _, e := range n.Projections {
		if _, constant := e.(*expression.Literal); !constant && !p.readsOnly(e, left) {
			return nil
		}
	}
	if h, ok := j.Right().(*plan.HashLookup); ok {
		right = plan.NewHashLookup(p.ctx, right, h.RightEntryKey, h.LeftProbeKey, op)
	}
	anti := plan.NewJoin(p.ctx, j.Left(), right, op, j.Filter)
	anti.CommentStr = j.CommentStr
	return plan.NewProject(p.ctx, n.Projections, anti)
}

// withoutMark is the right side of an outer join without the constant that column
// reads, which is NULL where there is no partner. A column that the join equates is
// such a mark too.
func (p *planner) withoutMark(j *plan.JoinNode, column *expression.GetField) (sql.Node, bool) {
	right := j.Right()
	if h, ok := right.(*plan.HashLookup); ok {
		right = h.Child
	}
	if column.Id() != 0 {
		ids := map[sql.ColumnId]bool{column.Id(): true}
		have := idSetOf(columnIDs(p.ctx, right))
		for _, e := range expression.SplitConjunction(p.ctx, j.Filter) {
			eq, ok := e.(*expression.Equals)
			if ok && have[column.Id()] && (p.readsOnly(eq.Left(), ids) && isField(eq.Left()) || p.readsOnly(eq.Right(), ids) && isField(eq.Right())) {
				return right, true
			}
		}
		return nil, false
	}
	list, ok := right.(*plan.Project)
	if !ok || len(list.Projections) < 2 {
		return nil, false
	}
	last := len(list.Projections) - 1
	mark, ok := list.Projections[last].(*expression.Literal)
	if !ok || mark.Value() == nil || mark.String() != column.Name() {
		return nil, false
	}
	return plan.NewProject(p.ctx, list.Projections[:last], list.Child), true
}

func isField(e sql.Expression) bool {
	_, ok := e.(*expression.GetField)
	return ok
}

func idSetOf(ids []sql.ColumnId) map[sql.ColumnId]bool {
	set := map[sql.ColumnId]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set
}
