package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Double is an exact number as DOUBLE: what MySQL makes of a DECIMAL that it
// compares with a DOUBLE or with text.
type Double struct{ implicit }

var (
	_ sql.CollationCoercible = (*Double)(nil)
	_ sql.FunctionExpression = (*Double)(nil)
)

// newDouble converts e.
func newDouble(e sql.Expression) sql.Expression {
	return &Double{implicitly(e)}
}

// Type implements sql.Expression.
func (*Double) Type(*sql.Context) sql.Type { return types.Float64 }

// Eval implements sql.Expression.
func (d *Double) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, d.Child, row)
	if err != nil || v == nil {
		return nil, err
	}
	return toFloat64(ctx, v)
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Double) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (d *Double) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(d, len(children), 1)
	}
	return &Double{implicitly(children[0])}, nil
}
