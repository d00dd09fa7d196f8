package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
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
