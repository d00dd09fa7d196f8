package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/vt/proto/query"
)

// compareAlike is a rule that applies CompareAlike everywhere. It runs first, so
// that planners see what is compared, and again in the end: semi-joins are made of
// IN (SELECT …) in between.
func compareAlike(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, CompareAlike)
}

// CompareAlike converts what e compares where go-mysql-server would not do it as
// MySQL does (manual, "Type Conversion in Expression Evaluation"). It is a
// transform.ExprFunc, and does nothing the second time.
//
// A DECIMAL that is compared with a DOUBLE or with text becomes a DOUBLE;
// go-mysql-server compares all of them as DECIMAL, which has neither a DOUBLE's
// range nor its digits. DECIMALs of different scales get the largest of them;
// go-mysql-server rounds the right side to the left one's. A text that is compared
// with a date or a time becomes one.
func CompareAlike(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case *expression.NullSafeEquals:
		if of, ok := e.RightChild.(*expression.GetField); ok && ofAnotherTable(e.LeftChild, of) {
			return expression.NewNullSafeEquals(e.LeftChild, newNamed(of, of.String())), transform.NewTree, nil
		}
		return comparedChildren(ctx, e)
	case *expression.Equals, *expression.LessThan, *expression.LessThanOrEqual,
		*expression.GreaterThan, *expression.GreaterThanOrEqual:
		return comparedChildren(ctx, e)
	case *expression.Between:
		// All three are compared in one way.
		return comparedChildren(ctx, e)
	case *expression.InTuple:
		return inAlike(ctx, e, e.Left(), e.Right())
	case *expression.HashInTuple:
		return inAlike(ctx, e, e.Left(), e.Right())
	case *plan.InSubquery:
		if q, ok := e.RightChild.(*plan.Subquery); ok && mixed(ctx, e.LeftChild, q) && types.IsDecimal(e.LeftChild.Type(ctx)) {
			return plan.NewInSubquery(ctx, newDouble(e.LeftChild), q), transform.NewTree, nil
		}
	case *expression.Case:
		return caseAlike(ctx, e)
	case *function.NullIf:
		return nullIfAlike(ctx, e)
	case *plan.Subquery:
		return insideQuery(ctx, e, CompareAlike)
	}
	return e, transform.SameTree, nil
}

// ofAnotherTable says that a column is compared with one of another table. From
// two <=> of that kind with a third column go-mysql-server concludes that the two
// are =, and loses NULLs.
func ofAnotherTable(e sql.Expression, column *expression.GetField) bool {
	f, ok := e.(*expression.GetField)
	return ok && f.Table() != column.Table()
}

// mixed says whether one of two operands is a DECIMAL that is compared as DOUBLE.
func mixed(ctx *sql.Context, l, r sql.Expression) bool {
	return (types.IsDecimal(l.Type(ctx)) || types.IsDecimal(r.Type(ctx))) && comparandOf(ctx, l, r).kind == compareFloat
}

func comparedChildren(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	children, changed, err := alike(ctx, e.Children()...)
	if err != nil || !changed {
		return e, transform.SameTree, err
	}
	out, err := e.WithChildren(ctx, children...)
	return out, transform.NewTree, err
}

// alike converts operands that are compared with one another, within rows of
// several columns column by column.
func alike(ctx *sql.Context, operands ...sql.Expression) (out []sql.Expression, changed bool, err error) {
	if rows, ok := tuples(operands); ok {
		return alikeRows(ctx, rows)
	}
	var instant sql.Type // of one of the operands
	double, scale, scales := false, 0, make(map[int]bool)
	for i, l := range operands {
		t := l.Type(ctx)
		if instant == nil && kindOf(t) == compareTime {
			instant = t
		}
		if types.IsDecimal(t) {
			n := numericOf(ctx, l).scale
			scale, scales[n] = max(scale, n), true
		}
		for _, r := range operands[i+1:] {
			double = double || mixed(ctx, l, r)
		}
	}
	out = append(out, operands...)
	if signs(ctx, operands) {
		for i, e := range operands {
			out[i] = wholeNumber(e)
		}
		return out, true, nil
	}
	apart := textWithNumber(ctx, operands)
	for i, e := range operands {
		switch t := e.Type(ctx); {
		case apart && types.IsText(t):
			out[i], changed = newDouble(e), true
		case double && types.IsDecimal(t):
			out[i], changed = newDouble(e), true
		case len(scales) > 1 && types.IsDecimal(t):
			out[i], changed = newWidened(e, decimalType(types.DecimalTypeMaxPrecision, scale)), true
		case instant != nil && kindOf(t) == compareText:
			converted := false
			if out[i], converted, err = textAsTime(ctx, e, instant); err != nil {
				return operands, false, err
			}
			changed = changed || converted
		}
	}
	return out, changed, nil
}

// textWithNumber says that a column of text is compared with one of numbers. As
// columns go-mysql-server would conclude from a = b and a = c that b = c, although
// two texts are compared in another way than each is with a number.
func textWithNumber(ctx *sql.Context, operands []sql.Expression) bool {
	text, number := false, false
	for _, e := range operands {
		if _, ok := e.(*expression.GetField); !ok {
			return false
		}
		switch kindOf(e.Type(ctx)) {
		case compareText:
			text = true
		case compareExact, compareFloat:
			number = true
		}
	}
	return text && number
}

