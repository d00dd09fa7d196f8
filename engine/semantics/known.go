package semantics

import "strings"

// Difference is an answer that is not MySQL 8's, and stays so for now.
type Difference struct {
	ID       string
	SQL      string // statements, separated by semicolons; the last one's answer counts
	MySQL    string // rows are separated by " ; ", values by " | "
	Gridgate string
	Why      string
}

// Known are the differences from MySQL 8 that stay. The tests run each of them,
// so that the list remains true. The statements ask the tables t and e that the
// tests create.
var Known = []Difference{
	{
		ID:       "constant-collation",
		SQL:      "SELECT 'a' = 'A'",
		MySQL:    "1",
		Gridgate: "0",
		Why:      "Constants compare by code point, as all columns do, whatever the connection's collation. Write COLLATE utf8mb4_0900_ai_ci.",
	},
	{
		ID:       "union-order-by-position",
		SQL:      "SELECT 'c' UNION ALL SELECT 'a' ORDER BY 1",
		MySQL:    "a ; c",
		Gridgate: "c ; a",
		Why:      "A constant text without an alias in the first SELECT is not sorted by its position. Give it an alias.",
	},
	{
		ID:       "bit-literal",
		SQL:      "SELECT b'1000001'",
		MySQL:    "A",
		Gridgate: "65",
		Why:      "A bit literal is a number, not a binary string.",
	},
	{
		ID:       "soundex-empty",
		SQL:      "SELECT SOUNDEX('')",
		MySQL:    "",
		Gridgate: "0000",
		Why:      "SOUNDEX of the empty text has four digits.",
	},
	{
		ID:       "window-over-groups",
		SQL:      "SELECT a, SUM(COUNT(*)) OVER (ORDER BY a) FROM t GROUP BY a",
		MySQL:    "NULL | 1 ; 1 | 2 ; 2 | 4 ; 7 | 5",
		Gridgate: "error: Expression #2 of SELECT list is not in GROUP BY clause and contains nonaggregated column 'sum(count(1)) over ( order by t.a asc)' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by",
		Why:      "Window functions over aggregates are not planned. Put the GROUP BY into a derived table.",
	},
	{
		ID:       "double-text",
		SQL:      "SELECT 1e-5, 1e15, 1e100",
		MySQL:    "0.00001 | 1e15 | 1e100",
		Gridgate: "1e-05 | 1e+15 | 1e+100",
		Why:      "The number is the same; only its text differs, where go-mysql-server writes it.",
	},
	{
		ID:       "double-concat",
		SQL:      "SELECT CONCAT(1e15)",
		MySQL:    "1e15",
		Gridgate: "1000000000000000",
		Why:      "Functions of text write a DOUBLE without an exponent.",
	},
	{
		ID:       "union-chain",
		SQL:      "SELECT 1 UNION SELECT 1.0 UNION ALL SELECT '1'",
		MySQL:    "1 ; 1.0 ; 1",
		Gridgate: "1.0 ; 1",
		Why:      "Of several UNIONs the first is typed and made distinct before the next one is looked at.",
	},
	{
		ID:       "group-concat-in-order",
		SQL:      "SELECT GROUP_CONCAT(a ORDER BY a) FROM t ORDER BY GROUP_CONCAT(a ORDER BY a)",
		MySQL:    "1,2,2,7",
		Gridgate: "error: ambiguous column or alias name \"group_concat(t.a order by t.a asc separator ',')\"",
		Why:      "A GROUP_CONCAT in ORDER BY that the select list has too is taken for a name. Give it an alias and sort by that.",
	},
	{
		ID:       "group-concat-sorted",
		SQL:      "SELECT a, GROUP_CONCAT(DATE_FORMAT(dt, '%i') ORDER BY DATE_FORMAT(dt, '%i')) AS x, COUNT(*) AS n FROM t JOIN e ON t.id = e.id GROUP BY a ORDER BY n, a",
		MySQL:    "1 | 30 | 1 ; 2 | 30 | 1",
		Gridgate: "error: Expression #4 of SELECT list is not in GROUP BY clause and contains nonaggregated column 'e.dt' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by",
		Why:      "A GROUP_CONCAT that is sorted by an expression, in a statement that is sorted by an alias. Sort in a derived table.",
	},
	{
		ID:       "having-qualified",
		SQL:      "SELECT y.a AS x, COUNT(*) FROM t JOIN t AS y ON t.id = y.id GROUP BY x HAVING y.a IS NOT NULL ORDER BY x",
		MySQL:    "1 | 1 ; 2 | 2 ; 7 | 1",
		Gridgate: "error: table not found: y",
		Why:      "HAVING of a column that GROUP BY names by its alias. Name it alike in both.",
	},
	{
		ID:       "derived-constant",
		SQL:      "SELECT q.b FROM (SELECT id AS a, 'x' AS b FROM (SELECT id FROM t WHERE id < 3 LIMIT 2) AS p) AS q WHERE q.b = 'x' OR q.a = 0",
		MySQL:    "x ; x",
		Gridgate: "error: unable to find field with index 11 in row of 1 columns.",
		Why:      "A condition on a constant column of a derived table over another one. Leave the condition on the constant away.",
	},
	{
		ID:       "double-digits",
		SQL:      "SELECT CEIL(1e0) / 3",
		MySQL:    "0.3333",
		Gridgate: "0.3333333333333333",
		Why:      "A DOUBLE made by FLOOR, CEIL or ROUND has no digits after the point in MySQL, and its quotient four; a DOUBLE is always shown whole here.",
	},
	{
		ID:       "bigint-equals-text",
		SQL:      "SELECT COUNT(*) FROM t WHERE b = '9223372036854775807'",
		MySQL:    "1",
		Gridgate: "2",
		Why:      "A BIGINT is compared with text as DOUBLE; MySQL converts a constant to the column's type.",
	},
	{
		ID:       "date-equals-number",
		SQL:      "SELECT DATE('2024-01-01') = 20240101",
		MySQL:    "1",
		Gridgate: "0",
		Why:      "A number is not read as a date in a comparison. Write '2024-01-01'.",
	},
	{
		ID:       "number-as-date",
		SQL:      "SELECT CAST(20240101 AS DATE)",
		MySQL:    "2024-01-01",
		Gridgate: "NULL",
		Why:      "A number is not read as a date. Write '2024-01-01'.",
	},
	{
		ID:       "two-digit-year",
		SQL:      "SELECT CAST('25-01-01' AS DATE)",
		MySQL:    "2025-01-01",
		Gridgate: "NULL",
		Why:      "A text with two digits of the year is read as a date in comparisons only. Write '2025-01-01'.",
	},
	{
		ID:       "offset-in-a-column",
		SQL:      "SELECT DATE_FORMAT(CONCAT('2024-01-01 10:00:00', '+02:00'), '%H')",
		MySQL:    "08",
		Gridgate: "error: Truncated incorrect 2024-01-01 10:00:00 +0000 UTC value: 2024-01-01 10:00:00+02:00",
		Why:      "An offset from UTC is read in constants and in comparisons; functions do not read it in other texts.",
	},
	{
		ID:       "greatest-of-times",
		SQL:      "SELECT GREATEST(dt, '2025-01-01') FROM e WHERE id = 1",
		MySQL:    "2025-01-01 00:00:00.000000",
		Gridgate: "0",
		Why:      "GREATEST and LEAST of a time and a text compare numbers. Write TIMESTAMP('2025-01-01').",
	},
	{
		ID:       "time-as-year",
		SQL:      "SELECT CAST(TIMESTAMP('2024-01-01') AS YEAR)",
		MySQL:    "2024",
		Gridgate: "1704067200",
		Why:      "A time is not read as its year. Write YEAR(...).",
	},
	{
		ID:       "time-as-json",
		SQL:      "SELECT CAST(TIMESTAMP('2024-01-01') AS JSON)",
		MySQL:    "\"2024-01-01 00:00:00.000000\"",
		Gridgate: "\"2024-01-01T00:00:00Z\"",
		Why:      "A time that is cast to JSON is written in another form; JSON_OBJECT and JSON_ARRAY write it as MySQL does.",
	},
	{
		ID:       "json-storage-size",
		SQL:      `SELECT JSON_STORAGE_SIZE('[100, "sakila", [1, 3, 5], 425.05]')`,
		MySQL:    "45",
		Gridgate: "error: unsupported JSON function: json_storage_size",
		Why:      "JSON is kept as text and not in MySQL's binary form; JSON_STORAGE_FREE is missing likewise.",
	},
	{
		ID:       "time-digits",
		SQL:      "SELECT TIME('10:11:12')",
		MySQL:    "10:11:12",
		Gridgate: "10:11:12.000000",
		Why:      "TIME has always six digits after the second.",
	},
	{
		ID:       "str-to-date-week",
		SQL:      "SELECT STR_TO_DATE('202413 Monday', '%X%V %W')",
		MySQL:    "2024-04-01",
		Gridgate: "NULL",
		Why:      "A week with a weekday is not read as a date.",
	},
	{
		ID:       "week-of-last-year",
		SQL:      "SELECT WEEK('2027-01-01', 3)",
		MySQL:    "53",
		Gridgate: "0",
		Why:      "A week of the year before is week 0 in the modes that count it there, too. Write YEARWEEK.",
	},
	{
		ID:       "time-format-hours",
		SQL:      "SELECT TIME_FORMAT('100:11:12', '%H %k %l')",
		MySQL:    "100 100 4",
		Gridgate: "04 k l",
		Why:      "TIME_FORMAT takes hours for those of a day and does not know %k and %l.",
	},
	{
		ID:       "hour-beyond-a-day",
		SQL:      "SELECT HOUR('100:00:00')",
		MySQL:    "100",
		Gridgate: "NULL",
		Why:      "The text is read as a time of the day.",
	},
	{
		ID:       "substring-index-empty",
		SQL:      "SELECT SUBSTRING_INDEX('a.b.c', '', 1)",
		MySQL:    "",
		Gridgate: "a",
		Why:      "An empty delimiter splits the text into characters.",
	},
	{
		ID:       "pad-space",
		SQL:      "SELECT 'a' = 'a ' COLLATE utf8mb4_general_ci",
		MySQL:    "1",
		Gridgate: "0",
		Why:      "All collations compare without padding. Text columns are utf8mb4_0900_bin, which does not pad in MySQL either.",
	},
	{
		ID:       "collation-expansion",
		SQL:      "SELECT 'ß' = 'ss' COLLATE utf8mb4_0900_ai_ci",
		MySQL:    "1",
		Gridgate: "0",
		Why:      "Collations compare character by character. Text columns are utf8mb4_0900_bin, where the two differ in MySQL too.",
	},
	{
		ID:       "field-numbers",
		SQL:      "SELECT FIELD(1, 2.0, 1.0)",
		MySQL:    "2",
		Gridgate: "0",
		Why:      "FIELD compares numbers by their texts.",
	},
	{
		ID:       "greatest-of-text",
		SQL:      "SELECT GREATEST(2, '10')",
		MySQL:    "2",
		Gridgate: "10",
		Why:      "GREATEST and LEAST of numbers and text compare numbers; MySQL compares text then.",
	},
	{
		ID:       "div-precision",
		SQL:      "SET div_precision_increment = 6; SELECT 1 / 3",
		MySQL:    "0.333333",
		Gridgate: "0.3333",
		Why:      "div_precision_increment is always 4, its default.",
	},
	{
		ID:       "unsigned-subtraction",
		SQL:      "SET sql_mode = 'NO_UNSIGNED_SUBTRACTION'; SELECT CAST(1 AS UNSIGNED) - 2",
		MySQL:    "-1",
		Gridgate: "error: BIGINT UNSIGNED value is out of range in '(convert(1, unsigned) - 2)'",
		Why:      "This SQL mode has no effect.",
	},
	{
		ID:       "bitwise-not",
		SQL:      "SELECT ~0",
		MySQL:    "18446744073709551615",
		Gridgate: "error: unsupported feature: unary operator: ~",
		Why:      "The operator ~ is missing.",
	},
	{
		ID:       "any-all",
		SQL:      "SELECT 1 = ANY (SELECT 1)",
		MySQL:    "1",
		Gridgate: "error: syntax error at position 23 near 'SELECT'",
		Why:      "ANY, SOME and ALL are not parsed. Write IN, or compare with MIN or MAX.",
	},
	{
		ID:       "assignment",
		SQL:      "SELECT @y := 1",
		MySQL:    "1",
		Gridgate: "error: syntax error at position 13 near ':='",
		Why:      "Assignment inside an expression is not parsed. Write SET @y = 1.",
	},
	{
		ID:       "rollup",
		SQL:      "SELECT a, COUNT(*) FROM t GROUP BY a WITH ROLLUP",
		MySQL:    "NULL | 1 ; 1 | 1 ; 2 | 2 ; 7 | 1 ; NULL | 5",
		Gridgate: "error: syntax error at position 42 near 'WITH'",
		Why:      "WITH ROLLUP is not parsed.",
	},
	{
		ID:       "range-frame-descending",
		SQL:      "SELECT id, SUM(id) OVER (ORDER BY id DESC RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t ORDER BY id",
		MySQL:    "1 | 3 ; 2 | 5 ; 3 | 7 ; 4 | 9 ; 5 | 5",
		Gridgate: "1 | 15 ; 2 | 15 ; 3 | 15 ; 4 | 15 ; 5 | 15",
		Why:      "A RANGE frame with an offset works in ascending order and without NULLs only. Frames without offsets are right.",
	},
	missing("makedate", "SELECT MAKEDATE(2024, 32)", "2024-02-01", "makedate"),
	missing("maketime", "SELECT MAKETIME(1, 2, 3)", "01:02:03", "maketime"),
	missing("sec-to-time", "SELECT SEC_TO_TIME(3661)", "01:01:01", "sec_to_time"),
	missing("addtime", "SELECT ADDTIME('10:00:00', '01:00:00')", "11:00:00", "addtime"),
	missing("period-add", "SELECT PERIOD_ADD(202401, 2)", "202403", "period_add"),
	missing("period-diff", "SELECT PERIOD_DIFF(202402, 202401)", "1", "period_diff"),
	missing("cume-dist", "SELECT CUME_DIST() OVER (ORDER BY id) FROM t WHERE id = 1", "1", "cume_dist"),
	missing("nth-value", "SELECT NTH_VALUE(a, 1) OVER (ORDER BY id) FROM t WHERE id = 1", "1", "nth_value"),
}

func missing(id, query, mysql, name string) Difference {
	return Difference{
		ID: id, SQL: query, MySQL: mysql,
		Gridgate: "error: function: '" + name + "' not found",
		Why:      "The function is missing.",
	}
}

// KnownTable renders Known as a table in Markdown, for the README.
func KnownTable() string {
	var sb strings.Builder
	sb.WriteString("| SQL | MySQL 8 | gridgate | why |\n|---|---|---|---|\n")
	for _, d := range Known {
		sb.WriteString("| " + code(d.SQL) + " | " + code(d.MySQL) + " | " + code(d.Gridgate) + " | " + cell(d.Why) + " |\n")
	}
	return sb.String()
}

// cell escapes what would end a table's cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func code(s string) string {
	if s == "" {
		return "(empty)"
	}
	quote := "`"
	for strings.Contains(s, quote) {
		quote += "`"
	}
	if len(quote) > 1 {
		return quote + " " + cell(s) + " " + quote
	}
	return quote + cell(s) + quote
}
