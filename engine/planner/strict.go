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
// fewer rows than it reads: then the gateway reads what the user does not get. A
// LookupJoin is no such operator: it reads the side that drives it because the
// user asked for it, under whatever conditions there are, and looks the other up.
func checkStrict(ctx *sql.Context, n sql.Node) error {
	return underReducers(ctx, n, nil, reducesAll, func(r *Remote, reducer sql.Node) error {
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
// than it reads, which reduces says: reducer where there is none below n.
func underReducers(ctx *sql.Context, n, reducer sql.Node, reduces func(sql.Node) bool, f func(r *Remote, reducer sql.Node) error) error {
	if r, ok := n.(*Remote); ok {
		return f(r, reducer)
	}
	if reduces(n) {
		reducer = n
	}
	children, queries := parts(ctx, n)
	for _, c := range children {
		if err := underReducers(ctx, c, reducer, reduces, f); err != nil {
			return err
		}
	}
	for _, q := range queries {
		if err := underReducers(ctx, q.Query, reducer, reduces, f); err != nil {
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

// reducesAll reports whether n usually gives fewer rows than it reads, although a
// store might have done its work. Computing a select list, or sorting what is asked
// for anyway, is none of that.
func reducesAll(n sql.Node) bool {
	switch n := n.(type) {
	case *plan.Filter, *plan.Having, *plan.GroupBy, *plan.Distinct, *plan.OrderedDistinct, *plan.TopN,
		*plan.Limit, *plan.Offset, *plan.JoinNode, *plan.Max1Row:
		return true
	case *plan.SetOp:
		return n.Distinct || n.SetOpType != plan.UnionType || n.Limit != nil || n.Offset != nil
	}
	return false
}

// reducesSome is reducesAll or a join that gives only rows with a partner.
func reducesSome(n sql.Node) bool {
	j, ok := n.(*LookupJoin)
	return reducesAll(n) || ok && !j.kind.outer
}
