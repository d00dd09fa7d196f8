package planner

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// functions are translated by their names; most with their arguments in order.
// Package semantics may have put its own in place of go-mysql-server's.
var functions = map[string]tables.Op{
	"lower": tables.OpLower, "lcase": tables.OpLower, "upper": tables.OpUpper, "ucase": tables.OpUpper,
	"length": tables.OpLength, "octet_length": tables.OpLength,
	"char_length": tables.OpCharLength, "character_length": tables.OpCharLength,
	"concat": tables.OpConcat, "concat_ws": tables.OpConcatWS,
	"substring": tables.OpSubstring, "substr": tables.OpSubstring, "mid": tables.OpSubstring,
	"left": tables.OpLeft, "right": tables.OpRight, "replace": tables.OpReplace, "locate": tables.OpLocate,
	"if": tables.OpIf, "ifnull": tables.OpIfNull, "coalesce": tables.OpCoalesce, "nullif": tables.OpNullIf,
	"abs": tables.OpAbs, "floor": tables.OpFloor, "ceil": tables.OpCeil, "ceiling": tables.OpCeil,
	"greatest": tables.OpGreatest, "least": tables.OpLeast,
	"date": tables.OpDate, "year": tables.OpYear, "quarter": tables.OpQuarter, "month": tables.OpMonth,
	"day": tables.OpDay, "dayofmonth": tables.OpDay, "dayofyear": tables.OpDayOfYear,
	"dayofweek": tables.OpDayOfWeek, "weekday": tables.OpWeekday,
	"hour": tables.OpHour, "minute": tables.OpMinute, "second": tables.OpSecond, "microsecond": tables.OpMicrosecond,
	"date_format": tables.OpDateFormat, "datediff": tables.OpDateDiff, "convert_tz": tables.OpConvertTZ,
	"json_extract": tables.OpJSONExtract, "json_unquote": tables.OpJSONUnquote,
	"regexp_like": tables.OpRegexp, "instr": tables.OpLocate, "round": tables.OpRound, "week": tables.OpWeek,
	"trim": tables.OpTrim, "ltrim": tables.OpLTrim, "rtrim": tables.OpRTrim,
	"timestampdiff": tables.OpTimestampDiff,
	"cast_char":     tables.OpCast, "cast_integer": tables.OpCast, "cast_decimal": tables.OpCast,
	"date_add": tables.OpDateAdd, "adddate": tables.OpDateAdd, "date_sub": tables.OpDateSub, "subdate": tables.OpDateSub,
}

// function translates a call of a function, or says why not.
func (l *lowering) function(e sql.FunctionExpression) (tables.Expr, error) {
	name := strings.ToLower(e.FunctionName())
	if name == "extract" {
		return l.extract(e)
	}
	op, known := functions[name]
	if !known {
		return nil, cannotf("%s is not translated for stores", describe(e))
	}
	args := e.Children()
	switch op {
	case tables.OpTimestampDiff:
		return l.timestampDiff(e, args)
	case tables.OpDateAdd, tables.OpDateSub:
		return l.dateArithmetic(op, e, args)
	case tables.OpRegexp:
		if len(args) != 2 {
			return nil, cannotf("REGEXP_LIKE with flags is not translated for stores")
		}
	case tables.OpTrim:
		op = trimOp(e.String())
	case tables.OpCast:
		return l.castFunction(name, e, args)
	}
	c, err := l.typed(op, e, args...)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "instr":
		slices.Reverse(c.Args)
	case op == tables.OpRound && len(args) == 1, op == tables.OpWeek && len(args) == 1:
		c.Args = append(c.Args, literal(tables.IntValue(0)))
	case name == "ltrim", name == "rtrim":
		c.Args = append(c.Args, literal(tables.TextValue(" ")))
	}
	return c, nil
}

func literal(v tables.Value) tables.Expr { return &tables.Lit{Value: v} }

// castFunction translates a CAST that is semantics' own.
func (l *lowering) castFunction(name string, e sql.Expression, args []sql.Expression) (tables.Expr, error) {
	if name == "cast_char" { // the text, and how much of it
		return l.call(tables.OpLeft, tables.Text, args...)
	}
	t, err := l.typeOf(e)
	if err != nil {
		return nil, err
	}
	return l.cast(args[0], t)
}

// trimOp reads a TRIM's side from its text, the only place that tells it.
func trimOp(text string) tables.Op {
	text = strings.ToLower(text)
	switch {
	case strings.HasPrefix(text, "trim(leading "):
		return tables.OpLTrim
	case strings.HasPrefix(text, "trim(trailing "):
		return tables.OpRTrim
	}
	return tables.OpTrim
}

