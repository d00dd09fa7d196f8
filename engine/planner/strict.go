package planner

import (
	"fmt"

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

// reducesRows reports whether n usually gives fewer rows than it reads: when
// such an operator stays, the gateway reads what the user does not get.
func reducesRows(n sql.Node) bool {
	switch n.(type) {
	case *plan.Filter, *plan.Having, *plan.GroupBy, *plan.Distinct, *plan.TopN, *plan.Limit, *plan.Offset:
		return true
	}
	return false
}

// strict is the error for an operator that stays over g, or nil when g reads
// only part of its table.
func (g *growing) strict(operator string, reason error) error {
	q := g.query
	if g.open != nil {
		q = g.open.before.query
	}
	if len(q.Where) > 0 || q.Grouped || q.Distinct || q.Limit != nil {
		return nil
	}
	return &NotPushed{Store: g.store, Table: g.snapshot.Name(), Operator: operator, Reason: reason}
}
