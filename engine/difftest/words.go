package difftest

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// constants are literals of each type.
var constants = map[ColumnType][]string{
	Number:   {"0", "1", "7", "-3", "12", "100"},
	Text:     {"''", "'a'", "'zz'", "'12'", "'A b'", "'Ø'", "' x '", "'1.5'", "'50%'"},
	Double:   {"0e0", "1e0", "2.5e0", "-0.5e0", "1e3"},
	Decimal:  {"0.0", "1.5", "-2.25", "0.001", "10.10"},
	Date:     {"DATE'2026-01-01'", "DATE'2025-12-31'", "DATE'2024-02-29'", "DATE'2026-03-29'"},
	Datetime: {"TIMESTAMP'2026-01-01 00:00:00'", "TIMESTAMP'2025-12-31 23:59:59.999'", "TIMESTAMP'2026-03-29 02:30:00'"},
	Time:     {"TIMESTAMP'2026-01-01 10:00:00'", "TIMESTAMP'2026-01-01 10:00:01.250'"},
	Wide:     {"9223372036854775807", "-9223372036854775807", "9007199254740993", "0"},
	Unsigned: {"CAST(0 AS UNSIGNED)", "18446744073709551615", "CAST(7 AS UNSIGNED)"},
	JSON:     {"NULL"},
}

// words are what a placeholder in lower case may become.
var words = map[string][]string{
	"comparison": {"=", "<>", "<", "<=", ">", ">=", "<=>"},
	"order":      {"<", "<=", ">", ">="},
	"small":      {"1", "2", "3", "10"},
	"divisor":    {"2", "3", "7", "10", "0"},
	"digits":     {"0", "1", "2", "3", "-1"},
	"scale":      {"0", "1", "2", "4"},
	"position":   {"1", "2", "3", "0", "-1", "-2"},
	"length":     {"2", "1", "3", "0", "10"},
	"letters":    {"'a'", "' '", "'the'", "'D'", "'0'", "'Ø'"},
	"regexp":     {"'a'", "'^[a-z]+$'", "'[0-9]'", "'^.$'", "'d|n'", "'^D'", "'e.*e'", "'(ab)?c'"},
	"is":         {"IS NULL", "IS NOT NULL"},
	"truth":      {"IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE"},
	"in":         {"IN", "NOT IN"},
	"not":        {"", "NOT "},
	"connective": {"AND", "OR"},
	"unit":       {"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"},
	"part":       {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "QUARTER", "WEEKDAY", "DAYOFWEEK", "DAYOFYEAR", "DAYOFMONTH"},
	"extract":    {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "QUARTER", "YEAR_MONTH"},
	"datepart":   {"YEAR", "MONTH", "DAY", "QUARTER", "WEEKDAY", "DAYOFWEEK", "DAYOFYEAR"},
	"format": {
		"'%Y-%m-%d'", "'%Y-%m-%d %H:00:00'", "'%Y-%m'", "'%H:%i'", "'%Y-%m-%dT%TZ'", "'%j'", "'%W %e %M'", "'%a %b %c %y'",
		"'%s.%f'", "'%h:%i %p'", "'%x-%v'", "'%%'", "'%r'", "'%k %l'",
	},
	"epoch": {"1767261600", "1767261602", "1767225600", "0", "1774746000", "1767261601.25"},
	"zone":  {"'+00:00'", "'+02:00'", "'-05:30'"},
	"path":  {"'$.station'", "'$.value'", "'$.n'", "'$.tags[0]'", "'$.none'", "'$.tags'"},
	"bucket": {
		"60", "300", "3600", "86400", "5",
	},
}
