package planner

import (
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/tables"
)

// A Step is a part of a plan as EXPLAIN shows it: every form of EXPLAIN is made of
// Steps and so says the same.
type Step struct {
	Operation string // in one line
	RunsIn    string // a store's name; or Gateway
	// Of a leaf: what its store gets, which columns it gives, what the "?" of its
	// command stand for, and what the store thinks it would read.
	Command   string
	Columns   []string
	Arguments []string
	Estimate  tables.Estimate
	// StaysHere says why a part of the gateway's is not done in a store, one
	// sentence each; nothing for what is no work of its own.
	StaysHere []string
	Counts    *Counts // nil: not measured
	Notes     []string
	Children  []*Step
}

// Gateway is where a Step runs that no store does.
const Gateway = "gateway"

// Describe is the plan n as Steps.
func Describe(ctx *sql.Context, n sql.Node) *Step {
	var counts *Counts
	for {
		switch x := n.(type) {
		case *Measured:
			counts = x.counts
			n = x.Child
			continue
		case *Stoppable, *Held, *plan.TableAlias:
			n = x.Children()[0]
			continue
		}
		break
	}
	if r, ok := n.(*Remote); ok {
		return r.describe()
	}
	s := &Step{Operation: operation(ctx, n), RunsIn: Gateway, Estimate: tables.UnknownEstimate, StaysHere: reasonsAt(ctx, n), Counts: counts}
	if u, ok := n.(*plan.SetOp); ok {
		if over := overSetOp(u); over != "" {
			// These are fields of the one node.
			below := *s
			s.Operation, s.Children, below.Counts = over, []*Step{&below}, nil
			describeBelow(ctx, &below, n)
			return s
		}
	}
	if t, ok := n.(*plan.ResolvedTable); ok {
		describeTable(s, t)
		return s
	}
	if j, ok := n.(*LookupJoin); ok && j.counts != nil {
		s.Notes = append(s.Notes, j.counts.String())
	}
	describeBelow(ctx, s, n)
	return s
}

// overSetOp is a set operation's own ORDER BY, LIMIT and OFFSET in one line; "" where
// it has none.
func overSetOp(n *plan.SetOp) string {
	var by []string
	for _, c := range n.SortConditions {
		by = append(by, shown(c.Expr)+" "+c.Order.String())
	}
	var parts []string
	if len(by) > 0 {
		parts = append(parts, "Sort by "+strings.Join(by, ", "))
	}
	if n.Limit != nil {
		parts = append(parts, "Limit "+n.Limit.String())
	}
	if n.Offset != nil {
		parts = append(parts, "Offset "+n.Offset.String())
	}
	return strings.Join(parts, ", ")
}

// describeBelow adds what is below n.
func describeBelow(ctx *sql.Context, s *Step, n sql.Node) {
	children, queries := parts(ctx, n)
	for _, c := range children {
		s.Children = append(s.Children, Describe(ctx, c))
	}
	for _, q := range queries {
		how := "Subquery, run once"
		if !q.CanCacheResults() {
			how = "Subquery, run for each row"
		}
		s.Children = append(s.Children, &Step{
			Operation: how, RunsIn: Gateway, Estimate: tables.UnknownEstimate, Children: []*Step{Describe(ctx, q.Query)},
		})
	}
}

// describeTable is a table that go-mysql-server reads itself.
func describeTable(s *Step, n *plan.ResolvedTable) {
	t := tableUnder(n.Table)
	if t == nil {
		return
	}
	s.RunsIn, s.Operation = t.store, "Table "+t.Name()
	if p, err := t.wholePlan(); err == nil {
		s.Command = commandOf(p)
		s.Estimate = tables.EstimateOf(p, nil)
	}
	for _, c := range t.schema {
		s.Columns = append(s.Columns, c.Name)
	}
}

