package eval

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"

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
		return call(ctx, e.Op, args)
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
	return compared(ctx, expression.NewInTuple(left, expression.NewTuple(list...)))
}

// compared converts what e compares, as in statements.
func compared(ctx *sql.Context, e sql.Expression) (sql.Expression, error) {
	e, _, err := semantics.CompareAlike(ctx, e)
	return e, err
}

// arity is the number of arguments that an operator takes; -1: at least one.
var arity = map[tables.Op]int{
	tables.OpEq: 2, tables.OpNe: 2, tables.OpLt: 2, tables.OpLe: 2, tables.OpGt: 2, tables.OpGe: 2,
	tables.OpNullSafeEq: 2, tables.OpAnd: 2, tables.OpOr: 2, tables.OpNot: 1, tables.OpIsNull: 1,
	tables.OpLike: 3, tables.OpAdd: 2, tables.OpSub: 2, tables.OpMul: 2, tables.OpDiv: 2,
	tables.OpIntDiv: 2, tables.OpMod: 2, tables.OpNeg: 1, tables.OpCase: -1, tables.OpIf: 3,
	tables.OpIfNull: 2, tables.OpCoalesce: -1, tables.OpNullIf: 2, tables.OpLower: 1, tables.OpUpper: 1,
	tables.OpLength: 1, tables.OpCharLength: 1, tables.OpConcat: -1, tables.OpSubstring: -1,
}

func call(ctx *sql.Context, op tables.Op, a []sql.Expression) (sql.Expression, error) {
	n, known := arity[op]
	if !known {
		return nil, fmt.Errorf("unknown operator %v", op)
	}
	if len(a) == 0 || n >= 0 && len(a) != n {
		return nil, fmt.Errorf("%v with %d arguments", op, len(a))
	}
	switch op {
	case tables.OpEq:
		return compared(ctx, expression.NewEquals(a[0], a[1]))
	case tables.OpNe:
		equal, err := compared(ctx, expression.NewEquals(a[0], a[1]))
		if err != nil {
			return nil, err
		}
		return expression.NewNot(equal), nil
	case tables.OpLt:
		return compared(ctx, expression.NewLessThan(a[0], a[1]))
	case tables.OpLe:
		return compared(ctx, expression.NewLessThanOrEqual(a[0], a[1]))
	case tables.OpGt:
		return compared(ctx, expression.NewGreaterThan(a[0], a[1]))
	case tables.OpGe:
		return compared(ctx, expression.NewGreaterThanOrEqual(a[0], a[1]))
	case tables.OpNullSafeEq:
		return compared(ctx, expression.NewNullSafeEquals(a[0], a[1]))
	case tables.OpAnd:
		return expression.NewAnd(a[0], a[1]), nil
	case tables.OpOr:
		return expression.NewOr(a[0], a[1]), nil
	case tables.OpNot:
		return expression.NewNot(a[0]), nil
	case tables.OpIsNull:
		return expression.NewIsNull(a[0]), nil
	case tables.OpLike:
		return expression.NewLike(a[0], a[1], a[2]), nil
	case tables.OpAdd, tables.OpSub, tables.OpMul, tables.OpDiv, tables.OpIntDiv, tables.OpMod, tables.OpNeg:
		if op == tables.OpNeg {
			return semantics.NewNegation(ctx, a[0]), nil
		}
		return semantics.NewArithmetic(ctx, operators[op], a[0], a[1]), nil
	case tables.OpCase:
		var branches []expression.CaseBranch
		i := 0
		for ; i+1 < len(a); i += 2 {
			branches = append(branches, expression.CaseBranch{Cond: a[i], Value: a[i+1]})
		}
		var otherwise sql.Expression
		if i < len(a) {
			otherwise = a[i]
		}
		return expression.NewCase(nil, branches, otherwise), nil
	case tables.OpIf:
		return function.NewIf(ctx, a[0], a[1], a[2]), nil
	case tables.OpIfNull:
		return function.NewIfNull(ctx, a[0], a[1]), nil
	case tables.OpCoalesce:
		return function.NewCoalesce(ctx, a...)
	case tables.OpNullIf:
		return compared(ctx, function.NewNullIf(ctx, a[0], a[1]))
	case tables.OpLower:
		return function.NewLower(ctx, a[0]), nil
	case tables.OpUpper:
		return function.NewUpper(ctx, a[0]), nil
	case tables.OpLength:
		return function.NewLength(ctx, a[0]), nil
	case tables.OpCharLength:
		return function.NewCharLength(ctx, a[0]), nil
	case tables.OpConcat:
		return function.NewConcat(ctx, a...)
	case tables.OpSubstring:
		return function.NewSubstring(ctx, a...)
	}
	return nil, fmt.Errorf("no evaluation of %v", op)
}

var operators = map[tables.Op]semantics.Operator{
	tables.OpAdd: semantics.Plus, tables.OpSub: semantics.Minus, tables.OpMul: semantics.Times,
	tables.OpDiv: semantics.Divide, tables.OpIntDiv: semantics.IntDivide, tables.OpMod: semantics.Modulo,
}
