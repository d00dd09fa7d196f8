package planner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
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
type cannot struct {
	text       string
	structural bool // see misplaced
}

func (c *cannot) Error() string { return c.text }

func cannotf(format string, args ...any) error { return &cannot{text: fmt.Sprintf(format, args...)} }

// misplaced says that an operator can't stand where it does in one SELECT: over
// a query as a derived table it can.
func misplaced(text string) error { return &cannot{text: text, structural: true} }

func isMisplaced(err error) bool {
	var c *cannot
	return errors.As(err, &c) && c.structural
}

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

// expr translates e, or says why not. What reads no column is computed here,
// once.
func (l *lowering) expr(e sql.Expression) (tables.Expr, error) {
	x, err := l.translate(e)
	if err != nil {
		if folded, ok := l.fold(e); ok {
			return folded, nil
		}
		return nil, err
	}
	if c, ok := x.(*tables.Call); ok && allConstant(c.Args) {
		if folded, ok := l.fold(e); ok {
			return folded, nil
		}
	}
	return x, nil
}

func (l *lowering) translate(e sql.Expression) (tables.Expr, error) {
	switch e := e.(type) {
	case *expression.Alias:
		return l.expr(e.Child)
	case *semantics.Named:
		return l.expr(e.Child)
	case *expression.GetField:
		return l.field(e)
	case *expression.Literal:
		return l.literal(e)
	case *expression.And:
		return l.call(tables.OpAnd, tables.Bool, e.LeftChild, e.RightChild)
	case *expression.Or:
		return l.call(tables.OpOr, tables.Bool, e.LeftChild, e.RightChild)
	case *expression.Xor:
		return l.call(tables.OpXor, tables.Bool, e.LeftChild, e.RightChild)
	case *expression.Not:
		return l.not(e)
	case *expression.IsNull:
		return l.never(tables.OpIsNull, e.Child)
	case *expression.IsTrue:
		op := tables.OpIsTrue
		if strings.HasSuffix(e.String(), expression.IsFalseStr) {
			op = tables.OpIsFalse
		}
		return l.never(op, e.Child)
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
	case *semantics.In: // what an inner query, which is planned before, has made of it
		return l.in(e.Left, e.List)
	case *expression.Like:
		return l.like(e)
	case *expression.Case:
		return l.caseWhen(e)
	case *expression.Convert:
		return l.convert(e)
	case *expression.Arithmetic:
		return l.interval(e)
	case *semantics.Arithmetic:
		return l.arithmetic(e)
	case *semantics.Negation:
		return l.typed(tables.OpNeg, e, e.Arg)
	case *semantics.Typed:
		return l.decimal(e)
	case *semantics.Double:
		return l.cast(e.Child, tables.Float64)
	case *semantics.TextOfJSON:
		if e.Printed() {
			return l.cast(e.Child, tables.Text)
		}
	case *semantics.LocalTime:
		return l.localTime(e.Child, e.Zone, e)
	case *semantics.FromUnixTime:
		return l.fromUnixTime(e)
	case *semantics.UnixTimestamp:
		return l.unixTimestamp(e)
	case *semantics.TimeAs:
		return l.timeAs(e)
	case *semantics.TextOfTime:
		return l.cast(e.Child, tables.Text)
	case *semantics.TextAsTime:
		return nil, cannotf("a text that is compared with a time is read in the gateway")
	case *semantics.Volatile:
		return nil, cannotf("%s differs from row to row", describe(e.Call))
	case sql.FunctionExpression:
		return l.function(e)
	}
	return nil, cannotf("%s is not translated for stores", describe(e))
}

func both(a, b tables.Expr) tables.Expr {
	return &tables.Call{Op: tables.OpAnd, Args: []tables.Expr{a, b}, Typ: tables.Bool, Null: a.Nullable() || b.Nullable()}
}

// describe names an expression for a person: a function by its name, anything
// else as SQL.
func describe(e sql.Expression) string {
	if t, ok := e.(*semantics.Typed); ok {
		e = t.Child
	}
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
		if o, ok := l.g.findNamed(e.Name()); ok && !l.g.outer && e.Table() == "" {
			if o.expr == nil {
				return nil, cannotf("%s is computed in the gateway", e.Name())
			}
			return o.expr, nil
		}
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

// args translates several expressions.
func (l *lowering) args(es ...sql.Expression) ([]tables.Expr, error) {
	out := make([]tables.Expr, len(es))
	for i, e := range es {
		x, err := l.operand(e)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// operand translates what another expression is computed from. MySQL computes
// with more digits of a DECIMAL quotient there than its type has.
func (l *lowering) operand(e sql.Expression) (tables.Expr, error) {
	x, err := l.expr(e)
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*tables.Call); ok && c.Op == tables.OpDiv && c.Typ.Kind == tables.KindDecimal {
		return nil, cannotf("it computes with more digits of %s than that has as a result", describe(e))
	}
	return x, nil
}

// call is an operator whose value is NULL only where one of its arguments is.
func (l *lowering) call(op tables.Op, t tables.Type, es ...sql.Expression) (tables.Expr, error) {
	args, err := l.args(es...)
	if err != nil {
		return nil, err
	}
	return &tables.Call{Op: op, Args: args, Typ: t, Null: slices.ContainsFunc(args, tables.Expr.Nullable)}, nil
}

// never is a predicate that is never NULL.
func (l *lowering) never(op tables.Op, e sql.Expression) (tables.Expr, error) {
	x, err := l.expr(e)
	if err != nil {
		return nil, err
	}
	return &tables.Call{Op: op, Args: []tables.Expr{x}, Typ: tables.Bool}, nil
}

// comparison translates one of numbers as they are, whatever their digits: so a
// store compares them.
func (l *lowering) comparison(op tables.Op, left, right sql.Expression) (tables.Expr, error) {
	return l.call(op, tables.Bool, semantics.Compared(left), semantics.Compared(right))
}

// typed translates e, an operator whose result type is go-mysql-server's, with
// the arguments es.
func (l *lowering) typed(op tables.Op, e sql.Expression, es ...sql.Expression) (*tables.Call, error) {
	args, err := l.args(es...)
	if err != nil {
		return nil, err
	}
	return l.made(op, e, args...)
}

// made is e as op over translated arguments.
func (l *lowering) made(op tables.Op, e sql.Expression, args ...tables.Expr) (*tables.Call, error) {
	t, err := l.typeOf(e)
	if err != nil {
		return nil, err
	}
	return &tables.Call{Op: op, Args: args, Typ: t, Null: l.nullable(e, args)}, nil
}

// nullable reports whether e over args may be NULL: go-mysql-server forgets which
// columns an outer join makes so.
func (l *lowering) nullable(e sql.Expression, args []tables.Expr) bool {
	return e.IsNullable(l.ctx) || slices.ContainsFunc(args, tables.Expr.Nullable)
}

func (l *lowering) typeOf(e sql.Expression) (tables.Type, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return t, cannotf("%s has the type %s", describe(e), e.Type(l.ctx))
	}
	return t, nil
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
	x, err := l.operand(semantics.Compared(left))
	if err != nil {
		return nil, err
	}
	in := &tables.In{Left: x}
	for _, e := range tuple {
		y, err := l.operand(semantics.Compared(e))
		if err != nil {
			return nil, err
		}
		in.List = append(in.List, y)
	}
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
