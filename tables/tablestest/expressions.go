package tablestest

import (
	"pgregory.net/rapid"

	"gridgate/tables"
)

// family is what expressions of one kind of value have in common.
type family uint8

const (
	ofNumber family = iota
	ofText
	ofTime
	ofJSON
	ofOther
)

func familyOf(k tables.Kind) family {
	switch k {
	case tables.KindFloat32, tables.KindFloat64, tables.KindDecimal:
		return ofNumber
	case tables.KindText:
		return ofText
	case tables.KindDate, tables.KindDatetime, tables.KindTimestamp:
		return ofTime
	case tables.KindJSON:
		return ofJSON
	}
	if k.IsInteger() {
		return ofNumber
	}
	return ofOther
}

// made is a call of an operator, typed by the evaluator; otherwise is given
// where MySQL has no such operator for the arguments.
func (s *state) made(otherwise tables.Expr, op tables.Op, args ...tables.Expr) tables.Expr {
	c := &tables.Call{Op: op, Args: args}
	t, null, ok := s.g.evaluator.TypeOf(c)
	if !ok {
		return otherwise
	}
	c.Typ, c.Null = t, null
	return c
}

// cast is e as a value of type t.
func (s *state) cast(e tables.Expr, t tables.Type) tables.Expr {
	return &tables.Call{Op: tables.OpCast, Args: []tables.Expr{e}, Typ: t, Null: true}
}

func lit(v tables.Value) tables.Expr { return &tables.Lit{Value: v} }

func (s *state) number(max int) tables.Expr {
	return lit(tables.IntValue(int64(s.upTo(max, "number"))))
}

// over is an expression of a column, of at most the given depth.
func (s *state) over(c *tables.Col, depth int) tables.Expr {
	var e tables.Expr = c
	for range s.upTo(depth, "depth") {
		e = s.wrapped(e)
	}
	return e
}

// wrapped applies one more operator to e.
func (s *state) wrapped(e tables.Expr) tables.Expr {
	if s.upTo(4, "choice") == 0 {
		return s.choice(e)
	}
	switch familyOf(e.Type().Kind) {
	case ofNumber:
		return s.overNumber(e)
	case ofText:
		return s.overText(e)
	case ofTime:
		return s.overTime(e)
	case ofJSON:
		path := lit(tables.TextValue(s.one([]string{"$.value", "$.station", "$.a.b", "$", "$.list[0]", "$.missing"}, "path")))
		extracted := s.made(e, tables.OpJSONExtract, e, path)
		if s.bool("unquoted") {
			return s.made(extracted, tables.OpJSONUnquote, extracted)
		}
		return extracted
	}
	return e
}

// choice is an operator that takes values of any type.
func (s *state) choice(e tables.Expr) tables.Expr {
	other := lit(tables.NullOf(e.Type()))
	if c, ok := e.(*tables.Col); ok {
		other = lit(s.value(c))
	}
	cond := s.condition(0)
	switch s.upTo(5, "choice of") {
	case 0:
		return s.made(e, tables.OpIf, cond, e, other)
	case 1:
		return s.made(e, tables.OpIfNull, e, other)
	case 2:
		return s.made(e, tables.OpCoalesce, other, e)
	case 3:
		return s.made(e, tables.OpNullIf, e, other)
	case 4:
		return s.made(e, tables.OpCase, cond, other, s.condition(0), e)
	default:
		return s.made(e, tables.OpCase, cond, e, other)
	}
}

func (s *state) overNumber(e tables.Expr) tables.Expr {
	small := s.number(5)
	if s.bool("decimal") {
		small = lit(tables.Value{Type: tables.Decimal(3, 2), S: s.one([]string{"0.25", "1.50", "2.00"}, "decimal value")})
	}
	switch s.upTo(13, "of a number") {
	case 0, 1:
		return s.made(e, s.op(tables.OpAdd, tables.OpSub), e, small)
	case 2:
		return s.made(e, tables.OpMul, e, s.number(3))
	case 3:
		return s.made(e, s.op(tables.OpDiv, tables.OpIntDiv, tables.OpMod), e, small)
	case 4:
		return s.made(e, s.op(tables.OpNeg, tables.OpAbs), e)
	case 5:
		return s.made(e, s.op(tables.OpFloor, tables.OpCeil), e)
	case 6:
		return s.made(e, tables.OpRound, e, s.number(2))
	case 7:
		return s.made(e, s.op(tables.OpGreatest, tables.OpLeast), e, small)
	case 8:
		return s.cast(e, tables.Int64)
	case 9:
		return s.cast(e, tables.Float64)
	case 10:
		return s.cast(e, tables.Decimal(20, 2))
	case 11:
		return s.cast(e, tables.Text)
	default:
		return s.made(e, s.op(tables.OpAdd, tables.OpSub, tables.OpMul), e, e)
	}
}

