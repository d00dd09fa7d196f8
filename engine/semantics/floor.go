package semantics

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// newFloor is FLOOR or CEILING. Of an exact number it is exact, of a DOUBLE and of
// text a DOUBLE (Item_func_int_val::resolve_type); go-mysql-server says BIGINT of a
// DOUBLE, and rounds a DECIMAL to the next integer on the wrong side.
func newFloor(name string, up bool) sql.Function {
	return sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		if len(args) != 1 {
			return nil, sql.ErrInvalidArgumentNumber.New(name, "1", len(args))
		}
		of := numericOf(ctx, args[0])
		var t sql.Type
		switch {
		case of.deferred != nil:
			return newStrict(name, of.deferred, nil, args), nil
		case of.class == classFloat:
			return newStrict(name, floatType, func(ctx *sql.Context, v []any) (any, error) {
				x, err := toFloat64(ctx, v[0])
				if up {
					return math.Ceil(x), err
				}
				return math.Floor(x), err
			}, args), nil
		case of.class == classUint:
			t = types.Uint64
		case of.precision-of.scale < 18:
			t = types.Int64
		default:
			t = decimalType(of.precision-of.scale+1, 0)
		}
		return newStrict(name, t, func(ctx *sql.Context, v []any) (any, error) {
			d, err := toDecimal(ctx, v[0])
			if err != nil {
				return nil, err
			}
			out, _, err := t.Convert(ctx, whole(d, up))
			return out, err
		}, args), nil
	}}
}

// whole is the integer beside d.
func whole(d *apd.Decimal, up bool) *apd.Decimal {
	if d.Exponent >= 0 {
		return d
	}
	quotient, rest := new(big.Int).QuoRem(bigOf(d), pow10(-d.Exponent), new(big.Int))
	switch {
	case up && rest.Sign() > 0:
		quotient.Add(quotient, big.NewInt(1))
	case !up && rest.Sign() < 0:
		quotient.Sub(quotient, big.NewInt(1))
	}
	return decimalOf(quotient, 0)
}
