package semantics

import (
	"fmt"
	"math/big"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// maxMicros is how exact MySQL's times are: six digits after the second.
const maxMicros = 6

// maxUnixMicros is the last instant of MySQL's functions, 3001-01-18 23:59:59.999999
// (manual, "UNIX_TIMESTAMP").
const maxUnixMicros = function.MaxUnixTimeMicroSecs

// unixTime is what FROM_UNIXTIME and UNIX_TIMESTAMP have in common: one
// argument and a type that is known when the expression is built.
type unixTime struct {
	expression.UnaryExpressionStub
	typ sql.Type
}

// Type implements sql.Expression.
func (u *unixTime) Type(*sql.Context) sql.Type { return u.typ }

// IsNullable implements sql.Expression.
func (*unixTime) IsNullable(*sql.Context) bool { return true }

// CollationCoercibility implements sql.CollationCoercible.
func (*unixTime) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// FromUnixTime is FROM_UNIXTIME(seconds): the DATETIME that the zone's wall clock
// shows then, with as many digits after the second as the argument has.
// go-mysql-server rounds to whole seconds.
type FromUnixTime struct {
	unixTime
	Zone *Zone
}

var _ sql.FunctionExpression = (*FromUnixTime)(nil)

// NewFromUnixTime is the constructor of FROM_UNIXTIME for the catalog; with a
// format it is DATE_FORMAT of the time.
func NewFromUnixTime(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, sql.ErrInvalidArgumentNumber.New("FROM_UNIXTIME", "1 or 2", len(args))
	}
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	t := newFromUnixTime(ctx, args[0], zone)
	if len(args) == 2 {
		return function.NewDateFormat(ctx, t, args[1]), nil
	}
	return t, nil
}

func newFromUnixTime(ctx *sql.Context, seconds sql.Expression, zone *Zone) *FromUnixTime {
	of := numericOf(ctx, seconds)
	digits := maxMicros
	if of.class != classFloat {
		digits = min(of.scale, maxMicros)
	}
	return &FromUnixTime{unixTime{
		UnaryExpressionStub: expression.UnaryExpressionStub{Child: seconds},
		typ:                 types.MustCreateDatetimeType(sqltypes.Datetime, digits),
	}, zone}
}

// NewInstantOfEpoch returns the TIMESTAMP that is seconds after the epoch: what
// FROM_UNIXTIME shows in the session's zone.
func NewInstantOfEpoch(ctx *sql.Context, seconds sql.Expression) sql.Expression {
	return NewInstant(ctx, newFromUnixTime(ctx, seconds, utc), utc)
}

// FunctionName implements sql.FunctionExpression.
func (*FromUnixTime) FunctionName() string { return "from_unixtime" }

// Description implements sql.FunctionExpression.
func (*FromUnixTime) Description() string { return "returns a Unix timestamp as a datetime." }

// String implements sql.Expression.
func (f *FromUnixTime) String() string { return "from_unixtime(" + f.Child.String() + ")" }

// WithChildren implements sql.Expression.
func (f *FromUnixTime) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(f, len(children), 1)
	}
	return newFromUnixTime(ctx, children[0], f.Zone), nil
}

// Eval implements sql.Expression.
func (f *FromUnixTime) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := evalExact(ctx, f.Child, row)
	if err != nil || v == nil {
		return nil, err
	}
	seconds, err := toDecimal(ctx, v)
	if err != nil {
		return nil, err
	}
	digits := int32(f.typ.(sql.DatetimeType).Precision())
	micros := rescale(roundDecimal(seconds, digits), maxMicros)
	if micros.Sign() < 0 || micros.Cmp(big.NewInt(maxUnixMicros)) > 0 {
		return nil, nil
	}
	return time.UnixMicro(f.Zone.Local(micros.Int64())).UTC(), nil
}

