package semantics

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// maxDecimalDigits is how many digits before the point MySQL's decimals can
// carry while it computes (nine words of nine digits).
const maxDecimalDigits = 81

// Eval implements sql.Expression.
func (a *Arithmetic) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := a.evalExact(ctx, row)
	if d, ok := v.(*apd.Decimal); ok && !a.Unrounded && a.scale != anyScale {
		return roundDecimal(d, a.scale), err
	}
	return v, err
}

func (a *Arithmetic) evalExact(ctx *sql.Context, row sql.Row) (any, error) {
	l, err := evalExact(ctx, a.Left, row)
	if err != nil || l == nil {
		return nil, err
	}
	r, err := evalExact(ctx, a.Right, row)
	if err != nil || r == nil {
		return nil, err
	}
	if a.typ != floatType && a.class.integer() && (a.Op != IntDivide || (isInteger(ctx, a.Left) && isInteger(ctx, a.Right))) {
		return a.integers(ctx, l, r)
	}
	if a.class == classFloat {
		return a.floats(ctx, l, r)
	}
	return a.decimals(ctx, l, r)
}

func (c numericClass) integer() bool { return c == classInt || c == classUint }

func isInteger(ctx *sql.Context, e sql.Expression) bool { return numericOf(ctx, e).class.integer() }

func (a *Arithmetic) outOfRange(kind string) error {
	return &OutOfRange{Type: kind, Expr: printed(a)}
}

func divisionByZero(ctx *sql.Context) (any, error) {
	ctx.Warn(expression.ERDivisionByZero, "Division by 0")
	return nil, nil
}

// integers computes exactly and then checks the result against its type, which
// is what MySQL's case distinctions come to (Item_func_plus::int_op and others).
func (a *Arithmetic) integers(ctx *sql.Context, l, r any) (any, error) {
	if x, ok := toInt64(l); ok && a.class == classInt {
		if y, ok := toInt64(r); ok {
			switch a.Op {
			case Plus:
				if s := x + y; (s > x) == (y > 0) {
					return s, nil
				}
			case Minus:
				if d := x - y; (d < x) == (y > 0) {
					return d, nil
				}
			case Times:
				if int64(int32(x)) == x && int64(int32(y)) == y {
					return x * y, nil
				}
			case IntDivide:
				if y != 0 && y != -1 {
					return x / y, nil
				}
			case Modulo:
				if y != 0 && y != -1 {
					return x % y, nil
				}
			}
		}
	}
	x, err := toBig(ctx, l)
	if err != nil {
		return nil, err
	}
	y, err := toBig(ctx, r)
	if err != nil {
		return nil, err
	}
	switch a.Op {
	case Plus:
		x.Add(x, y)
	case Minus:
		x.Sub(x, y)
	case Times:
		x.Mul(x, y)
	case IntDivide:
		if y.Sign() == 0 {
			return divisionByZero(ctx)
		}
		x.Quo(x, y)
	case Modulo:
		if y.Sign() == 0 {
			return divisionByZero(ctx)
		}
		x.Rem(x, y) // the dividend's sign
	}
	return a.integerResult(x)
}

func (a *Arithmetic) integerResult(n *big.Int) (any, error) {
	switch {
	case a.class == classUint && n.IsUint64():
		return n.Uint64(), nil
	case a.class == classUint:
		return nil, a.outOfRange("BIGINT UNSIGNED")
	case n.IsInt64():
		return n.Int64(), nil
	}
	return nil, a.outOfRange("BIGINT")
}

// toBig returns an operand of an integer class.
func toBig(ctx *sql.Context, v any) (*big.Int, error) {
	if n, ok := toInt64(v); ok {
		return big.NewInt(n), nil
	}
	if u, ok := v.(uint64); ok {
		return new(big.Int).SetUint64(u), nil
	}
	d, err := toDecimal(ctx, v)
	if err != nil {
		return nil, err
	}
	return rescale(d, 0), nil
}