// signs says that BIGINT UNSIGNED is compared with signed integers, which
// go-mysql-server does as DOUBLE.
func signs(ctx *sql.Context, operands []sql.Expression) bool {
	signed, unsigned := false, false
	for _, e := range operands {
		switch t := e.Type(ctx); {
		case t.Type() == query.Type_UINT64:
			unsigned = true
		case types.IsSigned(t):
			signed = true
		case types.IsUnsigned(t): // a constant
		default:
			return false
		}
	}
	return signed && unsigned
}

// wholeNumber is an integer as one that holds all of BIGINT and BIGINT UNSIGNED.
func wholeNumber(e sql.Expression) sql.Expression { return newWidened(e, decimalType(20, 0)) }

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

func alikeRows(ctx *sql.Context, rows []expression.Tuple) (out []sql.Expression, changed bool, err error) {
	return columnwise(rows, func(values []sql.Expression) ([]sql.Expression, bool, error) { return alike(ctx, values...) })
}

// columnwise converts rows of several columns, which are compared with each other,
// column by column.
func columnwise(rows []expression.Tuple, convert func([]sql.Expression) ([]sql.Expression, bool, error)) (out []sql.Expression, changed bool, err error) {
	made := make([]expression.Tuple, len(rows))
	for column := range rows[0] {
		values := make([]sql.Expression, len(rows))
		for i, r := range rows {
			values[i] = r[column]
		}
		values, c, err := convert(values)
		if err != nil {
			return nil, false, err
		}
		changed = changed || c
		for i := range made {
			made[i] = append(made[i], values[i])
		}
	}
	for _, t := range made {
		out = append(out, t)
	}
	return out, changed, nil
}

// inAlike compares each element of a list by its own type. Where the left side
// must be converted for some elements only, those become comparisons of their own.
func inAlike(ctx *sql.Context, in, left, right sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	list, ok := right.(expression.Tuple)
	if !ok {
		return in, transform.SameTree, nil
	}
	if row, ok := left.(expression.Tuple); ok {
		return inRowList(ctx, in, row, list)
	}
	var stay, own []sql.Expression
	changed := false
	for _, e := range list {
		if literal(e) && comparandOf(ctx, left, e).kind == compareExact {
			stay = append(stay, e) // In compares exact numbers by value
			continue
		}
		pair, c, err := alike(ctx, left, e)
		if err != nil {
			return nil, transform.SameTree, err
		}
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
	return named(expression.JoinOr(own...), in), transform.NewTree, nil
}

// inRowList writes (a, b) IN ((x, y), …) as (a = x AND b = y) OR …, which is what
// it means. go-mysql-server does not see that a row with a NULL may be equal.
func inRowList(ctx *sql.Context, in sql.Expression, row, list expression.Tuple) (sql.Expression, transform.TreeIdentity, error) {
	var equal []sql.Expression
	for _, e := range list {
		other, ok := e.(expression.Tuple)
		if !ok || len(other) != len(row) {
			return in, transform.SameTree, nil
		}
		var columns []sql.Expression
		for i := range row {
			pair, _, err := alike(ctx, row[i], other[i])
			if err != nil {
				return nil, transform.SameTree, err
			}
			columns = append(columns, expression.NewEquals(pair[0], pair[1]))
		}
		equal = append(equal, expression.JoinAnd(columns...))
	}
	return named(expression.JoinOr(equal...), in), transform.NewTree, nil
}

// caseAlike writes CASE x WHEN y as CASE WHEN x = y, which is compared as all
// equations are.
func caseAlike(ctx *sql.Context, c *expression.Case) (sql.Expression, transform.TreeIdentity, error) {
	if c.Expr == nil {
		return c, transform.SameTree, nil
	}
	changed := false
	branches := make([]expression.CaseBranch, len(c.Branches))
	for i, b := range c.Branches {
		pair, converted, err := alike(ctx, c.Expr, b.Cond)
		if err != nil {
			return nil, transform.SameTree, err
		}
		changed = changed || converted
		branches[i] = expression.CaseBranch{Cond: expression.NewEquals(pair[0], pair[1]), Value: b.Value}
	}
	if !changed {
		return c, transform.SameTree, nil
	}
	return named(expression.NewCase(nil, branches, c.Else), c), transform.NewTree, nil
}

// nullIfAlike keeps the first argument as it is, since NULLIF returns it.
func nullIfAlike(ctx *sql.Context, n *function.NullIf) (sql.Expression, transform.TreeIdentity, error) {
	pair, changed, err := alike(ctx, n.LeftChild, n.RightChild)
	switch {
	case err != nil || !changed:
		return n, transform.SameTree, err
	case types.TypesEqual(pair[0].Type(ctx), n.LeftChild.Type(ctx)):
		return function.NewNullIf(ctx, n.LeftChild, pair[1]), transform.NewTree, nil
	}
	null := expression.NewLiteral(nil, types.Null)
	equal := []expression.CaseBranch{{Cond: expression.NewEquals(pair[0], pair[1]), Value: null}}
	return named(typed(ctx, expression.NewCase(nil, equal, n.LeftChild), n.LeftChild), n), transform.NewTree, nil
}
