package semantics

import (
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// choices are the functions that Typed is for.
func choices() []sql.Function {
	return []sql.Function{
		sql.Function3{Name: "if", Fn: func(ctx *sql.Context, cond, then, other sql.Expression) sql.Expression {
			return typed(ctx, function.NewIf(ctx, cond, then, other), then, other)
		}},
		sql.Function2{Name: "ifnull", Fn: func(ctx *sql.Context, l, r sql.Expression) sql.Expression {
			return typed(ctx, function.NewIfNull(ctx, l, r), l, r)
		}},
		sql.FunctionN{Name: "coalesce", Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
			if t := commonDecimal(ctx, args); t != nil {
				return newTyped(newFirst(args), t), nil
			}
			return function.NewCoalesce(ctx, args...)
		}},
		// The parser's CASE comes wrapped into this call (see Rewrite).
		sql.Function1{Name: caseName, Fn: func(ctx *sql.Context, e sql.Expression) sql.Expression {
			c, ok := e.(*expression.Case)
			if !ok {
				return e
			}
			if c, ok = textCase(ctx, c); ok {
				return c
			}
			values := []sql.Expression{c.Else}
			for _, b := range c.Branches {
				values = append(values, b.Value)
			}
			return typed(ctx, c, values...)
		}},
		sql.Function2{Name: castName, Fn: newDecimalCast},
		extreme("greatest", 1, function.NewGreatest),
		extreme("least", -1, function.NewLeast),
	}
}

type constructor = func(*sql.Context, ...sql.Expression) (sql.Expression, error)

// extreme is GREATEST or LEAST. Of integers, and of exact numbers with a DECIMAL
// among them, go-mysql-server makes DOUBLEs; a DOUBLE beside an integer it compares
// as one; and times get six digits after the second.
func extreme(name string, sign int, other constructor) sql.Function {
	return sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		for i, a := range args {
			args[i], _ = newTextOfJSON(ctx, a, asText) // before the type is made of theirs
		}
		e, err := other(ctx, args...)
		if err != nil {
			return nil, err
		}
		if t := timeType(ctx, args...); t != nil { // no instants: see localArguments
			after := func(a, b time.Time) bool { return a.Compare(b)*sign > 0 }
			return newStrict(name, t, best(toTime, after), args), nil
		}
		if t := commonInteger(ctx, args); t != nil {
			greater := func(a, b *apd.Decimal) bool { return a.Cmp(b)*sign > 0 }
			return newStrict(name, t, inType(best(toDecimal, greater), t), args), nil
		}
		if t, ok := typed(ctx, e, args...).(*Typed); ok {
			greater := func(a, b *apd.Decimal) bool { return a.Cmp(b)*sign > 0 }
			return newTyped(newStrict(name, t.typ, best(toDecimal, greater), args), t.typ), nil
		}
		if withDouble(ctx, args) {
			greater := func(a, b float64) bool { return sign > 0 && a > b || sign < 0 && a < b }
			return newStrict(name, floatType, best(toFloat64, greater), args), nil
		}
		return e, nil
	}}
}

// best evaluates to the argument that no other one is greater than.
func best[T any](convert func(*sql.Context, any) (T, error), greater func(a, b T) bool) func(*sql.Context, []any) (any, error) {
	return func(ctx *sql.Context, values []any) (any, error) {
		var found T
		for i, v := range values {
			x, err := convert(ctx, v)
			if err != nil {
				return nil, err
			}
			if i == 0 || greater(x, found) {
				found = x
			}
		}
		return found, nil
	}
}

// withDouble says that all arguments are numbers, and one of them a DOUBLE.
func withDouble(ctx *sql.Context, args []sql.Expression) bool {
	double := false
	for _, a := range args {
		switch kindOf(a.Type(ctx)) {
		case compareFloat:
			double = true
		case compareExact:
		default:
			return false
		}
	}
	return double
}

// first is COALESCE: its first value that is not NULL, as it is.
// go-mysql-server's rounds it to the type of the last argument.
type first struct{ expression.NaryExpression }

var (
	_ sql.FunctionExpression = (*first)(nil)
	_ sql.CollationCoercible = (*first)(nil)
)

func newFirst(args []sql.Expression) *first {
	return &first{expression.NaryExpression{ChildExpressions: args}}
}

// FunctionName implements sql.FunctionExpression.
func (*first) FunctionName() string { return "coalesce" }

// Description implements sql.FunctionExpression.
func (*first) Description() string { return "returns the first value that is not NULL." }

// Type implements sql.Expression: that of the first argument, since who makes a
// first knows the common one.
func (f *first) Type(ctx *sql.Context) sql.Type { return f.ChildExpressions[0].Type(ctx) }

// IsNullable implements sql.Expression.
func (f *first) IsNullable(ctx *sql.Context) bool {
	for _, e := range f.ChildExpressions {
		if !e.IsNullable(ctx) {
			return false
		}
	}
	return true
}

// CollationCoercibility implements sql.CollationCoercible.
func (*first) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (f *first) String() string {
	args := make([]string, len(f.ChildExpressions))
	for i, e := range f.ChildExpressions {
		args[i] = e.String()
	}
	return "coalesce(" + strings.Join(args, ",") + ")"
}

// Eval implements sql.Expression.
func (f *first) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	for _, e := range f.ChildExpressions {
		if v, err := evalExact(ctx, e, row); err != nil || v != nil {
			return v, err
		}
	}
	return nil, nil
}

// WithChildren implements sql.Expression.
func (f *first) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != len(f.ChildExpressions) {
		return nil, sql.ErrInvalidChildrenNumber.New(f, len(children), len(f.ChildExpressions))
	}
	return newFirst(children), nil
}

// commonInteger is the type of the extreme of integers: BIGINT or BIGINT UNSIGNED,
// and DECIMAL(20,0) where there are both (Item::aggregate_type); nil: not all are
// integers.
func commonInteger(ctx *sql.Context, args []sql.Expression) sql.Type {
	var signed, unsigned bool
	for _, a := range args {
		if a.Type(ctx) == types.Null {
			continue
		}
		switch n := numericOf(ctx, a); {
		case kindOf(a.Type(ctx)) != compareExact || n.deferred != nil:
			return nil
		case n.class == classInt:
			signed = true
		case n.class == classUint:
			unsigned = true
		default:
			return nil
		}
	}
	switch {
	case signed && unsigned:
		return decimalType(20, 0)
	case signed:
		return types.Int64
	case unsigned:
		return types.Uint64
	}
	return nil
}

// inType converts what eval returns to t.
func inType(eval func(*sql.Context, []any) (any, error), t sql.Type) func(*sql.Context, []any) (any, error) {
	return func(ctx *sql.Context, values []any) (any, error) {
		v, err := eval(ctx, values)
		if err != nil || v == nil {
			return nil, err
		}
		v, _, err = t.Convert(ctx, v)
		return v, err
	}
}

// toTime is a time of any type.
func toTime(ctx *sql.Context, v any) (time.Time, error) {
	if t, ok := v.(time.Time); ok {
		return t, nil
	}
	converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, v)
	if err != nil {
		return time.Time{}, err
	}
	t, _ := converted.(time.Time)
	return t, nil
}
