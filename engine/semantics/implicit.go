package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
)

// implicit is what the conversions share that a statement does not write out. As
// SQL they are their operands: go-mysql-server finds some columns by that text.
type implicit struct{ expression.UnaryExpressionStub }

func implicitly(e sql.Expression) implicit { return implicit{expression.UnaryExpressionStub{Child: e}} }

// IsNullable implements sql.Expression.
func (c *implicit) IsNullable(ctx *sql.Context) bool { return c.Child.IsNullable(ctx) }

// String implements sql.Expression.
func (c *implicit) String() string { return c.Child.String() }

// FunctionName implements sql.FunctionExpression: what a planner's refusal says.
func (*implicit) FunctionName() string { return "cast" }

// Description implements sql.FunctionExpression.
func (*implicit) Description() string { return "converts a value implicitly." }