func (r *Remote) describe() *Step {
	s := &Step{Operation: "Remote", RunsIn: r.store, Command: r.Command(), Estimate: r.estimate(), Counts: r.counts}
	for _, o := range r.cols {
		s.Columns = append(s.Columns, o.col.Name)
	}
	for _, p := range r.params {
		s.Arguments = append(s.Arguments, p.String())
	}
	return s
}

// estimate is what the store thinks it would read, as far as it is known before
// the statement runs.
func (r *Remote) estimate() tables.Estimate {
	switch {
	case r.empty:
		return tables.Estimate{}
	case r.lookup != nil:
		return tables.EstimateOf(r.lookup.plan, nil)
	}
	return tables.EstimateOf(r.plan, nil)
}

func commandOf(p tables.Plan) string {
	c, err := p.Command(nil)
	if err != nil {
		return "unknown: " + err.Error()
	}
	return c
}

func (c *lookupCounts) String() string {
	n, scans := c.Lookups.Load(), c.Scans.Load()
	s := fmt.Sprintf("%d look-ups of %d keys in all", n, c.Keys.Load())
	switch {
	case scans == 1:
		s += "; then it read the other side whole, which costs less"
	case scans > 1:
		s += fmt.Sprintf("; %d times it then read the other side whole, which costs less", scans)
	}
	return s
}

// parts are the nodes directly below n, without what is no step of a plan, and
// the subqueries among its expressions.
func parts(ctx *sql.Context, n sql.Node) (children []sql.Node, queries []*plan.Subquery) {
	children = n.Children()
	if sa, ok := n.(*plan.SubqueryAlias); ok {
		children = []sql.Node{sa.Child}
	}
	if x, ok := n.(sql.Expressioner); ok {
		for _, e := range x.Expressions() {
			sql.Inspect(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
				if s, ok := e.(*plan.Subquery); ok {
					queries = append(queries, s)
				}
				return true
			})
		}
	}
	return children, queries
}

// operation is a gateway operator in one line.
func operation(ctx *sql.Context, n sql.Node) string {
	switch n := n.(type) {
	case *plan.Project:
		return "Project " + shownList(n.Projections)
	case *plan.Filter:
		return "Filter " + shownCondition(n.Expression)
	case *plan.Having:
		return "Having " + shownCondition(n.Cond)
	case *plan.GroupBy:
		if len(n.GroupByExprs) == 0 {
			return "Aggregate " + shownList(n.SelectDeps)
		}
		return "GroupBy " + shownList(n.GroupByExprs) + ": " + shownList(n.SelectDeps)
	case *plan.JoinNode:
		if n.Filter != nil {
			return headOf(ctx, n) + " on " + shownCondition(n.Filter)
		}
	case *LookupJoin:
		return n.Title()
	case *Replay:
		return "Read once, kept in memory"
	case *plan.SubqueryAlias:
		return "Derived table " + n.Name()
	case *plan.RangeHeap:
		return "Ranges"
	}
	return headOf(ctx, n)
}

// headOf is the first line of how go-mysql-server prints a node. Its children,
// which it would print too, are left out where it goes on without them: printing
// all that is below at every node takes the square of the plan.
func headOf(ctx *sql.Context, n sql.Node) string {
	if children := n.Children(); len(children) > 0 {
		stubs := make([]sql.Node, len(children))
		for i := range stubs {
			stubs[i] = plan.NothingImpl
		}
		if alone, err := n.WithChildren(ctx, stubs...); err == nil {
			n = alone
		}
	}
	head, _, _ := strings.Cut(strings.TrimRight(n.String(), "\n"), "\n")
	return head
}

// shownCondition is a condition in one line, its subqueries left out: they have
// Steps of their own.
func shownCondition(e sql.Expression) string {
	if and, ok := e.(*expression.And); ok {
		return "(" + shownCondition(and.LeftChild) + " AND " + shownCondition(and.RightChild) + ")"
	}
	return shown(e)
}
