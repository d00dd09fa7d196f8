package planner

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/semantics"
)

// A stay is why an operator, or one condition of it, stays in the gateway over
// the rows of one store. It is found while the store's query grows and kept with
// the leaf: the operators themselves are go-mysql-server's and are copied by its
// rules. reasonsAt finds it again for its operator.
type stay struct {
	operator string // as operator names it; condition for one of a filter
	text     string // of the condition, or of the select list; else ""
	reason   string
}

// condition is the operator of a stay that is about one conjunct: whether it
// became a WHERE or a HAVING is seen only later.
const condition = "condition"

func (s stay) String() string {
	if s.operator == condition {
		return s.text + ": " + s.reason
	}
	return s.reason
}

// stays makes the reason why operator n stays.
func stays(n sql.Node, refused error) stay {
	text := reason(refused)
	if p := part(n, refused); p != operator(n) && (p != "GROUP BY" || operator(n) != "the aggregate") {
		text = p + ": " + text
	}
	s := stay{operator: operator(n), reason: text}
	if p, ok := n.(*plan.Project); ok {
		s.text = shownList(p.Projections)
	}
	return s
}

// reasonsAt says why n stays in the gateway, one sentence each. There is always
// one, except for nodes that are no work of their own.
func reasonsAt(ctx *sql.Context, n sql.Node) []string {
	switch n.(type) {
	case *plan.SubqueryAlias, *plan.HashLookup, *plan.CachedResults, *plan.RangeHeap, *Replay, *plan.TableAlias, *plan.ResolvedTable, *plan.RecursiveTable:
		return nil
	}
	if readsPlainTable(n) {
		return []string{ModeVariable + " is off"}
	}
	switch n := n.(type) {
	case *plan.JoinNode:
		if s, ok := n.Left().(*Stoppable); ok && s.why != "" {
			return []string{s.why}
		}
		return []string{"joins are done in the gateway"}
	case *LookupJoin:
		return []string{n.why + ": keys of the first side are looked up in the second, up to 1000 at a time"}
	case *plan.Window:
		return []string{"window functions are computed in the gateway"}
	case *plan.SetOp:
		return []string{"set operations are done in the gateway"}
	case *plan.RecursiveCte:
		return []string{"recursion is done in the gateway"}
	case *plan.Values, *plan.ValueDerivedTable, *plan.EmptyTable:
		return []string{"it reads no table"}
	}
	below, leaf := chainBelow(n)
	if r, ok := leaf.(*Remote); ok {
		if found := matching(ctx, n, r.stayed); len(found) > 0 {
			return found
		}
	}
	switch {
	case below != nil:
		return []string{"its rows are made in the gateway, by " + operator(below)}
	case leaf == nil || isDual(leaf):
		return []string{"it reads no table"}
	}
	return []string{"it is done in the gateway"}
}

// matching are the reasons that were kept for n.
func matching(ctx *sql.Context, n sql.Node, kept []stay) []string {
	var conditions []string
	text := ""
	switch n := n.(type) {
	case *plan.Filter:
		conditions = shownConjuncts(ctx, n.Expression)
	case *plan.Having:
		conditions = shownConjuncts(ctx, n.Cond)
	case *plan.Project:
		text = shownList(n.Projections)
	}
	var found, alike []string
	for _, s := range kept {
		switch {
		case s.operator == condition:
			if slices.Contains(conditions, s.text) {
				found = append(found, s.String())
			}
		case s.operator == operator(n) && s.text == text:
			found = append(found, s.String())
		case s.operator == operator(n):
			alike = append(alike, s.String()) // a list of which columns were dropped since
		}
	}
	if len(found) > 0 || len(alike) > 0 || conditions == nil {
		return append(found, alike...)
	}
	// A rule has rewritten the condition since.
	for _, s := range kept {
		if s.operator == condition {
			found = append(found, s.String())
		}
	}
	return found
}

// chainBelow goes down from n as long as there is one child: below is the first
// node that is work of the gateway, leaf what the chain ends in. Where it ends in
// a node with several children, or none, that is below, and leaf is nil.
func chainBelow(n sql.Node) (below, leaf sql.Node) {
	for {
		children := n.Children()
		if sa, ok := n.(*plan.SubqueryAlias); ok {
			children = []sql.Node{sa.Child}
		}
		if len(children) != 1 {
			if len(children) == 0 && below == nil {
				return nil, nil
			}
			return below, nil
		}
		n = children[0]
		switch x := n.(type) {
		case *Remote, *plan.ResolvedTable:
			return below, n
		case *Stoppable, *Held, *Measured, *Replay, *plan.TableAlias, *plan.SubqueryAlias, *plan.HashLookup, *plan.CachedResults, *plan.RangeHeap:
		default:
			if below == nil {
				below = x
			}
		}
	}
}

// readsPlainTable reports whether go-mysql-server itself reads a store's table
// below n, as it does where nothing is pushed down.
func readsPlainTable(n sql.Node) bool {
	if t, ok := n.(*plan.ResolvedTable); ok {
		return tableUnder(t.Table) != nil
	}
	children := n.Children()
	if sa, ok := n.(*plan.SubqueryAlias); ok {
		children = []sql.Node{sa.Child}
	}
	return slices.ContainsFunc(children, readsPlainTable)
}

func isDual(n sql.Node) bool {
	t, ok := n.(*plan.ResolvedTable)
	return ok && semantics.IsDual(t.Table)
}

func shownConjuncts(ctx *sql.Context, e sql.Expression) []string {
	var out []string
	for _, c := range expression.SplitConjunction(ctx, e) {
		out = append(out, shown(c))
	}
	return out
}

// shownList is a list of expressions in one line.
func shownList(es []sql.Expression) string {
	var out []string
	for _, e := range es {
		out = append(out, shown(e))
	}
	return strings.Join(out, ", ")
}
