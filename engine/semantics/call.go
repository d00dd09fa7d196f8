package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// NewFunction is a call of a function by its name, as a statement's: with this
// package's corrections. The error is ErrFunctionNotFound or says that the
// number of arguments is wrong.
func NewFunction(ctx *sql.Context, name string, args ...sql.Expression) (sql.Expression, error) {
	f, ok := catalogFunctions()[strings.ToLower(name)]
	if !ok {
		return nil, sql.ErrFunctionNotFound.New(name)
	}
	return f.NewInstance(ctx, args)
}

// NewCase is c as a statement's: its values have one type.
func NewCase(ctx *sql.Context, c *expression.Case) (sql.Expression, error) {
	return NewFunction(ctx, caseName, c)
}

// NewCast is CAST(e AS …) as a statement's, to what one of go-mysql-server's names
// says (expression.ConvertToChar and its like). length and scale are 0 where the
// statement gives none.
func NewCast(ctx *sql.Context, e sql.Expression, to string, length, scale int) (sql.Expression, error) {
	number := expression.NewLiteral(int64(length), types.Int64)
	switch {
	case to == expression.ConvertToDecimal && scale == 0:
		if length == 0 {
			number = expression.NewLiteral(int64(10), types.Int64)
		}
		return NewFunction(ctx, castName, e, number)
	case to == expression.ConvertToChar && length > 0:
		text, err := NewCast(ctx, e, to, 0, 0)
		if err != nil {
			return nil, err
		}
		return NewFunction(ctx, charName, text, number)
	}
	c, err := Converted(ctx, expression.NewConvertWithLengthAndScale(e, to, length, scale))
	if err != nil {
		return nil, err
	}
	return NewFunction(ctx, ownName, c)
}

// Converted is e with its operands converted as in a statement: instants as wall
// clock times, JSON as text, operands of different types alike, and an IN that
// compares by value. What is below the operands is left as it is.
func Converted(ctx *sql.Context, e sql.Expression) (sql.Expression, error) {
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	for _, convert := range []transform.ExprFunc{localizing{zone}.expr, JSONArguments, CompareAlike, ExactIn} {
		if e, _, err = convert(ctx, e); err != nil {
			return nil, err
		}
	}
	return e, nil
}
