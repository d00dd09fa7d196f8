package eval

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// An arity is how many arguments an operator takes; most < 0: any number.
type arity struct{ least, most int }

// functionNames are the operators that MySQL writes as functions with the
// arguments in the same order: the catalog's functions evaluate them, so that an
// expression means here what it means in a statement.
var functionNames = map[tables.Op]struct {
	name string
	arity
}{
	tables.OpAbs: {"abs", arity{1, 1}}, tables.OpFloor: {"floor", arity{1, 1}}, tables.OpCeil: {"ceil", arity{1, 1}},
	tables.OpRound:    {"round", arity{2, 2}},
	tables.OpGreatest: {"greatest", arity{2, -1}}, tables.OpLeast: {"least", arity{2, -1}},
	tables.OpRegexp: {"regexp_like", arity{2, 2}},
	tables.OpIf:     {"if", arity{3, 3}}, tables.OpIfNull: {"ifnull", arity{2, 2}}, tables.OpCoalesce: {"coalesce", arity{1, -1}},
	tables.OpNullIf: {"nullif", arity{2, 2}},
	tables.OpLower:  {"lower", arity{1, 1}}, tables.OpUpper: {"upper", arity{1, 1}},
	tables.OpLength: {"length", arity{1, 1}}, tables.OpCharLength: {"char_length", arity{1, 1}},
	tables.OpConcat: {"concat", arity{1, -1}}, tables.OpConcatWS: {"concat_ws", arity{2, -1}},
	tables.OpSubstring: {"substring", arity{2, 3}}, tables.OpLeft: {"left", arity{2, 2}}, tables.OpRight: {"right", arity{2, 2}},
	tables.OpReplace: {"replace", arity{3, 3}}, tables.OpLocate: {"locate", arity{2, 3}},
	tables.OpUnixTimestamp: {"unix_timestamp", arity{1, 1}},
	tables.OpDate:          {"date", arity{1, 1}},
	tables.OpYear:          {"year", arity{1, 1}}, tables.OpQuarter: {"quarter", arity{1, 1}}, tables.OpMonth: {"month", arity{1, 1}},
	tables.OpWeek: {"week", arity{2, 2}}, tables.OpDay: {"dayofmonth", arity{1, 1}}, tables.OpDayOfYear: {"dayofyear", arity{1, 1}},
	tables.OpDayOfWeek: {"dayofweek", arity{1, 1}}, tables.OpWeekday: {"weekday", arity{1, 1}},
	tables.OpHour: {"hour", arity{1, 1}}, tables.OpMinute: {"minute", arity{1, 1}}, tables.OpSecond: {"second", arity{1, 1}},
	tables.OpMicrosecond: {"microsecond", arity{1, 1}},
	tables.OpDateFormat:  {"date_format", arity{2, 2}}, tables.OpTimestampDiff: {"timestampdiff", arity{3, 3}},
	tables.OpDateDiff: {"datediff", arity{2, 2}}, tables.OpConvertTZ: {"convert_tz", arity{3, 3}},
	tables.OpJSONExtract: {"json_extract", arity{2, -1}}, tables.OpJSONUnquote: {"json_unquote", arity{1, 1}},
}

// operatorArity is that of the operators that are no functions of the catalog.
var operatorArity = map[tables.Op]arity{
	tables.OpEq: {2, 2}, tables.OpNe: {2, 2}, tables.OpLt: {2, 2}, tables.OpLe: {2, 2}, tables.OpGt: {2, 2}, tables.OpGe: {2, 2},
	tables.OpNullSafeEq: {2, 2}, tables.OpAnd: {2, 2}, tables.OpOr: {2, 2}, tables.OpXor: {2, 2}, tables.OpNot: {1, 1},
	tables.OpIsNull: {1, 1}, tables.OpIsTrue: {1, 1}, tables.OpIsFalse: {1, 1}, tables.OpLike: {3, 3},
	tables.OpAdd: {2, 2}, tables.OpSub: {2, 2}, tables.OpMul: {2, 2}, tables.OpDiv: {2, 2}, tables.OpIntDiv: {2, 2}, tables.OpMod: {2, 2},
	tables.OpNeg: {1, 1}, tables.OpCase: {2, -1}, tables.OpCast: {1, 1},
	tables.OpTrim: {2, 2}, tables.OpLTrim: {2, 2}, tables.OpRTrim: {2, 2},
	tables.OpDateAdd: {3, 3}, tables.OpDateSub: {3, 3},
	tables.OpLocalTime: {2, 2}, tables.OpInstant: {2, 2}, tables.OpFromUnixTime: {1, 1},
}

func (n arity) check(op tables.Op, got int) error {
	if got < n.least || n.most >= 0 && got > n.most {
		return fmt.Errorf("%v with %d arguments", op, got)
	}
	return nil
}

