package semantics

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
)

// TextAsTime is a text that is compared with a DATE, DATETIME or TIMESTAMP, row
// by row. What is no time counts as the zero date, with a warning, as in MySQL;
// go-mysql-server ends the statement.
type TextAsTime struct{ implicit }

var (
	_ sql.CollationCoercible = (*TextAsTime)(nil)
	_ sql.FunctionExpression = (*TextAsTime)(nil)
)

// textAsTime converts what is compared with a value of type t. A constant must be a
// time, and stays if go-mysql-server and planners read it rightly.
func textAsTime(ctx *sql.Context, e sql.Expression, t sql.Type) (_ sql.Expression, changed bool, err error) {
	if lit, ok := e.(*expression.Literal); ok {
		s, ok := lit.Value().(string)
		if !ok {
			return e, false, nil
		}
		read, ok := readableTime(ctx, s)
		if !ok {
			name, _, _ := strings.Cut(strings.ToUpper(t.String()), "(")
			return nil, false, &WrongValue{Type: name, Value: s}
		}
		if read == s {
			return e, false, nil
		}
	}
	return &TextAsTime{implicitly(e)}, true, nil
}

// Type implements sql.Expression.
func (*TextAsTime) Type(*sql.Context) sql.Type { return types.DatetimeMaxPrecision }

// Eval implements sql.Expression.
func (t *TextAsTime) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := t.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	s, err := toText(ctx, v)
	if err != nil {
		return nil, err
	}
	return timeOf(ctx, s), nil
}

// timeOf is a text as a time.
func timeOf(ctx *sql.Context, s string) time.Time {
	if read, ok := readableTime(ctx, s); ok {
		v, _, err := types.DatetimeMaxPrecision.Convert(ctx, read)
		if t, ok := v.(time.Time); ok && (err == nil || truncated(ctx, err)) {
			return t
		}
	}
	ctx.Warn(mysql.ERTruncatedWrongValue, "Incorrect datetime value: '%s'", s)
	return types.ZeroTime
}

// CollationCoercibility implements sql.CollationCoercible.
func (*TextAsTime) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// WithChildren implements sql.Expression.
func (t *TextAsTime) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return &TextAsTime{implicitly(children[0])}, nil
}

// readableTime is s as go-mysql-server reads it; false: it is no time. What that
// reads rightly itself stays. It reads '2024-02-30' as the third, with a warning.
// A text with an offset is what the session's wall clock shows then.
func readableTime(ctx *sql.Context, s string) (_ string, ok bool) {
	if us, has, err := readOffset(ctx, s); has {
		zone, zoneErr := SessionZone(ctx)
		if err != nil || zoneErr != nil {
			return "", false
		}
		return timeText(zone.Local(us), s), true
	}
	parts := shortTime.FindStringSubmatch(s)
	if parts == nil {
		parts = delimitedTime.FindStringSubmatch(s)
	}
	if parts == nil {
		_, _, err := types.DatetimeMaxPrecision.Convert(ctx, s)
		return s, err == nil || sql.ErrTruncatedIncorrect.Is(err)
	}
	if types.IsZeroTimestampStr(s) {
		return s, true
	}
	year := parts[1]
	if len(year) == 2 {
		// Two digits are a year between 1970 and 2069 (manual, "2-Digit Years in Dates").
		century := "20"
		if year >= "70" {
			century = "19"
		}
		year = century + year
	}
	var n [6]int
	for i, p := range append([]string{year}, parts[2:7]...) {
		n[i], _ = strconv.Atoi(p) // nothing, or digits
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if t.Year() != n[0] || int(t.Month()) != n[1] || t.Day() != n[2] || t.Hour() != n[3] || t.Minute() != n[4] || t.Second() != n[5] {
		return "", false
	}
	if _, _, err := types.DatetimeMaxPrecision.Convert(ctx, s); err == nil && len(parts[1]) == 4 {
		return s, true
	}
	text := t.Format(time.DateTime)
	if fraction := parts[7]; fraction != "" {
		text += "." + fraction
	}
	return text, true
}

var (
	// shortTime is a time with two digits of the year and without delimiters.
	shortTime = regexp.MustCompile(`^\s*(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)(?:\.(\d*))?)?\s*$`)
	// delimitedTime is a time with any delimiters between its parts.
	delimitedTime = regexp.MustCompile(`^\s*(\d\d|\d{4})[[:punct:]]+(\d\d?)[[:punct:]]+(\d\d?)(?:[T\s]+(\d\d?)(?:[[:punct:]]+(\d\d?)(?:[[:punct:]]+(\d\d?)(?:\.(\d*))?)?)?)?\s*$`)
)
