package semantics

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// compared are operands that are compared with one another, within rows of several
// columns column by column. Instants among constants are compared as instants,
// else all as the wall clock's times.
//
// MySQL compares a TIMESTAMP with a constant as instants where it has an index,
// and as the wall clock's times where it has none (manual, "Indexed Lookups from
// TIMESTAMP Columns"). The answers differ only for times that the clock shows
// twice. Here it is always by instant, which a store can look up.
func (z localizing) compared(ctx *sql.Context, operands []sql.Expression) (out []sql.Expression, changed bool, err error) {
	if rows, ok := tuples(operands); ok {
		return z.comparedRows(ctx, rows)
	}
	instants := false
	for _, e := range operands {
		instants = instants || isInstant(ctx, e)
	}
	if !instants {
		return operands, false, nil
	}
	out = append(out, operands...)
	for i, e := range operands {
		if isInstant(ctx, e) || e.Type(ctx) == types.Null {
			continue
		}
		constant, ok, err := z.constant(ctx, e)
		if err != nil {
			return nil, false, err
		}
		if !ok {
			return z.comparedLocally(ctx, operands), true, nil
		}
		out[i], changed = constant, true
	}
	return out, changed, nil
}

func (z localizing) comparedLocally(ctx *sql.Context, operands []sql.Expression) []sql.Expression {
	out := append([]sql.Expression{}, operands...)
	for i, e := range operands {
		if isInstant(ctx, e) {
			out[i] = z.local(ctx, e)
		}
	}
	return out
}

func (z localizing) comparedRows(ctx *sql.Context, rows []expression.Tuple) (out []sql.Expression, changed bool, err error) {
	return columnwise(rows, func(values []sql.Expression) ([]sql.Expression, bool, error) { return z.compared(ctx, values) })
}

// constant is e as the instant that the session's wall clock means by it. It isn't
// ok where e is no constant text, DATETIME or DATE, or a time that the clock never
// shows, which is equal to no instant. The error is *WrongValue.
func (z localizing) constant(ctx *sql.Context, e sql.Expression) (_ sql.Expression, ok bool, err error) {
	kind := kindOf(e.Type(ctx))
	if kind != compareText && kind != compareTime || !isConstant(ctx, e) {
		return nil, false, nil
	}
	v, err := e.Eval(ctx, nil)
	if err != nil {
		return nil, false, nil // and fails again when it is evaluated
	}
	if v, err = sql.UnwrapAny(ctx, v); err != nil {
		return nil, false, err
	}
	var us int64
	switch v := v.(type) {
	case nil:
		return expression.NewLiteral(nil, types.Null), true, nil
	case time.Time:
		if v.Equal(types.ZeroTime) {
			return timeConstant(v, e), true, nil
		}
		us = v.UnixMicro()
	case string:
		if at, has, err := readOffset(ctx, v); has && err == nil {
			return timeConstant(time.UnixMicro(at).UTC(), e), true, nil
		}
		read, ok := readableTime(ctx, v)
		if !ok {
			return nil, false, &WrongValue{Type: "TIMESTAMP", Value: v}
		}
		converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, read)
		t, ok := converted.(time.Time)
		if err != nil && !truncated(ctx, err) || !ok {
			return nil, false, &WrongValue{Type: "TIMESTAMP", Value: v}
		}
		if t.Equal(types.ZeroTime) {
			return timeConstant(t, e), true, nil
		}
		us = t.UnixMicro()
	default:
		return nil, false, nil
	}
	instant, shown := z.zone.instant(us)
	if !shown {
		return nil, false, nil
	}
	return timeConstant(time.UnixMicro(instant).UTC(), e), true, nil
}

// timeConstant is an instant in place of e, with e's text.
func timeConstant(t time.Time, e sql.Expression) sql.Expression {
	digits := 0
	switch us := t.Nanosecond() / 1000; {
	case us%1000 != 0:
		digits = 6
	case us != 0:
		digits = 3
	}
	return newNamed(expression.NewLiteral(t, types.MustCreateDatetimeType(sqltypes.Timestamp, digits)), e.String())
}

// isConstant says that e has one value in the whole statement, which is known
// before it runs.
func isConstant(ctx *sql.Context, e sql.Expression) bool {
	constant := true
	transform.InspectExpr(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
		switch e.(type) {
		case *expression.GetField, *plan.Subquery, *expression.BindVar, *expression.UserVar, *expression.ProcedureParam, *Volatile:
			constant = false
		}
		return !constant
	})
	return constant
}

