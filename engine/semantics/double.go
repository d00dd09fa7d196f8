package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Double is an exact number as DOUBLE: what MySQL makes of a DECIMAL that it
// compares with a DOUBLE or with text.
type Double struct{ expression.UnaryExpressionStub }

var (
	_ sql.CollationCoercible = (*Double)(nil)
	_ sql.FunctionExpression = (*Double)(nil)
)

// newDouble converts e.
func newDouble(e sql.Expression) sql.Expression {
	return &Double{expression.UnaryExpressionStub{Child: e}}
}

// Type implements sql.Expression.
func (*Double) Type(*sql.Context) sql.Type { return types.Float64 }

// IsNullable implements sql.Expression.
func (d *Double) IsNullable(ctx *sql.Context) bool { return d.Child.IsNullable(ctx) }

// Eval implements sql.Expression.
func (d *Double) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, d.Child, row)
	if err != nil || v == nil {
		return nil, err
	}
	return toFloat64(ctx, v)
}

// FunctionName implements sql.FunctionExpression: what a planner's refusal says.
func (*Double) FunctionName() string { return castFunction }

// Description implements sql.FunctionExpression.
func (*Double) Description() string { return "converts a value implicitly." }

// String implements sql.Expression.
func (d *Double) String() string { return d.Child.String() }

// CollationCoercibility implements sql.CollationCoercible.
func (*Double) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (d *Double) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(d, len(children), 1)
	}
	return &Double{expression.UnaryExpressionStub{Child: children[0]}}, nil
}
