package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Strict is a function of its arguments' values that is NULL as soon as one of
// them is.
type Strict struct {
	expression.NaryExpression
	name string
	typ  sql.Type
	eval func(ctx *sql.Context, args []any) (any, error)
}

var (
	_ sql.FunctionExpression = (*Strict)(nil)
	_ sql.CollationCoercible = (*Strict)(nil)
)

func newStrict(name string, typ sql.Type, eval func(*sql.Context, []any) (any, error), args []sql.Expression) *Strict {
	return &Strict{NaryExpression: expression.NaryExpression{ChildExpressions: args}, name: name, typ: typ, eval: eval}
}

// FunctionName implements sql.FunctionExpression.
func (s *Strict) FunctionName() string { return s.name }

// Description implements sql.FunctionExpression.
func (s *Strict) Description() string { return s.name + " as in MySQL 8." }

// Type implements sql.Expression.
func (s *Strict) Type(*sql.Context) sql.Type { return s.typ }

// IsNullable implements sql.Expression.
func (*Strict) IsNullable(*sql.Context) bool { return true }

// CollationCoercibility implements sql.CollationCoercible.
func (s *Strict) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	if _, ok := s.typ.(sql.StringType); !ok || len(s.ChildExpressions) == 0 {
		return sql.Collation_binary, 5
	}
	return sql.GetCoercibility(ctx, s.ChildExpressions[0])
}

// String implements sql.Expression.
func (s *Strict) String() string {
	args := make([]string, len(s.ChildExpressions))
	for i, e := range s.ChildExpressions {
		args[i] = e.String()
	}
	return s.name + "(" + strings.Join(args, ",") + ")"
}

// WithChildren implements sql.Expression.
func (s *Strict) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != len(s.ChildExpressions) {
		return nil, sql.ErrInvalidChildrenNumber.New(s, len(children), len(s.ChildExpressions))
	}
	return newStrict(s.name, s.typ, s.eval, children), nil
}

// Eval implements sql.Expression.
func (s *Strict) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	eval := evalExact
	if types.IsTime(s.typ) {
		eval = evalTime
	}
	args := make([]any, len(s.ChildExpressions))
	for i, e := range s.ChildExpressions {
		v, err := eval(ctx, e, row)
		if err != nil || v == nil {
			return nil, err
		}
		args[i] = v
	}
	return s.eval(ctx, args)
}
