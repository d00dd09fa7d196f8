package semantics

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Typed is a number as a DECIMAL that it fits into. An expression that chooses
// among numbers (CASE, IF, IFNULL, COALESCE) gets the type that all of them fit:
// IF(a, 1, 2.50) is 1.00 or 2.50. go-mysql-server types them DECIMAL(65,30) and
// shows each value with the digits that it happens to have.
type Typed struct {
	expression.UnaryExpressionStub
	typ     sql.Type
	scale   int32
	widened bool // see Compared
}

var _ sql.CollationCoercible = (*Typed)(nil)

// typed wraps e where the values that it chooses among are exact numbers and
// at least one is a DECIMAL; all other expressions stay as they are.
func typed(ctx *sql.Context, e sql.Expression, values ...sql.Expression) sql.Expression {
	if t := commonDecimal(ctx, values); t != nil {
		return newTyped(e, t)
	}
	return e
}

// commonDecimal is the DECIMAL that some numbers fit, at least one of which is a
// DECIMAL; nil: there is none.
func commonDecimal(ctx *sql.Context, values []sql.Expression) sql.Type {
	whole, scale, decimal := 0, 0, false
	for _, v := range values {
		if v == nil || v.Type(ctx) == types.Null {
			continue
		}
		n := numericOf(ctx, v)
		if n.deferred != nil || n.imprecise || n.class == classFloat || kindOf(v.Type(ctx)) != compareExact {
			return nil
		}
		whole, scale = max(whole, n.precision-n.scale), max(scale, n.scale)
		decimal = decimal || n.class == classDecimal
	}
	if !decimal {
		return nil
	}
	return decimalType(whole+scale, scale)
}

func newTyped(e sql.Expression, t sql.Type) *Typed {
	return &Typed{
		UnaryExpressionStub: expression.UnaryExpressionStub{Child: e},
		typ:                 t, scale: int32(t.(sql.DecimalType).Scale()),
	}
}

// newWidened is e, an exact number, as a DECIMAL t that holds all of its digits:
// go-mysql-server compares numbers of one type only.
func newWidened(e sql.Expression, t sql.Type) *Typed {
	w := newTyped(e, t)
	w.widened = true
	return w
}

// Compared is e, an operand of a comparison, without the type that it was given for
// go-mysql-server only; what compares numbers by their values needs none.
func Compared(e sql.Expression) sql.Expression {
	if t, ok := e.(*Typed); ok && t.widened {
		return t.Child
	}
	return e
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
	out := newTyped(children[0], t.typ)
	out.widened = t.widened
	return out, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Typed) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (t *Typed) String() string { return t.Child.String() }

// newDecimalCast is CAST(e AS DECIMAL(digits)).
func newDecimalCast(ctx *sql.Context, e, digits sql.Expression) sql.Expression {
	n, err := digits.Eval(ctx, nil)
	precision, ok := toInt64(n)
	if err != nil || !ok {
		precision = 10
	}
	return castDecimal(e, decimalType(int(precision), 0))
}

// castDecimal is a CAST to t, a DECIMAL. What does not fit becomes the largest
// number that does, as in MySQL.
func castDecimal(e sql.Expression, t sql.Type) sql.Expression {
	dt := t.(sql.DecimalType)
	scale := int32(dt.Scale())
	limit := decimalOf(new(big.Int).Sub(pow10(int32(dt.Precision())), big.NewInt(1)), scale)
	cast := newStrict("cast_decimal", t, func(ctx *sql.Context, v []any) (any, error) {
		d, err := toDecimal(ctx, v[0])
		if err != nil {
			return nil, err
		}
		d = roundDecimal(d, scale)
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