// in compares the left side with each element in its own way. Where the left side
// must be converted for some elements only, those become comparisons of their own.
func (z localizing) in(ctx *sql.Context, in, left, right sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	list, ok := right.(expression.Tuple)
	if !ok {
		return in, transform.SameTree, nil
	}
	var stay, own []sql.Expression
	changed := false
	for _, e := range list {
		pair, c, err := z.compared(ctx, []sql.Expression{left, e})
		if err != nil {
			return nil, transform.SameTree, err
		}
		changed = changed || c
		if !c || types.TypesEqual(pair[0].Type(ctx), left.Type(ctx)) {
			stay = append(stay, pair[1])
		} else {
			own = append(own, expression.NewEquals(pair[0], pair[1]))
		}
	}
	if !changed {
		return in, transform.SameTree, nil
	}
	if len(stay) > 0 {
		own = append([]sql.Expression{expression.NewInTuple(left, expression.NewTuple(stay...))}, own...)
	}
	return named(expression.JoinOr(own...), in), transform.NewTree, nil
}

// caseOf compares the CASE's value with those of its branches in one way.
func (z localizing) caseOf(ctx *sql.Context, c *expression.Case) (sql.Expression, transform.TreeIdentity, error) {
	same := transform.SameTree
	if c.Expr != nil {
		operands := []sql.Expression{c.Expr}
		for _, b := range c.Branches {
			operands = append(operands, b.Cond)
		}
		operands, changed, err := z.compared(ctx, operands)
		if err != nil {
			return nil, transform.SameTree, err
		}
		if changed {
			branches := make([]expression.CaseBranch, len(c.Branches))
			for i, b := range c.Branches {
				branches[i] = expression.CaseBranch{Cond: operands[1+i], Value: b.Value}
			}
			c, same = expression.NewCase(operands[0], branches, c.Else), transform.NewTree
		}
	}
	return c, same, nil
}

// nullIf keeps the first argument as it is, since NULLIF returns it.
func (z localizing) nullIf(ctx *sql.Context, n *function.NullIf) (sql.Expression, transform.TreeIdentity, error) {
	pair, changed, err := z.compared(ctx, []sql.Expression{n.LeftChild, n.RightChild})
	switch {
	case err != nil || !changed:
		return n, transform.SameTree, err
	case types.TypesEqual(pair[0].Type(ctx), n.LeftChild.Type(ctx)):
		return function.NewNullIf(ctx, n.LeftChild, pair[1]), transform.NewTree, nil
	}
	null := expression.NewLiteral(nil, types.Null)
	equal := []expression.CaseBranch{{Cond: expression.NewEquals(pair[0], pair[1]), Value: null}}
	return named(expression.NewCase(nil, equal, n.LeftChild), n), transform.NewTree, nil
}

// inQuery compares the left side with a query's columns, each in one way.
func (z localizing) inQuery(ctx *sql.Context, in *plan.InSubquery) (sql.Expression, transform.TreeIdentity, error) {
	query, ok := in.RightChild.(*plan.Subquery)
	if !ok {
		return in, transform.SameTree, nil
	}
	lefts := []sql.Expression{in.LeftChild}
	if t, ok := in.LeftChild.(expression.Tuple); ok {
		lefts = append([]sql.Expression{}, t...)
	}
	columns := query.Query.Schema(ctx)
	if len(columns) != len(lefts) {
		return in, transform.SameTree, nil // the validation refuses it
	}
	changed := false
	var queried []int // columns that become the wall clock's times
	for i, l := range lefts {
		column := types.IsTimestampType(columns[i].Type)
		switch {
		case column == isInstant(ctx, l) || columns[i].Type == types.Null || l.Type(ctx) == types.Null:
		case !column:
			lefts[i], changed = z.local(ctx, l), true
		default:
			constant, ok, err := z.constant(ctx, l)
			if err != nil {
				return nil, transform.SameTree, err
			}
			if changed = true; ok {
				lefts[i] = constant
			} else {
				queried = append(queried, i)
			}
		}
	}
	if !changed {
		return in, transform.SameTree, nil
	}
	if len(queried) > 0 {
		local, err := z.localColumns(ctx, query.Query, queried)
		if err != nil {
			return nil, transform.SameTree, err
		}
		query = query.WithQuery(local)
	}
	left := lefts[0]
	if _, ok := in.LeftChild.(expression.Tuple); ok {
		left = expression.NewTuple(lefts...)
	}
	return plan.NewInSubquery(ctx, left, query), transform.NewTree, nil
}
