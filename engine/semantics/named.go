package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
)

// Named is an expression that stands in place of another one, with that one's
// text: go-mysql-server finds aggregates and group keys by theirs.
type Named struct {
	expression.UnaryExpressionStub
	text string
}

var _ sql.CollationCoercible = (*Named)(nil)

// named gives e the text of what it replaces.
func named(e, replaced sql.Expression) sql.Expression {
	if text := replaced.String(); e.String() != text {
		return newNamed(e, text)
	}
	return e
}

func newNamed(e sql.Expression, text string) *Named {
	return &Named{expression.UnaryExpressionStub{Child: e}, text}
}

// Type implements sql.Expression.
func (n *Named) Type(ctx *sql.Context) sql.Type { return n.Child.Type(ctx) }

// IsNullable implements sql.Expression.
func (n *Named) IsNullable(ctx *sql.Context) bool { return n.Child.IsNullable(ctx) }

// Eval implements sql.Expression.
func (n *Named) Eval(ctx *sql.Context, row sql.Row) (any, error) { return n.Child.Eval(ctx, row) }

// String implements sql.Expression.
func (n *Named) String() string { return n.text }

// CollationCoercibility implements sql.CollationCoercible.
func (n *Named) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, n.Child)
}

// WithChildren implements sql.Expression.
func (n *Named) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(n, len(children), 1)
	}
	return newNamed(children[0], n.text), nil
}
