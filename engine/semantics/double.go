package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Double is an exact number as DOUBLE: what MySQL makes of a DECIMAL that it
// compares with a DOUBLE or with text.
type Double struct{ expression.UnaryExpressionStub }

var _ sql.CollationCoercible = (*Double)(nil)

// newDouble converts e. A constant becomes a constant, so that a planner sees a
// DOUBLE where one stands.
func newDouble(ctx *sql.Context, e sql.Expression) sql.Expression {
	if lit, ok := e.(*expression.Literal); ok {
		if f, ok := exactToFloat(lit.Value()); ok {
			return expression.NewLiteral(f, types.Float64)
		}
	}
	return &Double{expression.UnaryExpressionStub{Child: e}}
}

// Type implements sql.Expression.
func (*Double) Type(*sql.Context) sql.Type { return types.Float64 }

// IsNullable implements sql.Expression.
func (d *Double) IsNullable(ctx *sql.Context) bool { return d.Child.IsNullable(ctx) }

// Eval implements sql.Expression.
func (d *Double) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, d.Child, row)
	if err != nil || v == nil {
		return nil, err
	}
	return toFloat64(ctx, v)
}

// String implements sql.Expression.
func (d *Double) String() string { return d.Child.String() }

// CollationCoercibility implements sql.CollationCoercible.
func (*Double) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (d *Double) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(d, len(children), 1)
	}
	return &Double{expression.UnaryExpressionStub{Child: children[0]}}, nil
}

// compareDoubles is a rule that applies CompareDoubles everywhere. It runs first,
// so that planners see DOUBLEs, and again in the end: semi-joins are made of IN
// (SELECT …) in between.
func compareDoubles(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, CompareDoubles)
}

// CompareDoubles makes DOUBLEs of the DECIMALs that e compares with a DOUBLE or
// with text (manual, "Type Conversion in Expression Evaluation");
// go-mysql-server compares all of them as DECIMAL, which has neither a DOUBLE's
// range nor its digits. It is a transform.ExprFunc, and does nothing the second
// time.
func CompareDoubles(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case *expression.Equals, *expression.NullSafeEquals, *expression.LessThan, *expression.LessThanOrEqual,
		*expression.GreaterThan, *expression.GreaterThanOrEqual:
		return comparedChildren(ctx, e)
	case *expression.Between:
		// All three are compared in one way.
		return comparedChildren(ctx, e)
	case *expression.InTuple:
		return inDoubles(ctx, e, e.Left(), e.Right())
	case *expression.HashInTuple:
		return inDoubles(ctx, e, e.Left(), e.Right())
	case *plan.InSubquery:
		if q, ok := e.RightChild.(*plan.Subquery); ok && mixed(ctx, e.LeftChild, q) && types.IsDecimal(e.LeftChild.Type(ctx)) {
			return plan.NewInSubquery(ctx, newDouble(ctx, e.LeftChild), q), transform.NewTree, nil
		}
	case *expression.Case:
		return caseOfDoubles(ctx, e)
	case *function.NullIf:
		return nullIfDoubles(ctx, e)
	case *plan.Subquery:
		query, same, err := transform.NodeExprsWithOpaque(ctx, e.Query, CompareDoubles)
		if err != nil || same {
			return e, transform.SameTree, err
		}
		return e.WithQuery(query), transform.NewTree, nil
	}
	return e, transform.SameTree, nil
}

// mixed says whether one of two operands is a DECIMAL that is compared as DOUBLE.
func mixed(ctx *sql.Context, l, r sql.Expression) bool {
	return (types.IsDecimal(l.Type(ctx)) || types.IsDecimal(r.Type(ctx))) && comparandOf(ctx, l, r).kind == compareFloat
}

func comparedChildren(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	children, changed := alike(ctx, e.Children()...)
	if !changed {
		return e, transform.SameTree, nil
	}
	out, err := e.WithChildren(ctx, children...)
	return out, transform.NewTree, err
}

