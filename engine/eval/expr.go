package eval

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// Env says what the names in an expression stand for.
type Env struct {
	Col  func(*tables.Col) sql.Expression
	Key  func(*tables.KeyRef) sql.Expression // nil outside grouped queries
	Agg  func(*tables.AggRef) sql.Expression // likewise
	Args tables.Args
}

// Expr turns e into an expression that go-mysql-server evaluates, with the
// functions that package semantics corrects. It fails only for a tree that
// breaks the contract: a wrong number of arguments, a missing Param.
func Expr(ctx *sql.Context, e tables.Expr, env Env) (sql.Expression, error) {
	switch e := e.(type) {
	case *tables.Col:
		return env.Col(e), nil
	case *tables.KeyRef:
		if env.Key == nil {
			return nil, fmt.Errorf("a group key outside a grouped query")
		}
		return env.Key(e), nil
	case *tables.AggRef:
		if env.Agg == nil {
			return nil, fmt.Errorf("an aggregate outside a grouped query")
		}
		return env.Agg(e), nil
	case *tables.Lit:
		return literal(e.Value)
	case *tables.Param:
		if e.N >= len(env.Args) {
			return nil, fmt.Errorf("parameter %d is missing", e.N)
		}
		return literal(env.Args[e.N].Value)
	case *tables.In:
		return in(ctx, e, env)
	case *tables.Call:
		args := make([]sql.Expression, len(e.Args))
		for i, a := range e.Args {
			x, err := Expr(ctx, a, env)
			if err != nil {
				return nil, err
			}
			args[i] = x
		}
		x, err := call(ctx, e, args)
		if err != nil {
			return nil, err
		}
		return semantics.Converted(ctx, x)
	}
	return nil, fmt.Errorf("unknown expression %T", e)
}

func literal(v tables.Value) (sql.Expression, error) {
	x, err := ToSQL(v)
	if err != nil {
		return nil, err
	}
	return expression.NewLiteral(x, SQLType(v.Type)), nil
}

func in(ctx *sql.Context, e *tables.In, env Env) (sql.Expression, error) {
	left, err := Expr(ctx, e.Left, env)
	if err != nil {
		return nil, err
	}
	var list []sql.Expression
	if e.Keys != nil {
		if e.Keys.N >= len(env.Args) {
			return nil, fmt.Errorf("the list of keys %d is missing", e.Keys.N)
		}
		for _, k := range env.Args[e.Keys.N].Keys {
			x, err := literal(k)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
	}
	for _, a := range e.List {
		x, err := Expr(ctx, a, env)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	if len(list) == 0 {
		return expression.NewLiteral(false, SQLType(tables.Bool)), nil
	}
	return semantics.Converted(ctx, expression.NewInTuple(left, expression.NewTuple(list...)))
}
