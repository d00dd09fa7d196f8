package planner

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// fold computes an expression that reads no row: its value is the same for
// every row, so that a store gets a constant. ok is false where the value may
// differ, or where computing it fails: then it is left to the rows, of which
// there may be none.
func (l *lowering) fold(e sql.Expression) (_ *tables.Lit, ok bool) {
	if !foldable(e) {
		return nil, false
	}
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok || t.Kind == tables.KindDecimal && divides(e) {
		return nil, false // a constant has no more digits than its type: see operand
	}
	x, err := e.Eval(l.ctx, nil)
	if err != nil {
		return nil, false
	}
	v, err := eval.FromSQL(l.ctx, x, t)
	if err != nil {
		return nil, false
	}
	return &tables.Lit{Value: v}, true
}

// foldable reports whether e has one value for the whole statement: neither
// columns nor subqueries, and nothing that changes with each call. A user
// variable has, since no statement that reads one as a value sets it too.
func foldable(e sql.Expression) bool {
	switch e := e.(type) {
	case *expression.GetField, *plan.Subquery, *plan.InSubquery, *plan.ExistsSubquery, *expression.BindVar,
		*expression.Star, *expression.ProcedureParam, sql.Aggregation, sql.WindowAdaptableExpression, *expression.Interval:
		return false
	case *semantics.Volatile:
		_, variable := e.Call.(*expression.UserVar)
		return variable
	case sql.NonDeterministicExpression:
		if e.IsNonDeterministic() {
			return false
		}
	}
	if f, ok := e.(sql.FunctionExpression); ok && slices.Contains(acts, strings.ToLower(f.FunctionName())) {
		return false
	}
	for _, c := range e.Children() {
		if i, ok := c.(*expression.Interval); ok {
			c = i.Child
		}
		if c != nil && !foldable(c) {
			return false
		}
	}
	return true
}

func divides(e sql.Expression) bool {
	if a, ok := e.(*semantics.Arithmetic); ok && a.Op == semantics.Divide {
		return true
	}
	return slices.ContainsFunc(e.Children(), divides)
}

// acts are the functions that do something, or say what was done.
var acts = []string{
	"get_lock", "release_lock", "release_all_locks", "is_free_lock", "is_used_lock", "sleep", "rand", "uuid", "uuid_short",
	"random_bytes", "load_file", "last_insert_id", "last_insert_uuid", "found_rows", "row_count", "sysdate",
}

func allConstant(es []tables.Expr) bool {
	for _, e := range es {
		if _, constant := e.(*tables.Lit); !constant {
			return false
		}
	}
	return true
}