func (a *Arithmetic) floats(ctx *sql.Context, l, r any) (any, error) {
	x, err := toFloat64(ctx, l)
	if err != nil {
		return nil, err
	}
	y, err := toFloat64(ctx, r)
	if err != nil {
		return nil, err
	}
	var f float64
	switch a.Op {
	case Plus:
		f = x + y
	case Minus:
		f = x - y
	case Times:
		f = x * y
	case Divide, Modulo:
		if y == 0 {
			return divisionByZero(ctx)
		}
		if f = x / y; a.Op == Modulo {
			f = math.Mod(x, y)
		}
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, a.outOfRange("DOUBLE")
	}
	return f, nil
}

func (a *Arithmetic) decimals(ctx *sql.Context, l, r any) (any, error) {
	x, err := operandDecimal(ctx, a.Left, l)
	if err != nil {
		return nil, err
	}
	y, err := operandDecimal(ctx, a.Right, r)
	if err != nil {
		return nil, err
	}
	res := new(apd.Decimal)
	switch a.Op {
	case Plus:
		_, err = sql.DecimalCtx.Add(res, x, y)
	case Minus:
		_, err = sql.DecimalCtx.Sub(res, x, y)
	case Times:
		_, err = sql.DecimalCtx.Mul(res, x, y)
	default:
		if y.IsZero() {
			return divisionByZero(ctx)
		}
		switch a.Op {
		case Divide:
			if res = divideDecimal(x, y); a.scale == anyScale {
				res = roundDecimal(res, max(0, -x.Exponent)+divPrecisionIncrement)
			}
		case IntDivide:
			return a.integerResult(quotient(x, y))
		case Modulo:
			res = remainder(x, y)
		}
	}
	if err != nil {
		return nil, err
	}
	if res.NumDigits()+int64(res.Exponent) > maxDecimalDigits {
		return nil, a.outOfRange("DECIMAL")
	}
	return unsignedZero(res), nil
}

// unsignedZero makes -0.0 of a DECIMAL 0.0, of which MySQL has one only.
func unsignedZero(d *apd.Decimal) *apd.Decimal {
	if d.Negative && d.IsZero() {
		return new(apd.Decimal).Abs(d)
	}
	return d
}

// operandDecimal converts an operand and gives it at least its type's scale,
// which decides how many digits a quotient gets.
func operandDecimal(ctx *sql.Context, e sql.Expression, v any) (*apd.Decimal, error) {
	d, err := toDecimal(ctx, v)
	if err != nil {
		return nil, err
	}
	if t, ok := e.Type(ctx).(sql.DecimalType); ok && t != types.InternalDecimalType && -d.Exponent < int32(t.Scale()) {
		if a, ok := e.(*Arithmetic); !ok || !a.Unrounded {
			return roundDecimal(d, int32(t.Scale())), nil
		}
	}
	return d, nil
}

// aligned returns both numbers as integers of one scale.
func aligned(x, y *apd.Decimal) (nx, ny *big.Int, scale int32) {
	scale = max(0, -x.Exponent, -y.Exponent)
	return rescale(x, scale), rescale(y, scale), scale
}

func quotient(x, y *apd.Decimal) *big.Int {
	nx, ny, _ := aligned(x, y)
	return nx.Quo(nx, ny)
}

func remainder(x, y *apd.Decimal) *apd.Decimal {
	nx, ny, scale := aligned(x, y)
	return decimalOf(nx.Rem(nx, ny), scale)
}

// Eval implements sql.Expression.
func (n *Negation) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := n.evalExact(ctx, row)
	if d, ok := v.(*apd.Decimal); ok && n.scale != anyScale {
		return roundDecimal(d, n.scale), err
	}
	return v, err
}

func (n *Negation) evalExact(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, n.Arg, row)
	if err != nil || v == nil {
		return nil, err
	}
	return n.negate(ctx, v)
}

func (n *Negation) negate(ctx *sql.Context, v any) (any, error) {
	switch n.class {
	case classFloat:
		f, err := toFloat64(ctx, v)
		return -f, err
	case classDecimal:
		d, err := toDecimal(ctx, v)
		if err != nil {
			return nil, err
		}
		return unsignedZero(new(apd.Decimal).Neg(d)), nil
	}
	if x, ok := toInt64(v); ok && x != math.MinInt64 {
		return -x, nil
	}
	b, err := toBig(ctx, v)
	if err != nil {
		return nil, err
	}
	if b.Neg(b); b.IsInt64() {
		return b.Int64(), nil
	}
	return nil, &OutOfRange{Type: "BIGINT", Expr: printed(n)}
}
