package planner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// NotPushed is the error of gridgate_pushdown = 'strict': running the
// statement would read a whole table through the gateway.
type NotPushed struct {
	Store, Table string
	Operator     string // what would run in the gateway
	Reason       error  // why it can't run in the store
}

func (e *NotPushed) Error() string {
	return fmt.Sprintf("%s would run in the gateway over the whole of %s (%s), which gridgate_pushdown = 'strict' forbids: %s",
		e.Operator, e.Table, e.Store, reason(e.Reason))
}

func (e *NotPushed) Unwrap() error { return e.Reason }

// checkStrict looks below n for leaves that read their whole table, and fails
// when an operator above such a leaf gives fewer rows than it reads: then the
// gateway reads what the user does not get. reducer names the nearest such
// operator above n; "" where there is none. Computing a select list, or
// sorting what is asked for anyway, is allowed.
func checkStrict(ctx *sql.Context, n sql.Node, reducer string) error {
	if r, ok := n.(*Remote); ok {
		if reducer == "" || !r.readsAll() {
			return nil
		}
		reason := "it is done in the gateway"
		if len(r.stayed) > 0 {
			reason = strings.Join(r.stayed, "; ")
		}
		return &NotPushed{Store: r.store, Table: r.query.Scans()[0].Snapshot.Name(), Operator: reducer, Reason: errors.New(reason)}
	}
	if reducesRows(n) {
		reducer = operator(n)
	}
	for _, below := range Parts(ctx, n) {
		if err := checkStrict(ctx, below, reducer); err != nil {
			return err
		}
	}
	return nil
}

// readsAll reports whether the leaf gives every row of its table.
func (r *Remote) readsAll() bool {
	q := r.query
	return !r.empty && r.lookup == nil && len(q.Where) == 0 && !q.Grouped && !q.Distinct && q.Limit == nil && len(q.Scans()) > 0
}

// reducesRows reports whether n usually gives fewer rows than it reads.
func reducesRows(n sql.Node) bool {
	switch n := n.(type) {
	case *plan.Filter, *plan.Having, *plan.GroupBy, *plan.Distinct, *plan.OrderedDistinct, *plan.TopN,
		*plan.Limit, *plan.Offset, *plan.JoinNode, *plan.Max1Row:
		return true
	case *plan.SetOp:
		return n.Distinct || n.SetOpType != plan.UnionType
	}
	return false
}

// Parts are the nodes directly below n, without what is no step of a plan: its
// children, a derived table's query, and the queries of its subqueries.
func Parts(ctx *sql.Context, n sql.Node) []sql.Node {
	children := n.Children()
	if sa, ok := n.(*plan.SubqueryAlias); ok {
		children = []sql.Node{sa.Child}
	}
	var out []sql.Node
	for _, c := range children {
		out = append(out, Unwrap(c))
	}
	if x, ok := n.(sql.Expressioner); ok {
		for _, e := range x.Expressions() {
			sql.Inspect(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
				if s, ok := e.(*plan.Subquery); ok {
					out = append(out, s.Query)
				}
				return true
			})
		}
	}
	return out
}