// call is the operator of e over its arguments a.
func call(ctx *sql.Context, e *tables.Call, a []sql.Expression) (sql.Expression, error) {
	if f, ok := functionNames[e.Op]; ok {
		if err := f.check(e.Op, len(a)); err != nil {
			return nil, err
		}
		return semantics.NewFunction(ctx, f.name, a...)
	}
	n, known := operatorArity[e.Op]
	if !known {
		return nil, fmt.Errorf("unknown operator %v", e.Op)
	}
	if err := n.check(e.Op, len(a)); err != nil {
		return nil, err
	}
	switch e.Op {
	case tables.OpEq:
		return expression.NewEquals(a[0], a[1]), nil
	case tables.OpNe:
		equal, err := semantics.Converted(ctx, expression.NewEquals(a[0], a[1]))
		if err != nil {
			return nil, err
		}
		return expression.NewNot(equal), nil
	case tables.OpLt:
		return expression.NewLessThan(a[0], a[1]), nil
	case tables.OpLe:
		return expression.NewLessThanOrEqual(a[0], a[1]), nil
	case tables.OpGt:
		return expression.NewGreaterThan(a[0], a[1]), nil
	case tables.OpGe:
		return expression.NewGreaterThanOrEqual(a[0], a[1]), nil
	case tables.OpNullSafeEq:
		return expression.NewNullSafeEquals(a[0], a[1]), nil
	case tables.OpAnd:
		return expression.NewAnd(a[0], a[1]), nil
	case tables.OpOr:
		return expression.NewOr(a[0], a[1]), nil
	case tables.OpXor:
		return expression.NewXor(a[0], a[1]), nil
	case tables.OpNot:
		return expression.NewNot(a[0]), nil
	case tables.OpIsNull:
		return expression.NewIsNull(a[0]), nil
	case tables.OpIsTrue:
		return expression.NewIsTrue(a[0]), nil
	case tables.OpIsFalse:
		return expression.NewIsFalse(a[0]), nil
	case tables.OpLike:
		return expression.NewLike(a[0], a[1], a[2]), nil
	case tables.OpNeg:
		return semantics.NewNegation(ctx, a[0]), nil
	case tables.OpCase:
		return caseWhen(ctx, a)
	case tables.OpCast:
		return cast(ctx, a[0], e.Typ)
	case tables.OpTrim:
		return function.NewTrim(a[0], a[1], sqlparser.Both), nil
	case tables.OpLTrim:
		return function.NewTrim(a[0], a[1], sqlparser.Leading), nil
	case tables.OpRTrim:
		return function.NewTrim(a[0], a[1], sqlparser.Trailing), nil
	case tables.OpLocalTime, tables.OpInstant:
		return inZone(ctx, e, a[0])
	case tables.OpFromUnixTime:
		return semantics.NewInstantOfEpoch(ctx, a[0]), nil
	case tables.OpDateAdd, tables.OpDateSub:
		return dateArithmetic(ctx, e, a)
	}
	if op, ok := operators[e.Op]; ok {
		return semantics.NewArithmetic(ctx, op, a[0], a[1]), nil
	}
	return nil, fmt.Errorf("no evaluation of %v", e.Op)
}

var operators = map[tables.Op]semantics.Operator{
	tables.OpAdd: semantics.Plus, tables.OpSub: semantics.Minus, tables.OpMul: semantics.Times,
	tables.OpDiv: semantics.Divide, tables.OpIntDiv: semantics.IntDivide, tables.OpMod: semantics.Modulo,
}

func caseWhen(ctx *sql.Context, a []sql.Expression) (sql.Expression, error) {
	var branches []expression.CaseBranch
	i := 0
	for ; i+1 < len(a); i += 2 {
		branches = append(branches, expression.CaseBranch{Cond: a[i], Value: a[i+1]})
	}
	var otherwise sql.Expression
	if i < len(a) {
		otherwise = a[i]
	}
	return semantics.NewCase(ctx, expression.NewCase(nil, branches, otherwise))
}

// castNames are the types that CAST knows, as go-mysql-server names them.
var castNames = map[tables.Kind]string{
	tables.KindInt64: expression.ConvertToSigned, tables.KindUint64: expression.ConvertToUnsigned,
	tables.KindFloat32: expression.ConvertToFloat, tables.KindFloat64: expression.ConvertToDouble,
	tables.KindDecimal: expression.ConvertToDecimal, tables.KindText: expression.ConvertToChar,
	tables.KindDate: expression.ConvertToDate, tables.KindDatetime: expression.ConvertToDatetime,
	tables.KindTime: expression.ConvertToTime, tables.KindJSON: expression.ConvertToJSON,
}

func cast(ctx *sql.Context, e sql.Expression, t tables.Type) (sql.Expression, error) {
	name, ok := castNames[t.Kind]
	if !ok {
		return nil, fmt.Errorf("no CAST to %v", t)
	}
	switch t.Kind {
	case tables.KindDecimal:
		return semantics.NewCast(ctx, e, name, int(t.Precision), int(t.Scale))
	case tables.KindText:
		return semantics.NewCast(ctx, e, name, t.Length, 0)
	case tables.KindDatetime:
		return semantics.NewCast(ctx, e, name, int(t.Scale), 0)
	}
	return semantics.NewCast(ctx, e, name, 0, 0)
}

func inZone(ctx *sql.Context, e *tables.Call, of sql.Expression) (sql.Expression, error) {
	name, ok := e.Args[1].(*tables.Lit)
	if !ok {
		return nil, fmt.Errorf("the zone of %v is no constant", e.Op)
	}
	zone, err := semantics.ParseZone(name.Value.S)
	if err != nil {
		return nil, err
	}
	if e.Op == tables.OpLocalTime {
		return semantics.NewLocalTime(ctx, of, zone), nil
	}
	return semantics.NewInstant(ctx, of, zone), nil
}

func dateArithmetic(ctx *sql.Context, e *tables.Call, a []sql.Expression) (sql.Expression, error) {
	unit, ok := e.Args[2].(*tables.Lit)
	if !ok {
		return nil, fmt.Errorf("the unit of an interval is no constant")
	}
	name := "date_add"
	if e.Op == tables.OpDateSub {
		name = "date_sub"
	}
	return semantics.NewFunction(ctx, name, a[0], expression.NewInterval(a[1], unit.Value.S))
}
