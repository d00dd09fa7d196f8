package planner

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"

	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// localTime is an instant as the zone's clock shows it; e is the whole.
func (l *lowering) localTime(instant sql.Expression, zone *semantics.Zone, e sql.Expression) (tables.Expr, error) {
	return l.typedIn(tables.OpLocalTime, e, zone, instant)
}

// typedIn is typed with a zone as the last argument.
func (l *lowering) typedIn(op tables.Op, e sql.Expression, zone *semantics.Zone, args ...sql.Expression) (tables.Expr, error) {
	c, err := l.typed(op, e, args...)
	if err != nil {
		return nil, err
	}
	c.Args = append(c.Args, literal(tables.TextValue(zone.Name())))
	return c, nil
}

// fromUnixTime translates FROM_UNIXTIME in two steps: the instant, and what the
// zone's clock shows then.
func (l *lowering) fromUnixTime(e *semantics.FromUnixTime) (tables.Expr, error) {
	shown, err := l.typed(tables.OpLocalTime, e, e.Child)
	if err != nil {
		return nil, err
	}
	instant := &tables.Call{
		Op: tables.OpFromUnixTime, Args: shown.Args, Typ: tables.Timestamp(shown.Typ.Scale), Null: true,
	}
	shown.Args = []tables.Expr{instant, literal(tables.TextValue(e.Zone.Name()))}
	return shown, nil
}

// timeAs translates a time that is given another type without changing it.
func (l *lowering) timeAs(e *semantics.TimeAs) (tables.Expr, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok || t.Kind != tables.KindDatetime {
		return nil, cannotf("a time as %s is not translated for stores", e.Type(l.ctx))
	}
	x, err := l.operand(e.Child)
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*tables.Call); ok && (c.Op == tables.OpDateAdd || c.Op == tables.OpDateSub) && !microseconds(c.Args[2]) {
		moved := *c
		moved.Typ = t // which it has by itself; go-mysql-server always says DATETIME(6)
		return &moved, nil
	}
	return converted(x, t), nil
}

// microseconds says whether a unit of an INTERVAL is one that gives every time six
// digits after the second.
func microseconds(unit tables.Expr) bool {
	lit, ok := unit.(*tables.Lit)
	return !ok || strings.Contains(strings.ToUpper(lit.Value.S), "MICROSECOND")
}

// unixTimestamp translates UNIX_TIMESTAMP: of an instant as it is, of a clock's
// time by the session's zone.
func (l *lowering) unixTimestamp(e *semantics.UnixTimestamp) (tables.Expr, error) {
	c, err := l.typed(tables.OpUnixTimestamp, e, e.Child)
	if err != nil {
		return nil, err
	}
	switch t := c.Args[0].Type(); t.Kind {
	case tables.KindTimestamp:
		return c, nil
	case tables.KindDatetime, tables.KindDate:
		c.Args[0] = &tables.Call{
			Op: tables.OpInstant, Args: []tables.Expr{c.Args[0], literal(tables.TextValue(e.Zone.Name()))},
			Typ: tables.Timestamp(t.Scale), Null: c.Args[0].Nullable(),
		}
		return c, nil
	}
	return nil, cannotf("UNIX_TIMESTAMP of what is no time is not translated for stores")
}

// timestampDiff translates TIMESTAMPDIFF; the unit is a constant.
func (l *lowering) timestampDiff(e sql.Expression, args []sql.Expression) (tables.Expr, error) {
	if len(args) != 3 {
		return nil, cannotf("TIMESTAMPDIFF takes three arguments")
	}
	unit, ok := l.unit(args[0])
	if !ok {
		return nil, cannotf("the unit of TIMESTAMPDIFF is no constant")
	}
	c, err := l.typed(tables.OpTimestampDiff, e, args[1], args[2])
	if err != nil {
		return nil, err
	}
	c.Args = slices.Insert(c.Args, 0, literal(tables.TextValue(unit)))
	return c, nil
}

func (l *lowering) unit(e sql.Expression) (string, bool) {
	x, err := l.expr(e)
	if err != nil {
		return "", false
	}
	lit, ok := x.(*tables.Lit)
	if !ok || lit.Value.Type.Kind != tables.KindText || lit.Value.IsNull() {
		return "", false
	}
	return strings.TrimPrefix(strings.ToUpper(lit.Value.S), "SQL_TSI_"), true
}

// extracted are the units of EXTRACT that have a function of their own.
var extracted = map[string]tables.Op{
	"YEAR": tables.OpYear, "QUARTER": tables.OpQuarter, "MONTH": tables.OpMonth, "DAY": tables.OpDay,
	"HOUR": tables.OpHour, "MINUTE": tables.OpMinute, "SECOND": tables.OpSecond, "MICROSECOND": tables.OpMicrosecond,
}

func (l *lowering) extract(e sql.Expression) (tables.Expr, error) {
	args := e.Children() // the unit, and what it is taken from
	unit, ok := l.unit(args[0])
	op, known := extracted[unit]
	if !ok || !known {
		return nil, cannotf("EXTRACT of %s is not translated for stores", describe(args[0]))
	}
	return l.typed(op, e, args[1])
}

// interval translates a time with an INTERVAL added or taken off, which
// go-mysql-server keeps as arithmetic.
func (l *lowering) interval(e *expression.Arithmetic) (tables.Expr, error) {
	left, right := e.Left(), e.Right()
	op := tables.OpDateAdd
	if e.Op == "-" {
		op = tables.OpDateSub
	}
	if _, ok := left.(*expression.Interval); ok && e.Op == "+" {
		left, right = right, left
	}
	return l.dateArithmetic(op, e, []sql.Expression{left, right})
}

func (l *lowering) dateArithmetic(op tables.Op, e sql.Expression, args []sql.Expression) (tables.Expr, error) {
	if len(args) != 2 {
		return nil, cannotf("%s is not translated for stores", describe(e))
	}
	i, ok := args[1].(*expression.Interval)
	if !ok {
		return nil, cannotf("%s is not translated for stores", describe(e))
	}
	c, err := l.typed(op, e, args[0], i.Child)
	if err != nil {
		return nil, err
	}
	c.Args = append(c.Args, literal(tables.TextValue(i.Unit)))
	switch c.Args[0].Type().Kind {
	case tables.KindDate, tables.KindDatetime, tables.KindTimestamp:
		return c, nil
	}
	return nil, cannotf("an INTERVAL added to what is no time is not translated for stores")
}
