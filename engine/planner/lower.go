package planner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// lowering translates go-mysql-server expressions over a growing's outputs
// into the stores' expressions. It collects outer columns as parameters.
type lowering struct {
	ctx    *sql.Context
	g      *growing
	params []param
}

func (g *growing) lowering(ctx *sql.Context) *lowering {
	return &lowering{ctx: ctx, g: g, params: g.copy().params}
}

// cannot says why an expression has no translation: the gateway evaluates it.
type cannot struct{ text string }

func (c *cannot) Error() string { return c.text }

func cannotf(format string, args ...any) error { return &cannot{fmt.Sprintf(format, args...)} }

// reason is the text of a refusal, without the part of the query that it is
// about: the operator is named beside it.
func reason(err error) string {
	var refused *tables.Unsupported
	if errors.As(err, &refused) {
		return refused.Text
	}
	return err.Error()
}

// unalias strips the names that a select list gives.
func unalias(e sql.Expression) sql.Expression {
	for {
		a, ok := e.(*expression.Alias)
		if !ok {
			return e
		}
		e = a.Child
	}
}

// expr translates e, or says why not.
func (l *lowering) expr(e sql.Expression) (tables.Expr, error) {
	switch e := e.(type) {
	case *expression.Alias:
		return l.expr(e.Child)
	case *expression.GetField:
		return l.field(e)
	case *expression.Literal:
		return l.literal(e)
	case *expression.And:
		return l.call(tables.OpAnd, tables.Bool, e.LeftChild, e.RightChild)
	case *expression.Or:
		return l.call(tables.OpOr, tables.Bool, e.LeftChild, e.RightChild)
	case *expression.Not:
		return l.not(e)
	case *expression.IsNull:
		x, err := l.expr(e.Child)
		if err != nil {
			return nil, err
		}
		return &tables.Call{Op: tables.OpIsNull, Args: []tables.Expr{x}, Typ: tables.Bool}, nil
	case *expression.Equals:
		return l.comparison(tables.OpEq, e.Left(), e.Right())
	case *expression.LessThan:
		return l.comparison(tables.OpLt, e.Left(), e.Right())
	case *expression.LessThanOrEqual:
		return l.comparison(tables.OpLe, e.Left(), e.Right())
	case *expression.GreaterThan:
		return l.comparison(tables.OpGt, e.Left(), e.Right())
	case *expression.GreaterThanOrEqual:
		return l.comparison(tables.OpGe, e.Left(), e.Right())
	case *expression.NullSafeEquals:
		c, err := l.comparison(tables.OpNullSafeEq, e.Left(), e.Right())
		if err == nil {
			c.(*tables.Call).Null = false
		}
		return c, err
	case *expression.Between:
		low, err := l.comparison(tables.OpGe, e.Val, e.Lower)
		if err != nil {
			return nil, err
		}
		high, err := l.comparison(tables.OpLe, e.Val, e.Upper)
		if err != nil {
			return nil, err
		}
		return both(low, high), nil
	case *expression.InTuple:
		return l.in(e.Left(), e.Right())
	case *expression.HashInTuple:
		return l.in(e.Left(), e.Right())
	case *expression.Like:
		return l.like(e)
	case *semantics.Arithmetic:
		if op, ok := arithmetic[e.Op]; ok && !e.Unrounded {
			return l.typed(op, e, e.Left, e.Right)
		}
	case *semantics.Negation:
		return l.typed(tables.OpNeg, e, e.Arg)
	case sql.FunctionExpression:
		if op, ok := functions[e.FunctionName()]; ok {
			return l.typed(op, e, e.Children()...)
		}
	}
	return nil, cannotf("%s is not translated for stores", describe(e))
}

func both(a, b tables.Expr) tables.Expr {
	return &tables.Call{Op: tables.OpAnd, Args: []tables.Expr{a, b}, Typ: tables.Bool, Null: a.Nullable() || b.Nullable()}
}

