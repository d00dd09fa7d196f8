package semantics

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Typed gives an expression that chooses among numbers (CASE, IF, IFNULL,
// COALESCE) the DECIMAL type that all of them fit: IF(a, 1, 2.50) is 1.00 or
// 2.50. go-mysql-server types them DECIMAL(65,30) and shows each value with the
// digits that it happens to have.
type Typed struct {
	expression.UnaryExpressionStub
	typ   sql.Type
	scale int32
}

var _ sql.CollationCoercible = (*Typed)(nil)

// typed wraps e where the values that it chooses among are exact numbers and
// at least one is a DECIMAL; all other expressions stay as they are.
func typed(ctx *sql.Context, e sql.Expression, values ...sql.Expression) sql.Expression {
	whole, scale, decimal := 0, 0, false
	for _, v := range values {
		if v == nil || v.Type(ctx) == types.Null {
			continue
		}
		n := numericOf(ctx, v)
		if n.deferred != nil || n.imprecise || n.class == classFloat || kindOf(v.Type(ctx)) != compareExact {
			return e
		}
		whole, scale = max(whole, n.precision-n.scale), max(scale, n.scale)
		decimal = decimal || n.class == classDecimal
	}
	if !decimal {
		return e
	}
	return newTyped(e, decimalType(whole+scale, scale))
}

func newTyped(e sql.Expression, t sql.Type) *Typed {
	return &Typed{
		UnaryExpressionStub: expression.UnaryExpressionStub{Child: e},
		typ:                 t, scale: int32(t.(sql.DecimalType).Scale()),
	}
}

// Type implements sql.Expression.
func (t *Typed) Type(*sql.Context) sql.Type { return t.typ }

// Eval implements sql.Expression.
func (t *Typed) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, t.Child, row)
	if err != nil || v == nil {
		return nil, err
	}
	d, err := toDecimal(ctx, v)
	if err != nil {
		return nil, err
	}
	return roundDecimal(d, t.scale), nil
}

// WithChildren implements sql.Expression.
func (t *Typed) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return newTyped(children[0], t.typ), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Typed) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (t *Typed) String() string { return t.Child.String() }

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
			e, err := function.NewCoalesce(ctx, args...)
			if err != nil {
				return nil, err
			}
			return typed(ctx, e, args...), nil
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

// extreme is GREATEST or LEAST. Of exact numbers with a DECIMAL among them
// go-mysql-server makes DOUBLEs; a DOUBLE beside an integer it compares as one.
func extreme(name string, sign int, other constructor) sql.Function {
	return sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		for i, a := range args {
			args[i], _ = newTextOfJSON(ctx, a, asText) // before the type is made of theirs
		}
		e, err := other(ctx, args...)
		if err != nil {
			return nil, err
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

// newDecimalCast is CAST(e AS DECIMAL(digits)). What does not fit becomes the
// largest number that does, as in MySQL.
func newDecimalCast(ctx *sql.Context, e, digits sql.Expression) sql.Expression {
	n, err := digits.Eval(ctx, nil)
	precision, ok := toInt64(n)
	if err != nil || !ok {
		precision = 10
	}
	t := decimalType(int(precision), 0)
	limit := decimalOf(new(big.Int).Sub(pow10(int32(precision)), big.NewInt(1)), 0)
	cast := newStrict("cast_decimal", t, func(ctx *sql.Context, v []any) (any, error) {
		d, err := toDecimal(ctx, v[0])
		if err != nil {
			return nil, err
		}
		d = roundDecimal(d, 0)
		if new(apd.Decimal).Abs(d).Cmp(limit) > 0 {
			ctx.Warn(1264, "Out of range value for column 'CAST' at row 1")
			if d.Negative {
				return new(apd.Decimal).Neg(limit), nil
			}
			return limit, nil
		}
		return d, nil
	}, []sql.Expression{e})
	return newTyped(cast, t)
}
