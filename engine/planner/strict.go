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

// checkStrict fails when a leaf reads its whole table below an operator that gives
// fewer rows than it reads: then the gateway reads what the user does not get.
func checkStrict(ctx *sql.Context, n sql.Node) error {
	return underReducers(ctx, n, nil, func(r *Remote, reducer sql.Node) error {
		if reducer == nil || !r.readsAll() {
			return nil
		}
		return &NotPushed{
			Store: r.store, Table: r.query.Scans()[0].Snapshot.Name(), Operator: operator(reducer),
			Reason: errors.New(strings.Join(reasonsAt(ctx, reducer), "; ")),
		}
	})
}

// underReducers calls f for every leaf below n, also through derived tables,
// joins and subqueries, with the nearest operator above it that gives fewer rows
// than it reads: reducer where there is none below n. Computing a select list, or
// sorting what is asked for anyway, is none.
func underReducers(ctx *sql.Context, n, reducer sql.Node, f func(r *Remote, reducer sql.Node) error) error {
	if r, ok := n.(*Remote); ok {
		return f(r, reducer)
	}
	if reducesRows(n) {
		reducer = n
	}
	children, queries := parts(ctx, n)
	for _, c := range children {
		if err := underReducers(ctx, c, reducer, f); err != nil {
			return err
		}
	}
	for _, q := range queries {
		if err := underReducers(ctx, q.Query, reducer, f); err != nil {
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
	case *LookupJoin:
		// With an outer join the user asked for all of the driver's rows, and what is
		// looked up is no whole table.
		return !n.kind.outer
	case *plan.SetOp:
		return n.Distinct || n.SetOpType != plan.UnionType
	}
	return false
}
