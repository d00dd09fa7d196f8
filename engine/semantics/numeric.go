package semantics

import (
	"math/big"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/proto/query"
)

const (
	// divPrecisionIncrement is MySQL's default of div_precision_increment.
	divPrecisionIncrement = 4
	// sumExtraDigits is how many digits a SUM may grow by (MySQL's
	// DECIMAL_LONGLONG_DIGITS: SUM of DECIMAL(p,s) is DECIMAL(p+22,s)).
	sumExtraDigits = 22
)

var floatType sql.Type = types.Float64

// numericClass is how MySQL computes with a value (Item::numeric_context_result_type).
type numericClass uint8

const (
	classInt numericClass = iota
	classUint
	classDecimal
	classFloat
)

// numeric describes an expression in a numeric context.
type numeric struct {
	class            numericClass
	precision, scale int      // decimal digits, where exact
	imprecise        bool     // a DECIMAL whose values may have any scale
	deferred         sql.Type // not nil: a parameter's type, not known yet
}

// integer says that values are BIGINT or BIGINT UNSIGNED.
func (n numeric) integer() bool { return n.class == classInt || n.class == classUint }

// numericOf describes e as a number. Text, JSON, ENUM and SET count as DOUBLE;
// dates and times count as integers (YYYYMMDDhhmmss), or as decimals where they
// have a fraction.
func numericOf(ctx *sql.Context, e sql.Expression) numeric {
	if n, ok := e.(*Named); ok {
		e = n.Child
	}
	t := e.Type(ctx)
	if types.IsDeferredType(t) {
		return numeric{deferred: t}
	}
	switch {
	case types.IsBoolean(t):
		return numeric{class: classInt, precision: 1}
	case types.IsYear(t):
		return numeric{class: classUint, precision: 4}
	case types.IsBit(t):
		return numeric{class: classUint, precision: 20}
	case sqltypes.IsIntegral(t.Type()):
		return integerOf(ctx, e, t)
	case types.IsDecimal(t):
		dt := t.(sql.DecimalType)
		if t == types.InternalDecimalType {
			return impreciseOf(ctx, e)
		}
		return numeric{class: classDecimal, precision: int(dt.Precision()), scale: int(dt.Scale())}
	case types.IsTime(t), types.IsTimespan(t):
		return temporalOf(t)
	}
	return numeric{class: classFloat}
}

// impreciseOf describes an expression that go-mysql-server types as its
// internal DECIMAL(65,30), which says nothing about the values.
func impreciseOf(ctx *sql.Context, e sql.Expression) numeric {
	if lit, ok := e.(*expression.Literal); ok {
		if d, err := toDecimal(ctx, lit.Value()); err == nil && d != nil {
			scale := int(max(0, -d.Exponent))
			return numeric{class: classDecimal, precision: max(int(d.NumDigits()), scale), scale: scale}
		}
	}
	return numeric{
		class: classDecimal, imprecise: true,
		precision: types.DecimalTypeMaxPrecision, scale: types.DecimalTypeMaxScale,
	}
}

func integerOf(ctx *sql.Context, e sql.Expression, t sql.Type) numeric {
	n := numeric{class: classInt}
	if sqltypes.IsUnsigned(t.Type()) {
		n.class = classUint
	}
	if lit, ok := e.(*expression.Literal); ok {
		if t.Type() != query.Type_UINT64 {
			n.class = classInt // a number in the statement, which GMS types by its size: 129 as UINT8
		}
		if d, err := toDecimal(ctx, lit.Value()); err == nil && d != nil {
			n.precision = max(1, int(d.NumDigits()))
			return n
		}
	}
	switch t.Type() {
	case query.Type_INT8, query.Type_UINT8:
		n.precision = 3
	case query.Type_INT16, query.Type_UINT16:
		n.precision = 5
	case query.Type_INT24, query.Type_UINT24:
		n.precision = 8
	case query.Type_INT32, query.Type_UINT32:
		n.precision = 10
	case query.Type_UINT64:
		n.precision = 20
	default:
		n.precision = 19
	}
	return n
}

func temporalOf(t sql.Type) numeric {
	digits, fraction := 14, 0 // YYYYMMDDhhmmss
	switch t.Type() {
	case query.Type_DATE:
		digits = 8
	case query.Type_TIME:
		digits = 7 // hhhmmss
		fraction = 6
	default:
		if dt, ok := t.(sql.DatetimeType); ok {
			fraction = dt.Precision()
		}
	}
	if fraction == 0 {
		return numeric{class: classInt, precision: digits}
	}
	return numeric{class: classDecimal, precision: digits + fraction, scale: fraction}
}

// decimalType returns DECIMAL(precision, scale) within MySQL's limits: 65
// digits, 30 of them after the point.
func decimalType(precision, scale int) sql.Type {
	scale = min(scale, types.DecimalTypeMaxScale)
	precision = max(min(precision, types.DecimalTypeMaxPrecision), scale)
	// A column's type: it is sent with all digits of its scale.
	return types.MustCreateColumnDecimalType(uint8(precision), uint8(scale))
}

