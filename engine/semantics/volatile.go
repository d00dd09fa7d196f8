package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// unfoldable is what keeps an expression from being evaluated by the analyzer.
// go-mysql-server evaluates once whatever holds no column, parameter or
// subquery (isEvaluable in sql/analyzer/apply_indexes_from_outer_scope.go, used
// by simplifyFilters), RAND() included. A procedure parameter counts as
// unknown, and outside of a stored procedure no rule looks for one: as a child
// it marks its parent as not to be folded.
var unfoldable sql.Expression = expression.NewProcedureParam("gridgate_unfoldable", types.Null)

// Volatile is a call whose value differs from row to row: it is evaluated for
// each of them.
type Volatile struct {
	Call sql.Expression
}

var (
	_ sql.Expression                 = (*Volatile)(nil)
	_ sql.NonDeterministicExpression = (*Volatile)(nil)
	_ sql.CollationCoercible         = (*Volatile)(nil)
)

// NewVolatile marks call.
func NewVolatile(call sql.Expression) *Volatile { return &Volatile{Call: call} }

// IsNonDeterministic implements sql.NonDeterministicExpression.
func (*Volatile) IsNonDeterministic() bool { return true }

// Resolved implements sql.Expression.
func (v *Volatile) Resolved() bool { return v.Call.Resolved() }

// String implements sql.Expression.
func (v *Volatile) String() string { return v.Call.String() }

// Type implements sql.Expression.
func (v *Volatile) Type(ctx *sql.Context) sql.Type { return v.Call.Type(ctx) }

// IsNullable implements sql.Expression.
func (v *Volatile) IsNullable(ctx *sql.Context) bool { return v.Call.IsNullable(ctx) }

// CollationCoercibility implements sql.CollationCoercible.
func (v *Volatile) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, v.Call)
}

// Eval implements sql.Expression.
func (v *Volatile) Eval(ctx *sql.Context, row sql.Row) (any, error) { return v.Call.Eval(ctx, row) }

// Children implements sql.Expression: the call's arguments and the mark.
func (v *Volatile) Children() []sql.Expression {
	args := v.Call.Children()
	return append(args[:len(args):len(args)], unfoldable)
}

// WithChildren implements sql.Expression.
func (v *Volatile) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != len(v.Call.Children())+1 {
		return nil, sql.ErrInvalidChildrenNumber.New(v, len(children), len(v.Call.Children())+1)
	}
	call, err := v.Call.WithChildren(ctx, children[:len(children)-1]...)
	if err != nil {
		return nil, err
	}
	return NewVolatile(call), nil
}
