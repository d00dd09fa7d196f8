package semantics

import (
	"math"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// exactCast is a CAST that go-mysql-server makes wrongly, as in MySQL; nil: it is
// right.
func exactCast(ctx *sql.Context, c *expression.Convert) sql.Expression {
	of := c.Child.Type(ctx)
	switch t := c.Type(ctx); {
	case types.IsDecimal(t):
		return castDecimal(c.Child, t)
	case types.IsFloat(of) && (t == types.Int64 || t == types.Uint64):
		return newStrict("cast_integer", t, func(ctx *sql.Context, v []any) (any, error) {
			x, err := toFloat64(ctx, v[0])
			if err != nil {
				return nil, err
			}
			if t == types.Uint64 {
				return unsignedOf(x), nil
			}
			return signedOf(x), nil
		}, []sql.Expression{c.Child})
	}
	return nil
}

// newCharCast is CAST(… AS CHAR(n)) of a cast e that has no length yet, or was left
// away since e is text: the first n characters. go-mysql-server counts bytes.
func newCharCast(ctx *sql.Context, e, length sql.Expression) sql.Expression {
	if c, ok := e.(*expression.Convert); ok {
		e = expression.NewConvert(c.Child, expression.ConvertToChar)
		if exact := exactCast(ctx, e.(*expression.Convert)); exact != nil {
			e = exact
		}
	}
	return newStrict("cast_char", types.LongText, func(ctx *sql.Context, v []any) (any, error) {
		text, err := toText(ctx, v[0])
		if err != nil {
			return nil, err
		}
		n, err := toInteger(ctx, v[1])
		if err != nil {
			return nil, err
		}
		return text[:len(text)-len(skipRunes(text, n))], nil
	}, []sql.Expression{e, length})
}

// signedOf is a DOUBLE as BIGINT: the nearest, of two the even one, as C's rint
// (Field_double::val_int, Item_float::val_int).
func signedOf(x float64) int64 {
	switch x = math.RoundToEven(x); {
	case x <= math.MinInt64:
		return math.MinInt64
	case x >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(x)
}

func unsignedOf(x float64) uint64 {
	switch x = math.RoundToEven(x); {
	case x < 0:
		return uint64(signedOf(x))
	case x >= math.MaxUint64:
		return math.MaxUint64
	}
	return uint64(x)
}

// newDate is DATE(time). go-mysql-server's gives a text, which DISTINCT and GROUP
// BY hold for another value than the same DATE of a column.
func newDate(ctx *sql.Context, e sql.Expression) sql.Expression {
	of := e.Type(ctx)
	return newStrict("date", types.Date, func(ctx *sql.Context, v []any) (any, error) {
		s, err := function.NewDate(ctx, expression.NewLiteral(v[0], of)).Eval(ctx, nil)
		if err != nil || s == nil || s == types.ZeroDateStr {
			return s, err
		}
		d, _, err := types.Date.Convert(ctx, s)
		return d, err
	}, []sql.Expression{e})
}