// alike makes DOUBLEs of the DECIMALs among operands that are compared with one
// another, within rows of several columns column by column.
func alike(ctx *sql.Context, operands ...sql.Expression) (out []sql.Expression, changed bool) {
	if rows, ok := tuples(operands); ok {
		return alikeRows(ctx, rows)
	}
	out = append(out, operands...)
	convert := false
	for i, l := range operands {
		for _, r := range operands[i+1:] {
			convert = convert || mixed(ctx, l, r)
		}
	}
	if !convert {
		return operands, false
	}
	for i, e := range operands {
		if types.IsDecimal(e.Type(ctx)) {
			out[i] = newDouble(ctx, e)
		}
	}
	return out, true
}

// tuples returns the operands as rows of as many columns each.
func tuples(operands []sql.Expression) (rows []expression.Tuple, ok bool) {
	for _, e := range operands {
		t, ok := e.(expression.Tuple)
		if !ok || len(rows) > 0 && len(t) != len(rows[0]) {
			return nil, false
		}
		rows = append(rows, t)
	}
	return rows, len(rows) > 0
}

func alikeRows(ctx *sql.Context, rows []expression.Tuple) (out []sql.Expression, changed bool) {
	made := make([]expression.Tuple, len(rows))
	for column := range rows[0] {
		var values []sql.Expression
		for _, r := range rows {
			values = append(values, r[column])
		}
		values, c := alike(ctx, values...)
		changed = changed || c
		for i := range made {
			made[i] = append(made[i], values[i])
		}
	}
	for _, t := range made {
		out = append(out, t)
	}
	return out, changed
}

// inDoubles compares each element of a list by its own type. Where the left side
// must be a DOUBLE for some elements only, those become comparisons of their own.
func inDoubles(ctx *sql.Context, in, left, right sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	list, ok := right.(expression.Tuple)
	if !ok {
		return in, transform.SameTree, nil
	}
	var stay, own []sql.Expression
	changed := false
	for _, e := range list {
		pair, c := alike(ctx, left, e)
		changed = changed || c
		if types.TypesEqual(pair[0].Type(ctx), left.Type(ctx)) {
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
	return expression.JoinOr(own...), transform.NewTree, nil
}

// caseOfDoubles writes CASE x WHEN y as CASE WHEN x = y, which is compared as all
// equations are.
func caseOfDoubles(ctx *sql.Context, c *expression.Case) (sql.Expression, transform.TreeIdentity, error) {
	if c.Expr == nil {
		return c, transform.SameTree, nil
	}
	changed := false
	branches := make([]expression.CaseBranch, len(c.Branches))
	for i, b := range c.Branches {
		pair, converted := alike(ctx, c.Expr, b.Cond)
		changed = changed || converted
		branches[i] = expression.CaseBranch{Cond: expression.NewEquals(pair[0], pair[1]), Value: b.Value}
	}
	if !changed {
		return c, transform.SameTree, nil
	}
	return expression.NewCase(nil, branches, c.Else), transform.NewTree, nil
}

// nullIfDoubles keeps the first argument as it is, since NULLIF returns it.
func nullIfDoubles(ctx *sql.Context, n *function.NullIf) (sql.Expression, transform.TreeIdentity, error) {
	pair, changed := alike(ctx, n.LeftChild, n.RightChild)
	switch {
	case !changed:
		return n, transform.SameTree, nil
	case !types.IsDecimal(n.LeftChild.Type(ctx)):
		return function.NewNullIf(ctx, n.LeftChild, pair[1]), transform.NewTree, nil
	}
	null := expression.NewLiteral(nil, types.Null)
	equal := []expression.CaseBranch{{Cond: expression.NewEquals(pair[0], pair[1]), Value: null}}
	return typed(ctx, expression.NewCase(nil, equal, n.LeftChild), n.LeftChild), transform.NewTree, nil
}
