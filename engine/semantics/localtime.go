package semantics

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// LocalTime is an instant, a TIMESTAMP(p), as the DATETIME(p) that the wall clock
// of a zone shows. As SQL it is its operand, because a statement does not write
// it out: MySQL takes a TIMESTAMP for a DATETIME in every function.
type LocalTime struct {
	implicit
	Zone *Zone
}

// Instant is a wall clock's time, a DATETIME(p) or a DATE, as the TIMESTAMP(p) at
// which the wall clock of a zone shows it (see Zone.Instant). As SQL it is its
// operand.
type Instant struct {
	implicit
	Zone *Zone
}

var (
	_ sql.FunctionExpression = (*LocalTime)(nil)
	_ sql.CollationCoercible = (*LocalTime)(nil)
	_ sql.FunctionExpression = (*Instant)(nil)
	_ sql.CollationCoercible = (*Instant)(nil)
)

// NewLocalTime returns child, which is a TIMESTAMP, as zone's wall clock shows it.
func NewLocalTime(_ *sql.Context, child sql.Expression, zone *Zone) *LocalTime {
	return &LocalTime{implicitly(child), zone}
}

// NewInstant returns the instant at which zone's wall clock shows child, which is
// a DATETIME or a DATE.
func NewInstant(_ *sql.Context, child sql.Expression, zone *Zone) *Instant {
	return &Instant{implicitly(child), zone}
}

// FunctionName implements sql.FunctionExpression: what a planner's refusal says.
func (*LocalTime) FunctionName() string { return "local_time" }

// FunctionName implements sql.FunctionExpression: what a planner's refusal says.
func (*Instant) FunctionName() string { return "instant" }

// Type implements sql.Expression.
func (l *LocalTime) Type(ctx *sql.Context) sql.Type {
	return types.MustCreateDatetimeType(sqltypes.Datetime, timeDigits(l.Child.Type(ctx)))
}

// Type implements sql.Expression.
func (i *Instant) Type(ctx *sql.Context) sql.Type {
	return types.MustCreateDatetimeType(sqltypes.Timestamp, timeDigits(i.Child.Type(ctx)))
}

// timeDigits is how many digits after the second values of type t have.
func timeDigits(t sql.Type) int {
	switch t := t.(type) {
	case sql.DatetimeType:
		return t.Precision()
	}
	return maxMicros
}

// Eval implements sql.Expression.
func (l *LocalTime) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	return shifted(ctx, l.Child, row, l.Zone.LocalTime)
}

// Eval implements sql.Expression.
func (i *Instant) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	return shifted(ctx, i.Child, row, i.Zone.instantTime)
}

func shifted(ctx *sql.Context, e sql.Expression, row sql.Row, shift func(time.Time) time.Time) (any, error) {
	v, err := e.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	t, ok := v.(time.Time)
	if !ok { // of an expression that go-mysql-server types as a time, and gives as text
		converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, v)
		if err != nil && !truncated(ctx, err) {
			return nil, err
		}
		if t, ok = converted.(time.Time); !ok {
			return nil, err
		}
	}
	return shift(t), nil
}

// WithChildren implements sql.Expression.
func (l *LocalTime) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(l, len(children), 1)
	}
	return NewLocalTime(ctx, children[0], l.Zone), nil
}

// WithChildren implements sql.Expression.
func (i *Instant) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(i, len(children), 1)
	}
	return NewInstant(ctx, children[0], i.Zone), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*LocalTime) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Instant) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}