var arithmetic = map[semantics.Operator]tables.Op{
	semantics.Plus: tables.OpAdd, semantics.Minus: tables.OpSub, semantics.Times: tables.OpMul,
	semantics.Divide: tables.OpDiv, semantics.IntDivide: tables.OpIntDiv, semantics.Modulo: tables.OpMod,
}

// arithmetic translates an operator. Inside a comparison MySQL computes DECIMAL
// divisions with more digits than the quotient's type has: that is no
// expression of the stores.
func (l *lowering) arithmetic(e *semantics.Arithmetic) (tables.Expr, error) {
	op, ok := arithmetic[e.Op]
	if !ok {
		return nil, cannotf("%s is not translated for stores", describe(e))
	}
	if !e.Unrounded {
		return l.typed(op, e, e.Left, e.Right)
	}
	rounded := semantics.NewArithmetic(l.ctx, e.Op, e.Left, e.Right)
	x, err := l.typed(op, rounded, e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	if op == tables.OpDiv && x.Type().Kind == tables.KindDecimal {
		return nil, cannotf("%s is compared with more digits than its type has", describe(e))
	}
	return x, nil
}

// unsaidDecimal is the type that go-mysql-server gives a DECIMAL without digits:
// what branches of a UNION are converted to, whose values keep their own.
var unsaidDecimal = tables.Decimal(types.DecimalTypeMaxPrecision, types.DecimalTypeMaxScale)

func (l *lowering) convert(e *expression.Convert) (tables.Expr, error) {
	x, err := l.typed(tables.OpCast, e, e.Child)
	if err != nil {
		return nil, err
	}
	if x.Typ == unsaidDecimal {
		return nil, cannotf("%s says no number of digits", describe(e))
	}
	if x.Args[0].Type() == x.Typ {
		return x.Args[0], nil
	}
	return x, nil
}

// decimal translates a number that is given the type of a DECIMAL that it fits.
func (l *lowering) decimal(e *semantics.Typed) (tables.Expr, error) {
	t, err := l.typeOf(e)
	if err != nil {
		return nil, err
	}
	x, err := l.operand(e.Child)
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*tables.Call); ok && slices.Contains(choosing, c.Op) {
		chosen := *c
		chosen.Typ = t // which it has by itself, whatever go-mysql-server says
		return &chosen, nil
	}
	return converted(x, t), nil
}

// choosing are the operators that give back one of their arguments.
var choosing = []tables.Op{tables.OpCase, tables.OpIf, tables.OpIfNull, tables.OpCoalesce, tables.OpGreatest, tables.OpLeast}

// cast is e converted implicitly.
func (l *lowering) cast(e sql.Expression, t tables.Type) (tables.Expr, error) {
	x, err := l.operand(e)
	if err != nil {
		return nil, err
	}
	return converted(x, t), nil
}

func converted(x tables.Expr, t tables.Type) tables.Expr {
	if x.Type() == t {
		return x
	}
	return &tables.Call{Op: tables.OpCast, Args: []tables.Expr{x}, Typ: t, Null: x.Nullable()}
}

// caseWhen translates both forms of CASE.
func (l *lowering) caseWhen(e *expression.Case) (tables.Expr, error) {
	var args []tables.Expr
	for _, b := range e.Branches {
		cond, err := l.caseCondition(e.Expr, b.Cond)
		if err != nil {
			return nil, err
		}
		value, err := l.expr(b.Value)
		if err != nil {
			return nil, err
		}
		args = append(args, cond, value)
	}
	if e.Else != nil {
		value, err := l.expr(e.Else)
		if err != nil {
			return nil, err
		}
		args = append(args, value)
	}
	t, err := l.typeOf(e)
	if err != nil {
		return nil, err
	}
	return &tables.Call{Op: tables.OpCase, Args: args, Typ: t, Null: l.nullable(e, args)}, nil
}

// caseCondition is the condition of a branch. CASE x WHEN y compares x with y,
// and only what is compared as it is becomes a comparison here.
func (l *lowering) caseCondition(subject, cond sql.Expression) (tables.Expr, error) {
	if subject == nil {
		return l.expr(cond)
	}
	x, err := l.comparison(tables.OpEq, subject, cond)
	if err != nil {
		return nil, err
	}
	c, ok := x.(*tables.Call)
	if !ok || !comparedAsTheyAre(c.Args[0].Type(), c.Args[1].Type()) {
		return nil, cannotf("CASE compares values of different types")
	}
	return x, nil
}

// comparedAsTheyAre reports whether values of the types compare without any
// conversion.
func comparedAsTheyAre(a, b tables.Type) bool {
	switch {
	case a.Kind.IsInteger() && b.Kind.IsInteger():
		return true
	case a.Kind == tables.KindJSON, a.Kind == tables.KindDecimal:
		return false
	}
	return a.Kind == b.Kind
}
