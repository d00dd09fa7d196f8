package semantics

import (
	"regexp"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// The functions that DATE '…' and TIMESTAMP '…' become.
const (
	dateLiteralName      = operatorPrefix + "date"
	timestampLiteralName = operatorPrefix + "timestamp"
)

// typeTimeLiterals writes DATE '…' and TIMESTAMP '…' as calls of functions that
// give a DATE and a DATETIME. go-mysql-server's parser makes texts of them, so that
// COALESCE(day, DATE '2026-01-01') would be one, too. Applied again it does nothing
// more.
func typeTimeLiterals(query string) string {
	if !timeLiteral.MatchString(query) {
		return query
	}
	var out strings.Builder
	last := 0
	codeOf(query, func(from, to int) {
		// Only what ends in front of a literal: the literal follows at to.
		m := timeKeyword.FindStringSubmatchIndex(query[from:to])
		if m == nil || to >= len(query) || query[to] != '\'' && query[to] != '"' {
			return
		}
		end := scanString(query, to, func(int) {})
		keyword := query[from+m[2] : from+m[3]]
		out.WriteString(query[last:from+m[2]] + "`" + operatorPrefix + strings.ToLower(keyword) + "`(" + query[to:end] + ")")
		last = end
	})
	if last == 0 {
		return query
	}
	return out.String() + query[last:]
}

var (
	timeLiteral = regexp.MustCompile(`(?i)\b(?:date|timestamp)\s*['"]`)
	timeKeyword = regexp.MustCompile(`(?i)(?:^|[^\w$.@` + "`" + `])(date|timestamp)\s*$`)
	typedTime   = regexp.MustCompile("`\\|(date|timestamp)`\\(((?:'[^']*')|(?:\"[^\"]*\"))\\)")
)

// untypedTimes takes typeTimeLiterals back, for the names of columns.
func untypedTimes(text string) string {
	return typedTime.ReplaceAllStringFunc(text, func(s string) string {
		m := typedTime.FindStringSubmatch(s)
		return strings.ToUpper(m[1]) + m[2]
	})
}

// codeOf calls found with each stretch of query that is neither a literal nor a
// quoted name nor a comment.
func codeOf(query string, found func(from, to int)) {
	from := 0
	for i := 0; i < len(query); {
		next := i
		switch c := query[i]; {
		case c == '\'' || c == '"':
			next = scanString(query, i, func(int) {})
		case c == '`':
			next = skipPast(query, i+1, "`")
		case strings.HasPrefix(query[i:], "/*"):
			next = skipPast(query, i+2, "*/")
		case c == '#' || strings.HasPrefix(query[i:], "-- "):
			next = skipPast(query, i, "\n")
		default:
			i++
			continue
		}
		found(from, i)
		i, from = next, next
	}
	found(from, len(query))
}

// newTimeLiteral is DATE '…', or TIMESTAMP '…' with as many digits after the
// second as are written: a DATETIME, which with an offset from UTC is what the
// session's wall clock shows then.
func newTimeLiteral(name string, date bool) sql.Function {
	return sql.FunctionN{Name: name, Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		var s string
		if len(args) == 1 {
			if lit, ok := args[0].(*expression.Literal); ok {
				s, _ = lit.Value().(string)
			}
		}
		typ, typeName := sql.Type(types.Date), "DATE"
		if !date {
			typ, typeName = types.MustCreateDatetimeType(sqltypes.Datetime, min(textDigits(s), maxMicros)), "DATETIME"
		}
		read, ok := readableTime(ctx, s)
		if !ok || s == "" {
			return nil, &WrongValue{Type: typeName, Value: s}
		}
		v, _, err := typ.Convert(ctx, read)
		if err != nil {
			return nil, &WrongValue{Type: typeName, Value: s}
		}
		return expression.NewLiteral(v, typ), nil
	}}
}