// UnixTimestamp is UNIX_TIMESTAMP(time): a BIGINT, or a DECIMAL with as many
// digits after the point as the time has after the second. Of a TIMESTAMP it is
// the instant itself, of anything else the one at which the zone's wall clock
// shows it. go-mysql-server finds the fraction of constants only
// (sql/expression/function/date.go).
type UnixTimestamp struct {
	unixTime
	Zone *Zone
}

var _ sql.FunctionExpression = (*UnixTimestamp)(nil)

// NewUnixTimestamp is the constructor of UNIX_TIMESTAMP for the catalog.
func NewUnixTimestamp(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	switch len(args) {
	case 0:
		return function.NewUnixTimestamp(ctx)
	case 1:
	default:
		return nil, sql.ErrInvalidArgumentNumber.New("UNIX_TIMESTAMP", "0 or 1", len(args))
	}
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	return newUnixTimestamp(ctx, args[0], zone), nil
}

func newUnixTimestamp(ctx *sql.Context, of sql.Expression, zone *Zone) *UnixTimestamp {
	digits := fractionDigits(ctx, of)
	var typ sql.Type = types.Int64
	if digits > 0 {
		typ = decimalType(11+digits, digits)
	}
	return &UnixTimestamp{unixTime{UnaryExpressionStub: expression.UnaryExpressionStub{Child: of}, typ: typ}, zone}
}

// fractionDigits returns how many digits of a second a time expression has.
func fractionDigits(ctx *sql.Context, e sql.Expression) int {
	t := e.Type(ctx)
	if dt, ok := t.(sql.DatetimeType); ok {
		return dt.Precision()
	}
	if lit, ok := e.(*expression.Literal); ok {
		switch v := lit.Value().(type) {
		case nil:
			return 0
		case string:
			return min(textDigits(v), maxMicros)
		}
	}
	of := numericOf(ctx, e)
	if of.class == classFloat {
		return maxMicros
	}
	return min(of.scale, maxMicros)
}

// FunctionName implements sql.FunctionExpression.
func (*UnixTimestamp) FunctionName() string { return "unix_timestamp" }

// Description implements sql.FunctionExpression.
func (*UnixTimestamp) Description() string { return "returns a time as a Unix timestamp." }

// String implements sql.Expression.
func (u *UnixTimestamp) String() string { return "unix_timestamp(" + u.Child.String() + ")" }

// WithChildren implements sql.Expression.
func (u *UnixTimestamp) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(u, len(children), 1)
	}
	return newUnixTimestamp(ctx, children[0], u.Zone), nil
}

// Eval implements sql.Expression.
func (u *UnixTimestamp) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := u.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	if n, ok := toInt64(v); ok {
		v = dateOfNumber(n)
	}
	micros, ok := u.instant(ctx, v)
	if !ok || micros < 0 || micros > maxUnixMicros {
		micros = 0 // what no time is, and what is out of range
	}
	dt, ok := u.typ.(sql.DecimalType)
	if !ok {
		return micros / 1e6, nil
	}
	return roundDecimal(apd.New(micros, -maxMicros), int32(dt.Scale())), nil
}

// instant is when v is.
func (u *UnixTimestamp) instant(ctx *sql.Context, v any) (us int64, ok bool) {
	if s, isText := v.(string); isText {
		if us, has, err := readOffset(ctx, s); has && err == nil {
			return us, true
		}
	}
	converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, v)
	if err != nil && !sql.ErrTruncatedIncorrect.Is(err) {
		ctx.Warn(1292, "Incorrect datetime value: '%v'", v)
		return 0, false
	}
	t, ok := converted.(time.Time)
	if !ok || t.Equal(types.ZeroTime) {
		return 0, false
	}
	if isInstant(ctx, u.Child) {
		return t.UnixMicro(), true
	}
	return u.Zone.Instant(t.UnixMicro()), true
}

// dateOfNumber writes YYYYMMDD or YYYYMMDDhhmmss as text.
func dateOfNumber(n int64) string {
	if n < 1e8 {
		n *= 1e6
	}
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", n/1e10, n/1e8%100, n/1e6%100, n/1e4%100, n/1e2%100, n%100)
}
