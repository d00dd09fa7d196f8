package semantics

import (
	"fmt"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

const dayMicros = 24 * 60 * 60 * 1e6

// Clock is a function that says what time it is: NOW(digits) and its like, in
// the session's zone or in UTC. All but SYSDATE say when the statement began.
// go-mysql-server takes the host's zone for the server's, knows neither UTC_DATE
// nor UTC_TIME, and shows six digits or none.
type Clock struct {
	Zone   *Zone
	name   string // as the statement calls it
	shows  clockPart
	digits int
	exact  bool // SYSDATE
}

type clockPart uint8

const (
	dateAndTime clockPart = iota
	dateOnly
	timeOnly
)

var (
	_ sql.FunctionExpression         = (*Clock)(nil)
	_ sql.CollationCoercible         = (*Clock)(nil)
	_ sql.NonDeterministicExpression = (*Clock)(nil)
)

// clocks are the functions of the catalog.
func clocks() []sql.Function {
	var out []sql.Function
	add := func(shows clockPart, inUTC, exact bool, names ...string) {
		for _, name := range names {
			out = append(out, sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
				c := &Clock{name: name, shows: shows, exact: exact, Zone: utc}
				var err error
				if c.digits, err = clockDigits(ctx, name, args); err != nil {
					return nil, err
				}
				if !inUTC {
					if c.Zone, err = SessionZone(ctx); err != nil {
						return nil, err
					}
				}
				if exact {
					return NewVolatile(c), nil
				}
				return c, nil
			}})
		}
	}
	add(dateAndTime, false, false, "now", "current_timestamp", "localtime", "localtimestamp")
	add(dateAndTime, false, true, "sysdate")
	add(dateAndTime, true, false, "utc_timestamp")
	add(dateOnly, false, false, "curdate", "current_date")
	add(dateOnly, true, false, "utc_date")
	add(timeOnly, false, false, "curtime", "current_time")
	add(timeOnly, true, false, "utc_time")
	return out
}

// clockDigits is how many digits of the second an argument asks for.
func clockDigits(ctx *sql.Context, name string, args []sql.Expression) (int, error) {
	if len(args) == 0 {
		return 0, nil
	}
	if len(args) > 1 {
		return 0, sql.ErrInvalidArgumentNumber.New(name, "0 or 1", len(args))
	}
	v, err := args[0].Eval(ctx, nil)
	if err != nil {
		return 0, err
	}
	n, ok := toInt64(v)
	if !ok || n < 0 {
		return 0, sql.ErrInvalidArgumentType.New(name)
	}
	if n > maxMicros {
		return 0, &TooPrecise{Digits: n, Function: name}
	}
	return int(n), nil
}

// FunctionName implements sql.FunctionExpression.
func (c *Clock) FunctionName() string { return c.name }

// Description implements sql.FunctionExpression.
func (*Clock) Description() string { return "returns the current date or time." }

// Resolved implements sql.Expression.
func (*Clock) Resolved() bool { return true }

// IsNullable implements sql.Expression.
func (*Clock) IsNullable(*sql.Context) bool { return false }

// Children implements sql.Expression.
func (*Clock) Children() []sql.Expression { return nil }

// WithChildren implements sql.Expression.
func (c *Clock) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 0 {
		return nil, sql.ErrInvalidChildrenNumber.New(c, len(children), 0)
	}
	return c, nil
}

// IsNonDeterministic implements sql.NonDeterministicExpression.
func (*Clock) IsNonDeterministic() bool { return true }

// CollationCoercibility implements sql.CollationCoercible.
func (*Clock) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (c *Clock) String() string {
	if c.digits == 0 {
		return c.name + "()"
	}
	return fmt.Sprintf("%s(%d)", c.name, c.digits)
}

// Type implements sql.Expression.
func (c *Clock) Type(*sql.Context) sql.Type {
	switch c.shows {
	case dateOnly:
		return types.Date
	case timeOnly:
		return types.Time
	}
	return types.MustCreateDatetimeType(sqltypes.Datetime, c.digits)
}

// Eval implements sql.Expression.
func (c *Clock) Eval(ctx *sql.Context, _ sql.Row) (any, error) {
	at := ctx.QueryTime()
	if c.exact {
		at = sql.Now()
	}
	us := c.Zone.Local(at.UnixMicro())
	unit := [...]int64{1e6, 1e5, 1e4, 1e3, 100, 10, 1}[c.digits]
	us -= us % unit // of times after 1970
	switch c.shows {
	case dateOnly:
		return time.UnixMicro(us - us%dayMicros).UTC(), nil
	case timeOnly:
		return types.Timespan(us % dayMicros), nil
	}
	return time.UnixMicro(us).UTC(), nil
}
