package semantics

import (
	"math/big"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// TimeAs gives a time, or NULL, another type of times that can hold it: a DATE as a
// DATETIME, more digits after the second, or only those that its values have.
type TimeAs struct {
	implicit
	typ sql.Type
}

// Type implements sql.Expression.
func (t *TimeAs) Type(*sql.Context) sql.Type { return t.typ }

// Eval implements sql.Expression.
func (t *TimeAs) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	return shifted(ctx, t.Child, row, func(v time.Time) time.Time { return v })
}

// CollationCoercibility implements sql.CollationCoercible.
func (*TimeAs) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (t *TimeAs) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return &TimeAs{implicitly(children[0]), t.typ}, nil
}

// asDatetime is e, a DATE, as a DATETIME; anything else stays.
func asDatetime(ctx *sql.Context, e sql.Expression) sql.Expression {
	if types.IsDateType(e.Type(ctx)) {
		return &TimeAs{implicitly(e), types.Datetime}
	}
	return e
}

// Today is a TIME as the DATETIME of the day on which the statement began, in a
// zone: what MySQL makes of a TIME that is cast to DATETIME or DATE.
// go-mysql-server takes the host's day.
type Today struct {
	implicit
	Zone *Zone
}

// Type implements sql.Expression.
func (*Today) Type(*sql.Context) sql.Type { return types.DatetimeMaxPrecision }

// Eval implements sql.Expression.
func (t *Today) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := t.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	span, err := types.Time.ConvertToTimespan(v)
	if err != nil {
		return nil, err
	}
	now := t.Zone.Local(ctx.QueryTime().UnixMicro())
	return time.UnixMicro(now - now%dayMicros + span.AsMicroseconds()).UTC(), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Today) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (t *Today) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return &Today{implicitly(children[0]), t.Zone}, nil
}

// moved are the functions that add an INTERVAL to a time, or take it away. A
// DATETIME that they make has the time's digits or the INTERVAL's; to
// go-mysql-server it has six.
func moved() []sql.Function {
	var out []sql.Function
	for name, build := range map[string]constructor{
		"date_add": function.NewDateAdd, "adddate": function.NewAddDate,
		"date_sub": function.NewDateSub, "subdate": function.NewSubDate,
	} {
		out = append(out, sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
			if len(args) != 2 {
				return build(ctx, args...)
			}
			args = append([]sql.Expression{}, args...)
			digits := timeDigits(args[0].Type(ctx))
			if i, ok := args[1].(*expression.Interval); ok {
				args[1] = exactInterval(ctx, i)
				digits = max(digits, intervalDigits(ctx, i))
			}
			e, err := build(ctx, args...)
			if err != nil || !types.IsDatetimeType(e.Type(ctx)) || !types.IsTime(args[0].Type(ctx)) {
				return e, err
			}
			return &TimeAs{implicitly(e), types.MustCreateDatetimeType(sqltypes.Datetime, digits)}, nil
		}})
	}
	return out
}

// exactInterval is an INTERVAL with a fraction of a second in microseconds, since
// go-mysql-server rounds it to seconds. A seventh digit is cut off, as in MySQL.
func exactInterval(ctx *sql.Context, i *expression.Interval) *expression.Interval {
	if !strings.EqualFold(i.Unit, "SECOND") || intervalDigits(ctx, i) == 0 {
		return i
	}
	var micros sql.Expression
	if of := numericOf(ctx, i.Child); of.class == classDecimal && of.scale <= maxMicros {
		micros = NewArithmetic(ctx, Times, i.Child, expression.NewLiteral(int64(1e6), types.Int64))
	} else {
		micros = newStrict("microseconds", types.Int64, func(ctx *sql.Context, v []any) (any, error) {
			seconds, err := toDecimal(ctx, v[0])
			if err != nil {
				return nil, err
			}
			us := new(big.Int).Mul(bigOf(seconds), pow10(max(0, seconds.Exponent)+maxMicros))
			if us.Quo(us, pow10(max(0, -seconds.Exponent))); !us.IsInt64() {
				return nil, nil // no time has a place for it
			}
			return us.Int64(), nil
		}, []sql.Expression{i.Child})
	}
	return expression.NewInterval(micros, "MICROSECOND")
}

// intervalDigits is how many digits of a second an INTERVAL may have
// (Item_date_add_interval::resolve_type): a text as well as a DOUBLE six.
func intervalDigits(ctx *sql.Context, i *expression.Interval) int {
	switch unit := strings.ToUpper(i.Unit); {
	case strings.Contains(unit, "MICROSECOND"):
		return maxMicros
	case unit != "SECOND":
		return 0
	}
	of := numericOf(ctx, i.Child)
	if of.class == classFloat {
		return maxMicros
	}
	return min(of.scale, maxMicros)
}

// timeType is the type that times of different types have together, where one of
// them is given, or NULL: a DATE, or the DATETIME or TIMESTAMP with as many digits
// after the second as the longest; nil: they are not all times. Only where all are
// instants is it one.
func timeType(ctx *sql.Context, exprs ...sql.Expression) sql.Type {
	var first sql.Type
	digits, alike, instants := 0, true, true
	for _, e := range exprs {
		if e == nil || e.Type(ctx) == types.Null {
			continue
		}
		t := e.Type(ctx)
		if !types.IsTime(t) {
			return nil
		}
		if first == nil {
			first = t
		}
		digits, alike, instants = max(digits, timeDigits(t)), alike && types.TypesEqual(t, first), instants && types.IsTimestampType(t)
	}
	switch {
	case first == nil || alike:
		return first
	case instants:
		return types.MustCreateDatetimeType(sqltypes.Timestamp, digits)
	}
	return types.MustCreateDatetimeType(sqltypes.Datetime, digits)
}
