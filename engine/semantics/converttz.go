package semantics

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// datetimeDigits is how many digits after the second a DATETIME has that is made
// of e: a constant's, or its type's. Of other texts they are not known.
func datetimeDigits(ctx *sql.Context, e sql.Expression) int {
	if _, ok := e.(*expression.Literal); !ok && types.IsText(e.Type(ctx)) {
		if n, ok := e.(*Named); ok {
			return datetimeDigits(ctx, n.Child)
		}
		return maxMicros
	}
	return fractionDigits(ctx, e)
}

// newTimestamp is TIMESTAMP(time[, add]): a DATETIME, to which the second argument
// is added. go-mysql-server gives its argument's type, and knows no second one.
func newTimestamp(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, sql.ErrInvalidArgumentNumber.New("TIMESTAMP", "1 or 2", len(args))
	}
	digits := 0
	for _, a := range args {
		digits = max(digits, datetimeDigits(ctx, a))
	}
	args = append([]sql.Expression{asDatetime(ctx, args[0])}, args[1:]...)
	return newStrict("timestamp", types.MustCreateDatetimeType(sqltypes.Datetime, digits), func(ctx *sql.Context, v []any) (any, error) {
		t, ok := datetimeOf(ctx, v[0])
		if !ok {
			return nil, nil
		}
		if len(v) == 1 {
			return t, nil
		}
		add, err := types.Time.ConvertToTimespan(v[1])
		if err != nil {
			ctx.Warn(1292, "Incorrect time value: '%v'", v[1])
			return nil, nil
		}
		return t.Add(add.AsTimeDuration()), nil
	}, args), nil
}

// datetimeOf is a value as a DATETIME(6); false, with a warning: it is none.
func datetimeOf(ctx *sql.Context, v any) (_ time.Time, ok bool) {
	converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, v)
	t, ok := converted.(time.Time)
	if err != nil && !truncated(ctx, err) || !ok {
		ctx.Warn(1292, "Incorrect datetime value: '%v'", v)
		return time.Time{}, false
	}
	return t, true
}

// convertTZ is CONVERT_TZ(time, from, to): a DATETIME with the digits of its
// argument. go-mysql-server shows six digits always, and takes SYSTEM for the
// host's zone.
func convertTZ(ctx *sql.Context, at, from, to sql.Expression) sql.Expression {
	t := types.MustCreateDatetimeType(sqltypes.Datetime, datetimeDigits(ctx, at))
	return newStrict("convert_tz", t, func(ctx *sql.Context, v []any) (any, error) {
		wall, ok := datetimeOf(ctx, v[0])
		if !ok || wall.Equal(types.ZeroTime) {
			return nil, nil
		}
		zones := make([]*Zone, 2)
		for i := range zones {
			name, err := toText(ctx, v[1+i])
			if err != nil {
				return nil, err
			}
			if zones[i], err = ParseZone(name); err != nil {
				return nil, nil // an unknown zone makes NULL
			}
		}
		instant := zones[0].Instant(wall.UnixMicro())
		if instant < 1e6 || instant > maxUnixMicros {
			return wall, nil // manual: out of range, no conversion occurs
		}
		return time.UnixMicro(zones[1].Local(instant)).UTC(), nil
	}, []sql.Expression{asDatetime(ctx, at), from, to})
}