// describe names an expression for a person: a function by its name, anything
// else as SQL.
func describe(e sql.Expression) string {
	if f, ok := e.(sql.FunctionExpression); ok {
		return "the function " + f.FunctionName()
	}
	return "'" + shown(e) + "'"
}

// shown is an expression as SQL, in one line: go-mysql-server prints a subquery
// as the tree of its plan, which EXPLAIN shows in its own place.
func shown(e sql.Expression) string {
	switch e := e.(type) {
	case *plan.InSubquery:
		return shown(e.LeftChild) + " IN (SELECT ...)"
	case *plan.ExistsSubquery:
		return "EXISTS (SELECT ...)"
	case *expression.Not:
		return "NOT " + shown(e.Child)
	}
	first, _, more := strings.Cut(e.String(), "\n")
	if more {
		first += " ..."
	}
	return first
}

// field is a column of the subtree, or one of an outer query.
func (l *lowering) field(e *expression.GetField) (tables.Expr, error) {
	if o, ok := l.g.find(e.Id()); ok && e.Id() != 0 {
		if o.expr == nil {
			return nil, cannotf("%s is computed in the gateway", e.Name())
		}
		return o.expr, nil
	}
	if !l.g.outer || e.Id() == 0 || l.g.names(e.Table(), e.Name()) {
		// go-mysql-server finds some columns by name: the id is no node's.
		return nil, cannotf("%s is found by its name only", e.Name())
	}
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return nil, cannotf("the outer column %s has the type %s", e.Name(), e.Type(l.ctx))
	}
	for i, p := range l.params {
		if p.field.Id() == e.Id() {
			return &tables.Param{N: i, Typ: p.typ}, nil
		}
	}
	l.params = append(l.params, param{field: e, typ: t})
	return &tables.Param{N: len(l.params) - 1, Typ: t}, nil
}

func (l *lowering) literal(e *expression.Literal) (tables.Expr, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return nil, cannotf("the constant %s has the type %s", e, e.Type(l.ctx))
	}
	v, err := eval.FromSQL(l.ctx, e.Value(), t)
	if err != nil {
		return nil, cannotf("the constant %s: %v", e, err)
	}
	return &tables.Lit{Value: v}, nil
}

func (l *lowering) call(op tables.Op, t tables.Type, args ...sql.Expression) (tables.Expr, error) {
	c := &tables.Call{Op: op, Typ: t}
	for _, a := range args {
		x, err := l.expr(a)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, x)
		c.Null = c.Null || x.Nullable()
	}
	return c, nil
}

func (l *lowering) comparison(op tables.Op, left, right sql.Expression) (tables.Expr, error) {
	x, err := l.call(op, tables.Bool, left, right)
	if err == nil {
		args := x.(*tables.Call).Args
		instants(args[0], args[1:])
		instants(args[1], args[:1])
	}
	return x, err
}

// typed translates an operator whose result type is go-mysql-server's.
func (l *lowering) typed(op tables.Op, e sql.Expression, args ...sql.Expression) (tables.Expr, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return nil, cannotf("%s has the type %s", describe(e), e.Type(l.ctx))
	}
	x, err := l.call(op, t, args...)
	if err == nil {
		x.(*tables.Call).Null = e.IsNullable(l.ctx)
	}
	return x, err
}

var arithmetic = map[semantics.Operator]tables.Op{
	semantics.Plus: tables.OpAdd, semantics.Minus: tables.OpSub, semantics.Times: tables.OpMul,
	semantics.Divide: tables.OpDiv, semantics.IntDivide: tables.OpIntDiv, semantics.Modulo: tables.OpMod,
}

// functions are translated by name; package semantics may have put its own in
// place of go-mysql-server's.
var functions = map[string]tables.Op{
	"lower": tables.OpLower, "upper": tables.OpUpper, "length": tables.OpLength,
	"char_length": tables.OpCharLength, "character_length": tables.OpCharLength, "concat": tables.OpConcat, "substring": tables.OpSubstring,
	"if": tables.OpIf, "ifnull": tables.OpIfNull, "coalesce": tables.OpCoalesce, "nullif": tables.OpNullIf,
}