func (s *state) overText(e tables.Expr) tables.Expr {
	part := lit(tables.TextValue(s.one([]string{"a", "n", "1", "", "é", "ab"}, "part")))
	switch s.upTo(13, "of a text") {
	case 0:
		return s.made(e, s.op(tables.OpLower, tables.OpUpper), e)
	case 1:
		return s.made(e, s.op(tables.OpLength, tables.OpCharLength), e)
	case 2:
		return s.made(e, tables.OpConcat, e, part)
	case 3:
		return s.made(e, tables.OpConcatWS, lit(tables.TextValue("-")), e, part)
	case 4:
		return s.made(e, tables.OpSubstring, e, lit(tables.IntValue(int64(s.upTo(6, "from")-2))))
	case 5:
		return s.made(e, tables.OpSubstring, e, s.number(3), s.number(3))
	case 6:
		return s.made(e, s.op(tables.OpLeft, tables.OpRight), e, s.number(4))
	case 7:
		return s.made(e, s.op(tables.OpTrim, tables.OpLTrim, tables.OpRTrim), e, part)
	case 8:
		return s.made(e, tables.OpReplace, e, part, lit(tables.TextValue(s.one([]string{"", "xx"}, "put"))))
	case 9:
		return s.made(e, tables.OpLocate, part, e)
	case 10:
		return s.made(e, tables.OpLocate, part, e, s.number(3))
	case 11:
		return s.made(e, s.op(tables.OpGreatest, tables.OpLeast), e, part)
	case 12:
		return s.made(e, tables.OpRegexp, e, lit(tables.TextValue(s.one([]string{"^[a-n]", "1$", "a|e", "^.?$", "[0-9]+"}, "pattern"))))
	default:
		return s.made(e, tables.OpConcat, e, e)
	}
}

// zones are fixed and with a change of the clock.
var zones = []string{"UTC", "+02:00", "Europe/Copenhagen", "America/New_York"}

func (s *state) overTime(e tables.Expr) tables.Expr {
	if e.Type().Kind == tables.KindTimestamp {
		if s.bool("epoch") {
			return s.made(e, tables.OpUnixTimestamp, e)
		}
		return s.made(e, tables.OpLocalTime, e, lit(tables.TextValue(s.one(zones, "zone"))))
	}
	unit := lit(tables.TextValue(s.one([]string{"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}, "unit")))
	switch s.upTo(7, "of a time") {
	case 0:
		return s.made(e, tables.OpDate, e)
	case 1:
		return s.made(e, s.op(tables.OpYear, tables.OpQuarter, tables.OpMonth, tables.OpDay), e)
	case 2:
		return s.made(e, s.op(tables.OpDayOfYear, tables.OpDayOfWeek, tables.OpWeekday), e)
	case 3:
		return s.made(e, s.op(tables.OpHour, tables.OpMinute, tables.OpSecond, tables.OpMicrosecond), e)
	case 4:
		return s.made(e, tables.OpWeek, e, s.number(7))
	case 5:
		return s.made(e, tables.OpDateFormat, e, lit(tables.TextValue(s.one([]string{"%Y-%m-%d", "%Y-%m-%d %H:00", "%H:%i:%s.%f", "%x-W%v", "%b %e"}, "format"))))
	case 6:
		return s.made(e, s.op(tables.OpDateAdd, tables.OpDateSub), e, s.number(40), unit)
	default:
		return s.made(e, s.op(tables.OpTimestampDiff), unit, lit(tables.Value{Type: tables.Datetime(0), I: 1_700_000_000_000_000}), e)
	}
}

func (s *state) op(of ...tables.Op) tables.Op { return rapid.SampledFrom(of).Draw(s.t, "operator") }
func (s *state) one(of []string, name string) string {
	return rapid.SampledFrom(of).Draw(s.t, name)
}

// aggregate is an aggregate function of an expression.
func (s *state) aggregate() tables.Agg {
	star := tables.Agg{Func: tables.AggCountStar, Typ: tables.Int64}
	n := s.upTo(9, "aggregate")
	if n < 2 {
		return star
	}
	var arg tables.Expr = rapid.SampledFrom(s.g.cols).Draw(s.t, "aggregated")
	if s.upTo(3, "of an expression") == 0 {
		arg = s.over(arg.(*tables.Col), 2)
	}
	a := tables.Agg{Arg: arg, Distinct: s.upTo(2, "distinct values") == 0}
	switch family := familyOf(arg.Type().Kind); {
	case n < 5:
		a.Func = tables.AggCount
	case n < 7 && family != ofJSON:
		a.Func, a.Distinct = s.extreme(), false
	case family == ofNumber:
		a.Func = rapid.SampledFrom([]tables.AggFunc{
			tables.AggSum, tables.AggSum, tables.AggAvg, tables.AggStdPop, tables.AggStdSamp, tables.AggVarPop, tables.AggVarSamp,
		}).Draw(s.t, "of numbers")
		if a.Func > tables.AggAvg {
			a.Distinct = false // MySQL has none
		}
	case family == ofText:
		a.Func, a.Separator, a.MaxLen = tables.AggGroupConcat, ",", 1024
		a.OrderBy = []tables.Order{{Expr: arg, Desc: s.bool("descending")}}
	default:
		a.Func = tables.AggCount
	}
	t, null, ok := s.g.evaluator.TypeOfAgg(a)
	if !ok {
		return star
	}
	a.Typ, a.Null = t, null
	return a
}

func (s *state) extreme() tables.AggFunc {
	if s.bool("greatest") {
		return tables.AggMax
	}
	return tables.AggMin
}
