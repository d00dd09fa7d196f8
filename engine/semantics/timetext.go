package semantics

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// TextOfTime is a date, a time or both as text, with the digits of its type.
// go-mysql-server drops zeros at the end, and shows DATEs with a time of the day.
type TextOfTime struct{ implicit }

var (
	_ sql.FunctionExpression = (*TextOfTime)(nil)
	_ sql.CollationCoercible = (*TextOfTime)(nil)
)

// textOfTime is e as text where it is a time.
func textOfTime(ctx *sql.Context, e sql.Expression) (_ sql.Expression, changed bool) {
	if !isTime(ctx, e) {
		return e, false
	}
	if d, ok := e.(*expression.DistinctExpression); ok {
		return expression.NewDistinctExpression(&TextOfTime{implicitly(d.Child)}), true
	}
	return &TextOfTime{implicitly(e)}, true
}

// isTime says whether e is a DATE, a TIME, a DATETIME or a TIMESTAMP.
func isTime(ctx *sql.Context, e sql.Expression) bool {
	if _, ok := e.(*expression.Star); ok {
		return false // has no type
	}
	t := e.Type(ctx)
	return types.IsTime(t) || types.IsTimespan(t)
}

// Type implements sql.Expression.
func (*TextOfTime) Type(*sql.Context) sql.Type { return types.LongText }

// Eval implements sql.Expression.
func (t *TextOfTime) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := t.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	switch v := v.(type) {
	case types.Timespan:
		return v.String(), nil // go-mysql-server knows no TIME's digits: six, or none where they are 0
	case time.Time:
		text, err := t.Child.Type(ctx).SQL(ctx, nil, v)
		return text.ToString(), err
	}
	return toText(ctx, v)
}

// CollationCoercibility implements sql.CollationCoercible.
func (*TextOfTime) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return ctx.GetCollation(), 5
}

// WithChildren implements sql.Expression.
func (t *TextOfTime) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return &TextOfTime{implicitly(children[0])}, nil
}
