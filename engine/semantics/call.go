package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/transform"
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

// Converted is e with its operands converted as in a statement: instants as wall
// clock times, JSON as text, operands of different types alike. What is below
// the operands is left as it is.
func Converted(ctx *sql.Context, e sql.Expression) (sql.Expression, error) {
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	for _, convert := range []transform.ExprFunc{localizing{zone}.expr, JSONArguments, CompareAlike} {
		if e, _, err = convert(ctx, e); err != nil {
			return nil, err
		}
	}
	return e, nil
}
