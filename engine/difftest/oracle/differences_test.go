package oracle

import (
	"regexp"
	"slices"
	"strings"

	"gridgate/engine/difftest"
)

// difference is something that MySQL 8 and MariaDB answer differently. The test
// asks MariaDB for the example each time.
type difference struct {
	id      string
	example string
	mysql   string // its answer to the example, and where that is written
	mariadb string // its answer to the example, or its error by code
	why     string
	// tolerance, when not 0, is by how much MariaDB's floats differ, relative to
	// the larger one and to 1: beyond, it explains nothing.
	tolerance float64
	// explains says whether the difference may be the reason for another answer.
	explains func(q difftest.Query, mariadb difftest.Rows) bool
}

func asks(operator string) func(difftest.Query, difftest.Rows) bool {
	return func(q difftest.Query, _ difftest.Rows) bool { return slices.Contains(q.Operators, operator) }
}

func contains(pattern string) func(difftest.Query, difftest.Rows) bool {
	p := regexp.MustCompile(pattern)
	return func(q difftest.Query, _ difftest.Rows) bool { return p.MatchString(q.SQL) }
}

// differences are MariaDB's from MySQL 8.
var differences = []difference{
	{
		id:        "deviation-digits",
		example:   "SELECT STD(code) FROM stations",
		mysql:     "a DOUBLE with all its digits (manual, \"Aggregate Function Descriptions\"; Item_sum_variance::resolve_type)",
		mariadb:   "0.9574",
		tolerance: 1e-3,
		why:       "MariaDB shows a deviation or variance of exact numbers with four digits more than the argument has.",
		explains:  asks("aggregate:deviation"),
	},
	{
		id:       "fraction-cut",
		example:  "SELECT CAST(TIMESTAMP'2026-01-01 10:00:00.500' AS DATETIME)",
		mysql:    "2026-01-01 10:00:01: rounded (manual, \"Fractional Seconds in Time Values\")",
		mariadb:  "2026-01-01 10:00:00",
		why:      "MariaDB cuts a fraction of a second off unless sql_mode has TIME_ROUND_FRACTIONAL.",
		explains: contains(`AS DATETIME\)`),
	},
	{
		id:       "distinct-constant",
		example:  "SELECT COUNT(*) FROM (SELECT DISTINCT 1 AS c FROM labels LIMIT 4 OFFSET 1) d",
		mysql:    "0: LIMIT and OFFSET are applied to the distinct rows (manual, \"DISTINCT Optimization\")",
		mariadb:  "1",
		why:      "MariaDB reads one row of a DISTINCT over constants and forgets the OFFSET.",
		explains: contains(`DISTINCT .* OFFSET [1-9]`),
	},
	{
		id:      "null-decimal-key",
		example: "SELECT value AS v, (- price) AS p, SUM(DISTINCT price) AS s, AVG(value) AS a FROM measures GROUP BY v, (- price) ORDER BY v, 2 DESC, 3",
		mysql:   "29 rows: NULL is a group of its own (manual, \"GROUP BY Modifiers\" and \"Working with NULL Values\")",
		mariadb: "25 rows",
		why:     "Beside an aggregate with DISTINCT, and sorted, MariaDB merges NULL with another value of a DECIMAL expression.",
		explains: func(q difftest.Query, _ difftest.Rows) bool {
			return slices.Contains(q.Operators, "group by expression") && strings.Contains(q.SQL, "(DISTINCT")
		},
	},
	{
		id:       "row-not-in-outer-join",
		example:  "SELECT COUNT(*) FROM stations AS a LEFT JOIN nothing AS b ON a.code = b.id WHERE (b.n, a.name) NOT IN ((1, 'x'), (7, 'y'))",
		mysql:    "6: a row with a NULL differs from one where another column differs (manual, \"Comparison Functions and Operators\", row comparisons)",
		mariadb:  "0",
		why:      "MariaDB makes an inner join of the outer one, as if NOT IN of rows were never true of a NULL.",
		explains: contains(`LEFT JOIN .*\) NOT IN \(\(`),
	},
	{
		id:       "overflow-by-substitution",
		example:  "SELECT COUNT(*) FROM measures AS a LEFT JOIN stations AS c ON a.value = c.name LEFT JOIN (SELECT code FROM stations LIMIT 8) AS b ON a.wide = b.code WHERE b.code + 1 = 10",
		mysql:    "0",
		mariadb:  "error 1690",
		why:      "MariaDB computes a condition with the column that its own is equated with, before the join.",
		explains: func(_ difftest.Query, mariadb difftest.Rows) bool { return mariadb.Code == 1690 },
	},
	{
		id:       "round-scale",
		example:  "SELECT ROUND(1.5, 3)",
		mysql:    "1.5: more digits than the argument has are not added (manual, \"Mathematical Functions\", ROUND)",
		mariadb:  "1.500",
		why:      "MariaDB's ROUND has the scale that is asked for, also where the DECIMAL's is less.",
		explains: contains(`ROUND\(.*, [1-9]\)`),
	},
	{
		id:      "json-collation",
		example: `SELECT COUNT(*) FROM measures WHERE JSON_UNQUOTE(JSON_EXTRACT(doc, '$.station')) LIKE 'D%'`,
		mysql:   "an answer: JSON_UNQUOTE's text is utf8mb4_bin with less weight than a literal's collation",
		mariadb: "error 1267",
		why:     "MariaDB gives the text of JSON and a literal the same weight.",
		explains: func(_ difftest.Query, mariadb difftest.Rows) bool {
			return mariadb.Code == 1267 || mariadb.Code == 1270 || mariadb.Code == 1271
		},
	},
}

// knownHere are the differences of engine/semantics/known.go that generated
// statements meet, by their ids.
var knownHere = map[string]func(q difftest.Query, gridgate difftest.Rows) bool{
	"group-concat-in-order": failing(1052, `GROUP_CONCAT\(`),
	"group-concat-sorted": func(q difftest.Query, gridgate difftest.Rows) bool {
		return failing(1055, `GROUP_CONCAT\(`)(q, gridgate) || failing(1140, `GROUP_CONCAT\(`)(q, gridgate)
	},
	"having-qualified": failing(1146, `HAVING`),
	"derived-constant": failing(1105, `\(SELECT.*\(SELECT`),
}

func failing(code uint16, pattern string) func(difftest.Query, difftest.Rows) bool {
	match := contains(pattern)
	return func(q difftest.Query, gridgate difftest.Rows) bool {
		return gridgate.Code == code && match(q, gridgate)
	}
}
