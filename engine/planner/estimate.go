package planner

import (
	"math"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// rows is roughly how many rows a subtree gives. It only has to be right about
// which of two sides is much smaller.
func (p *planner) rows(s subtree) float64 {
	if s.g != nil {
		return queryRows(&s.g.query)
	}
	return nodeRows(p.ctx, s.node)
}

// What a condition leaves of the rows, on the average of what people write.
const (
	equalShare = 0.01
	rangeShare = 0.3
	otherShare = 0.5
	groupShare = 0.1
)

func queryRows(q *tables.Query) float64 {
	n := sourceRows(q.From)
	for _, e := range q.Where {
		n *= share(e)
	}
	if q.Grouped {
		if len(q.GroupBy) == 0 {
			n = 1
		} else {
			n *= groupShare
		}
		n *= math.Pow(otherShare, float64(len(q.Having)))
	} else if q.Distinct {
		n *= groupShare
	}
	if top, limited := q.Top(); limited {
		n = min(n, float64(top))
	}
	return max(n, 1)
}

func sourceRows(s tables.Source) float64 {
	switch s := s.(type) {
	case *tables.Scan:
		if n, known := s.Snapshot.Rows(); known {
			return float64(n)
		}
		return defaultRows
	case *tables.Derived:
		return queryRows(&s.Query)
	case *tables.Join:
		l, r := sourceRows(s.Left), sourceRows(s.Right)
		switch s.Kind {
		case tables.JoinSemi, tables.JoinAnti:
			return l * otherShare
		}
		if len(s.On) == 0 {
			return l * r
		}
		return max(l, r)
	}
	return defaultRows
}

func share(e tables.Expr) float64 {
	switch x := e.(type) {
	case *tables.Call:
		switch x.Op {
		case tables.OpEq, tables.OpNullSafeEq, tables.OpIsNull:
			return equalShare
		case tables.OpLt, tables.OpLe, tables.OpGt, tables.OpGe:
			return rangeShare
		case tables.OpAnd:
			return share(x.Args[0]) * share(x.Args[1])
		case tables.OpOr:
			return min(1, share(x.Args[0])+share(x.Args[1]))
		}
	case *tables.In:
		if x.Keys == nil {
			return min(otherShare, equalShare*float64(len(x.List)))
		}
	}
	return otherShare
}

func nodeRows(ctx *sql.Context, n sql.Node) float64 {
	children := n.Children()
	switch n := n.(type) {
	case *Remote:
		if n.empty {
			return 1
		}
		return queryRows(&n.query)
	case *LookupJoin:
		return max(nodeRows(ctx, n.driver), 1)
	case *plan.JoinNode:
		l := nodeRows(ctx, n.Left())
		if n.Op.IsPartial() {
			return max(1, l*otherShare)
		}
		r := nodeRows(ctx, n.Right())
		if n.Filter == nil {
			return l * r
		}
		return max(l, r)
	case *plan.Filter:
		return max(1, nodeRows(ctx, n.Child)*otherShare)
	case *plan.Having:
		return max(1, nodeRows(ctx, n.Child)*otherShare)
	case *plan.GroupBy:
		if len(n.GroupByExprs) == 0 {
			return 1
		}
		return max(1, nodeRows(ctx, n.Child)*groupShare)
	case *plan.Distinct:
		return max(1, nodeRows(ctx, n.Child)*groupShare)
	case *plan.Limit:
		if k, ok := constantInt(ctx, n.Limit); ok {
			return min(float64(k), nodeRows(ctx, n.Child))
		}
	case *plan.TopN:
		if k, ok := constantInt(ctx, n.Limit); ok {
			return min(float64(k), nodeRows(ctx, n.Child))
		}
	case *plan.SubqueryAlias:
		return nodeRows(ctx, n.Child)
	case *plan.SetOp:
		return nodeRows(ctx, n.Left()) + nodeRows(ctx, n.Right())
	case *plan.Values:
		return float64(len(n.ExpressionTuples))
	}
	if len(children) == 0 {
		return 1000 // of go-mysql-server's own: few
	}
	return nodeRows(ctx, children[0])
}