func (l *lowering) not(e *expression.Not) (tables.Expr, error) {
	x, err := l.expr(e.Child)
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*tables.Call); ok && c.Op == tables.OpEq {
		ne := *c
		ne.Op = tables.OpNe
		return &ne, nil
	}
	return &tables.Call{Op: tables.OpNot, Args: []tables.Expr{x}, Typ: tables.Bool, Null: x.Nullable()}, nil
}

func (l *lowering) in(left, right sql.Expression) (tables.Expr, error) {
	tuple, ok := right.(expression.Tuple)
	if !ok {
		return nil, cannotf("IN over %s is not translated for stores", describe(right))
	}
	if types.NumColumns(left.Type(l.ctx)) != 1 {
		return nil, cannotf("IN over rows of several columns is not translated for stores")
	}
	x, err := l.expr(left)
	if err != nil {
		return nil, err
	}
	in := &tables.In{Left: x}
	for _, e := range tuple {
		y, err := l.expr(e)
		if err != nil {
			return nil, err
		}
		in.List = append(in.List, y)
	}
	instants(x, in.List)
	return in, nil
}

func (l *lowering) like(e *expression.Like) (tables.Expr, error) {
	x, err := l.call(tables.OpLike, tables.Bool, e.LeftChild, e.RightChild)
	if err != nil {
		return nil, err
	}
	var escape tables.Expr = &tables.Lit{Value: tables.TextValue(`\`)}
	if e.Escape != nil {
		if escape, err = l.expr(e.Escape); err != nil {
			return nil, err
		}
	}
	c := x.(*tables.Call)
	c.Args = append(c.Args, escape)
	return c, nil
}

// agg translates an aggregate function.
func (l *lowering) agg(e sql.Aggregation) (tables.Agg, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return tables.Agg{}, cannotf("%s has the type %s", e, e.Type(l.ctx))
	}
	out := tables.Agg{Typ: t, Null: e.IsNullable(l.ctx)}
	switch a := e.(type) {
	case *aggregation.Count:
		if w := a.Window(); w != nil {
			return tables.Agg{}, cannotf("%s is a window function", e)
		}
		arg := a.Child
		if _, constant := arg.(*expression.Literal); constant {
			out.Func = tables.AggCountStar // COUNT(*) comes as COUNT(1); COUNT(NULL) is not constant 1
			if v, ok := arg.(*expression.Literal); ok && v.Value() == nil {
				return tables.Agg{}, cannotf("COUNT(NULL) is not translated for stores")
			}
			return out, nil
		}
		if _, star := arg.(*expression.Star); star {
			out.Func = tables.AggCountStar
			return out, nil
		}
		x, err := l.expr(arg)
		if err != nil {
			return tables.Agg{}, err
		}
		out.Func, out.Arg = tables.AggCount, x
		return out, nil
	case *aggregation.CountDistinct:
		if len(a.Children()) != 1 {
			return tables.Agg{}, cannotf("COUNT(DISTINCT) over several columns is not translated for stores")
		}
		x, err := l.expr(a.Children()[0])
		if err != nil {
			return tables.Agg{}, err
		}
		out.Func, out.Arg, out.Distinct = tables.AggCount, x, true
		return out, nil
	}
	return tables.Agg{}, cannotf("the aggregate %s is not translated for stores", e)
}

// constantInt is the value of a LIMIT or OFFSET.
func constantInt(ctx *sql.Context, e sql.Expression) (int64, bool) {
	constant := true
	var look func(e sql.Expression)
	look = func(e sql.Expression) {
		switch e.(type) {
		case *expression.Literal, *expression.Arithmetic, *semantics.Arithmetic:
		default:
			constant = false
		}
		for _, c := range e.Children() {
			look(c)
		}
	}
	look(e)
	if !constant {
		return 0, false
	}
	v, err := e.Eval(ctx, nil)
	if err != nil {
		return 0, false
	}
	n, _, err := types.Int64.Convert(ctx, v)
	if err != nil || n == nil {
		return 0, false
	}
	i, ok := n.(int64)
	return i, ok && i >= 0
}