// exactEvaluator is an expression whose value is more exact than its type says:
// MySQL rounds a quotient when it is shown or stored, not when it is computed with.
type exactEvaluator interface {
	evalExact(ctx *sql.Context, row sql.Row) (any, error)
}

// evalExact evaluates an operand.
func evalExact(ctx *sql.Context, e sql.Expression, row sql.Row) (any, error) {
	var v any
	var err error
	if x, ok := e.(exactEvaluator); ok {
		v, err = x.evalExact(ctx, row)
	} else {
		v, err = e.Eval(ctx, row)
	}
	if err != nil || v == nil {
		return nil, err
	}
	if t, ok := v.(time.Time); ok && types.IsDateType(e.Type(ctx)) {
		return dateToDecimal(t), nil
	}
	return sql.UnwrapAny(ctx, v)
}

// evalTime is evalExact, but leaves dates what they are.
func evalTime(ctx *sql.Context, e sql.Expression, row sql.Row) (any, error) {
	if types.IsTime(e.Type(ctx)) {
		return e.Eval(ctx, row)
	}
	return evalExact(ctx, e, row)
}

// toDecimal converts a number, a date or a time to a decimal.
func toDecimal(ctx *sql.Context, v any) (*apd.Decimal, error) {
	switch v := v.(type) {
	case *apd.Decimal:
		return v, nil
	case time.Time:
		return timeToDecimal(v), nil
	case types.Timespan:
		return timespanToDecimal(v), nil
	case uint64:
		return types.DecimalFromUint64(v), nil
	case sql.JSONWrapper:
		scalar, err := jsonScalar(ctx, v)
		if err != nil {
			return nil, err
		}
		return toDecimal(ctx, scalar)
	}
	if n, ok := toInt64(v); ok {
		return apd.New(n, 0), nil
	}
	d, _, err := types.InternalDecimalType.Convert(ctx, v)
	if err != nil && !truncated(ctx, err) {
		return nil, err
	}
	out, _ := d.(*apd.Decimal)
	if out == nil {
		out = new(apd.Decimal)
	}
	return out, nil
}

// toFloat64 converts any value to DOUBLE. Text that is no number counts as far
// as it is one, with a warning, as in MySQL.
func toFloat64(ctx *sql.Context, v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case *apd.Decimal:
		f, err := v.Float64()
		return f, err
	case uint64:
		return float64(v), nil
	case sql.JSONWrapper:
		scalar, err := jsonScalar(ctx, v)
		if err != nil {
			return 0, err
		}
		return toFloat64(ctx, scalar)
	case time.Time:
		f, err := timeToDecimal(v).Float64()
		return f, err
	case types.Timespan:
		f, err := timespanToDecimal(v).Float64()
		return f, err
	}
	if n, ok := toInt64(v); ok {
		return float64(n), nil
	}
	f, _, err := types.Float64.Convert(ctx, v)
	if err != nil && !truncated(ctx, err) {
		return 0, err
	}
	out, _ := f.(float64)
	return out, nil
}

// truncated turns a conversion's complaint into a warning.
func truncated(ctx *sql.Context, err error) bool {
	if !sql.ErrTruncatedIncorrect.Is(err) {
		return false
	}
	ctx.Warn(mysql.ERTruncatedWrongValue, "%s", err.Error())
	return true
}

// timeToDecimal returns YYYYMMDDhhmmss, with .ffffff where there is a fraction.
func timeToDecimal(t time.Time) *apd.Decimal {
	t = t.UTC()
	n := int64(t.Year())*1e10 + int64(t.Month())*1e8 + int64(t.Day())*1e6 +
		int64(t.Hour())*1e4 + int64(t.Minute())*1e2 + int64(t.Second())
	micro := int64(t.Nanosecond() / 1e3)
	if micro == 0 {
		return apd.New(n, 0)
	}
	all := new(big.Int).Mul(big.NewInt(n), big.NewInt(1e6))
	return decimalOf(all.Add(all, big.NewInt(micro)), maxMicros)
}

// dateToDecimal returns YYYYMMDD.
func dateToDecimal(t time.Time) *apd.Decimal {
	t = t.UTC()
	return apd.New(int64(t.Year())*1e4+int64(t.Month())*1e2+int64(t.Day()), 0)
}

// timespanToDecimal returns [-]hhmmss.ffffff.
func timespanToDecimal(s types.Timespan) *apd.Decimal {
	micros := int64(s)
	sign := int64(1)
	if micros < 0 {
		sign, micros = -1, -micros
	}
	seconds, fraction := micros/1e6, micros%1e6
	n := seconds/3600*1e4 + seconds/60%60*1e2 + seconds%60
	if fraction != 0 {
		return apd.New(sign*(n*1e6+fraction), -6)
	}
	return apd.New(sign*n, 0)
}
