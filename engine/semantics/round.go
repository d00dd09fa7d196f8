package semantics

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// newRound is ROUND(x[, digits]) or TRUNCATE(x, digits). A DECIMAL's result has
// the scale that was asked for, and a DOUBLE is rounded to the even neighbour
// (manual, "Rounding Behavior"); go-mysql-server keeps the argument's type and
// rounds DOUBLEs away from zero.
func newRound(name string, truncate bool) constructor {
	return func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		if len(args) == 0 || len(args) > 2 || truncate && len(args) != 2 {
			return nil, sql.ErrInvalidArgumentNumber.New(name, "1 or 2", len(args))
		}
		of := numericOf(ctx, args[0])
		if of.deferred != nil {
			return newStrict(name, of.deferred, nil, args), nil
		}
		digits, known := constantDigits(ctx, args)
		switch {
		case of.class == classFloat:
			return newStrict(name, floatType, func(ctx *sql.Context, v []any) (any, error) {
				return roundFloat(ctx, v, truncate)
			}, args), nil
		case of.integer():
			t := sql.Type(types.Int64)
			if of.class == classUint {
				t = types.Uint64
			}
			return newStrict(name, t, func(ctx *sql.Context, v []any) (any, error) {
				d, err := roundExact(ctx, v, truncate)
				if err != nil {
					return nil, err
				}
				n := rescale(d, 0)
				switch {
				case of.class == classUint && n.IsUint64():
					return n.Uint64(), nil
				case of.class == classInt && n.IsInt64():
					return n.Int64(), nil
				}
				return nil, &OutOfRange{Type: "BIGINT", Expr: name + "(" + printed(args[0]) + ")"}
			}, args), nil
		}
		scale := of.scale
		if known {
			scale = min(of.scale, max(digits, 0))
		}
		precision := of.precision - of.scale + scale
		if !truncate {
			precision++ // 9.9 becomes 10
		}
		t := decimalType(precision, scale)
		return newTyped(newStrict(name, t, func(ctx *sql.Context, v []any) (any, error) {
			return roundExact(ctx, v, truncate)
		}, args), t), nil
	}
}

// constantDigits returns ROUND's second argument where it is known.
func constantDigits(ctx *sql.Context, args []sql.Expression) (digits int, known bool) {
	if len(args) == 1 {
		return 0, true
	}
	e := args[1]
	if n, ok := e.(*Negation); ok {
		if _, ok := n.Arg.(*expression.Literal); !ok {
			return 0, false
		}
	} else if _, ok := e.(*expression.Literal); !ok {
		return 0, false
	}
	v, err := e.Eval(ctx, nil)
	if err != nil || v == nil {
		return 0, false
	}
	n, err := toInteger(ctx, v)
	return int(max(min(n, types.DecimalTypeMaxScale), -types.DecimalTypeMaxPrecision-1)), err == nil
}

// digitsOf returns the second argument's value.
func digitsOf(ctx *sql.Context, v []any) (int, error) {
	if len(v) == 1 {
		return 0, nil
	}
	n, err := toInteger(ctx, v[1])
	return int(max(min(n, 400), -400)), err
}

func roundExact(ctx *sql.Context, v []any, truncate bool) (*apd.Decimal, error) {
	d, err := toDecimal(ctx, v[0])
	if err != nil {
		return nil, err
	}
	digits, err := digitsOf(ctx, v)
	if err != nil || digits >= int(-d.Exponent) {
		return d, err
	}
	unit := pow10(-d.Exponent - int32(digits)) // of d's last digit
	n := bigOf(d)
	if truncate {
		n.Quo(n, unit)
	} else {
		n = divRound(n, unit)
	}
	if digits < 0 {
		return decimalOf(n.Mul(n, new(big.Int).Set(pow10(int32(-digits)))), 0), nil
	}
	return decimalOf(n, int32(digits)), nil
}

// roundFloat is MySQL's my_double_round.
func roundFloat(ctx *sql.Context, v []any, truncate bool) (any, error) {
	x, err := toFloat64(ctx, v[0])
	if err != nil {
		return nil, err
	}
	digits, err := digitsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	nearest := math.RoundToEven
	if truncate {
		nearest = math.Trunc
	}
	tmp := math.Pow(10, math.Abs(float64(digits)))
	switch {
	case digits < 0 && math.IsInf(tmp, 0):
		return 0.0, nil
	case digits < 0:
		return nearest(x/tmp) * tmp, nil
	case math.IsInf(x*tmp, 0):
		return x, nil
	}
	return nearest(x*tmp) / tmp, nil
}
