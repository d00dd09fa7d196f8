package difftest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// Table is what the generator knows of a table.
type Table struct {
	Name    string
	Columns []Column
}

// Column is a column with literals that occur in it.
type Column struct {
	Name     string
	Type     ColumnType
	Literals []string
}

// ColumnType is what the generator may do with a column.
type ColumnType uint8

// The column types. Numbers are BIGINT.
const (
	Number ColumnType = iota
	Text
	Double
	Time // TIMESTAMP
	JSON // an object
)

// comparable reports whether comparing two columns makes sense to everybody.
func comparable(a, b Column) bool { return a.Type == b.Type && a.Type != JSON }

// Generator makes statements over some tables.
type Generator struct{ Tables []Table }

// Query draws a statement.
func (g Generator) Query(t *rapid.T) Query {
	s := &statement{t: t, g: g}
	switch s.upTo(24, "shape") {
	case 0, 1:
		return s.joinOfCounts()
	case 2:
		return s.union()
	case 3, 4:
		return s.overDerived()
	case 5:
		return s.correlated()
	case 6:
		return s.window()
	case 7, 8, 9:
		return s.joinOfTables()
	case 10:
		return s.sortedBySubquery()
	default:
		return s.simple()
	}
}

// statement is one statement in the making.
type statement struct {
	t *rapid.T
	g Generator
}

func (s *statement) bool(name string) bool       { return rapid.Bool().Draw(s.t, name) }
func (s *statement) upTo(n int, name string) int { return rapid.IntRange(0, n).Draw(s.t, name) }
func (s *statement) one(of []string, name string) string {
	return rapid.SampledFrom(of).Draw(s.t, name)
}
func (s *statement) table() Table { return rapid.SampledFrom(s.g.Tables).Draw(s.t, "table") }
func (s *statement) column(t Table) Column {
	return rapid.SampledFrom(t.Columns).Draw(s.t, "column")
}

// simple is a SELECT over one table, grouped or not.
func (s *statement) simple() Query {
	t := s.table()
	name, prefix := t.Name, ""
	if s.upTo(3, "alias") == 0 {
		name, prefix = t.Name+" AS x", "x."
	}
	where := s.where(t, prefix)
	if s.bool("grouped") {
		list, groupBy, having := s.grouped(t, prefix)
		return s.finish(list, "FROM "+name+where+groupBy+having, nil)
	}
	var list []string
	for range 1 + s.upTo(2, "width") {
		list = append(list, s.scalar(t, prefix))
	}
	var hidden []string
	if s.upTo(4, "hidden sort key") == 0 {
		hidden = []string{prefix + s.column(t).Name}
	}
	return s.finish(list, "FROM "+name+where, hidden)
}

// grouped is a select list with its GROUP BY and HAVING.
func (s *statement) grouped(t Table, prefix string) (list []string, groupBy, having string) {
	var keys []string
	for _, c := range t.Columns {
		if s.upTo(3, "key") == 0 {
			k := prefix + c.Name
			if s.upTo(5, "key is an expression") == 0 {
				k = s.over(c, k)
			}
			keys = append(keys, k)
		}
	}
	list = append(list, keys...)
	for range 1 + s.upTo(1, "aggregates") {
		list = append(list, s.aggregate(t, prefix))
	}
	if len(keys) > 0 {
		groupBy = " GROUP BY " + strings.Join(keys, ", ")
	}
	if s.upTo(3, "having") == 0 {
		having = fmt.Sprintf(" HAVING COUNT(*) %s %d", s.comparison(), s.upTo(20, "having count"))
	}
	return list, groupBy, having
}

func (s *statement) aggregate(t Table, prefix string) string {
	c := s.column(t)
	col := prefix + c.Name
	switch s.upTo(11, "aggregate") {
	case 0, 9, 10, 11: // what COUNT(x) skips is easily forgotten
		return "COUNT(" + col + ")"
	case 1, 2:
		return "COUNT(DISTINCT " + col + ")"
	case 3:
		if c.Type != JSON {
			return "MIN(" + col + ")"
		}
	case 4:
		if c.Type != JSON {
			return "MAX(" + col + ")"
		}
	case 5:
		if c.Type == Number || c.Type == Double {
			return "SUM(" + col + ")"
		}
	case 6:
		if c.Type == Number || c.Type == Double {
			return "AVG(" + col + ")"
		}
	}
	return "COUNT(*)"
}

// scalar is an expression of a select list.
func (s *statement) scalar(t Table, prefix string) string {
	c := s.column(t)
	if s.upTo(3, "plain") > 0 {
		return prefix + c.Name
	}
	return s.over(c, prefix+c.Name)
}

// over is a function of a column.
func (s *statement) over(c Column, col string) string {
	return fmt.Sprintf(s.one(functions[c.Type], "function"), col)
}

// functions are those of a column, by its type.
var functions = map[ColumnType][]string{
	Number: {"%s + 1", "%s * 2", "-%s", "%s %% 3", "%s DIV 2", "%s / 2", "CAST(%s AS CHAR)"},
	Double: {"%s + 1", "%s * 2", "-%s", "ROUND(%s)", "IFNULL(%s, 0)", "COALESCE(%s, -1)"},
	Text: {
		"UPPER(%s)", "LOWER(%s)", "LENGTH(%s)", "CHAR_LENGTH(%s)", "CONCAT(%s, '!')", "SUBSTRING(%s, 2)",
		"IFNULL(%s, 'none')", "LEFT(%s, 2)", "REVERSE(%s)",
	},
	Time: {
		"UNIX_TIMESTAMP(%s)", "UNIX_TIMESTAMP(%s) DIV 300 * 300", "DATE(%s)", "HOUR(%s)", "%s + INTERVAL 90 SECOND",
		"DATE_FORMAT(%s, '%%Y-%%m-%%d %%H')", "CAST(%s AS CHAR)",
	},
	JSON: {"%s->>'$.station'", "%s->'$.value'", "JSON_LENGTH(%s)", "JSON_TYPE(%s->'$.value')"},
}

func (s *statement) where(t Table, prefix string) string {
	var conjuncts []string
	for range s.upTo(2, "conjuncts") {
		conjuncts = append(conjuncts, s.condition(t, prefix, 2))
	}
	if len(conjuncts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conjuncts, " AND ")
}

func (s *statement) comparison() string {
	return s.one([]string{"=", "<>", "<", "<=", ">", ">=", "<=>"}, "comparison")
}

// condition is a predicate; not all of them can be pushed anywhere.
func (s *statement) condition(t Table, prefix string, depth int) string {
	c := s.column(t)
	col := prefix + c.Name
	if c.Type == JSON { // conditions are on what is in it
		c.Type, col = Text, "("+col+"->>'$.station')"
	}
	kinds := 12
	if depth == 0 {
		kinds = 9
	}
	switch s.upTo(kinds, "condition") {
	case 0, 1:
		return fmt.Sprintf("%s %s %s", col, s.comparison(), s.literal(c))
	case 2:
		return fmt.Sprintf("%s %s %s", s.literal(c), s.comparison(), col)
	case 3:
		var list []string
		for range 1 + s.upTo(3, "list") {
			list = append(list, s.literal(c))
		}
		return col + s.one([]string{" IN (", " NOT IN ("}, "in") + strings.Join(list, ", ") + ")"
	case 4:
		if c.Type == Text {
			return fmt.Sprintf("%s LIKE '%s'", col, s.pattern(c))
		}
		return fmt.Sprintf("%s BETWEEN %s AND %s", col, s.literal(c), s.literal(c))
	case 5:
		return fmt.Sprintf("%s BETWEEN %s AND %s", col, s.literal(c), s.literal(c))
	case 6:
		return col + s.one([]string{" IS NULL", " IS NOT NULL"}, "null")
	case 7:
		if c.Type == Time { // its functions give numbers, texts and times
			return fmt.Sprintf("UNIX_TIMESTAMP(%s) %s UNIX_TIMESTAMP(%s)", col, s.comparison(), s.literal(c))
		}
		return fmt.Sprintf("%s %s %s", s.over(c, col), s.comparison(), s.literal(c))
	case 8:
		d := s.column(t)
		if comparable(c, d) {
			return fmt.Sprintf("%s %s %s%s", col, s.comparison(), prefix, d.Name)
		}
		return col + " IS NOT NULL"
	case 9:
		u := s.table()
		e := s.column(u)
		if comparable(c, e) {
			return fmt.Sprintf("%s IN (SELECT %s FROM %s%s)", col, e.Name, u.Name, s.where(u, ""))
		}
		return col + " IS NOT NULL"
	case 10:
		return "(" + s.condition(t, prefix, depth-1) + " OR " + s.condition(t, prefix, depth-1) + ")"
	case 11:
		return "NOT (" + s.condition(t, prefix, depth-1) + ")"
	default:
		return "(" + s.condition(t, prefix, depth-1) + " AND " + s.condition(t, prefix, depth-1) + ")"
	}
}

func (s *statement) literal(c Column) string {
	n := s.upTo(15, "literal")
	switch {
	case n == 0:
		return "NULL"
	case c.Type == Time: // rubbish is an error as soon as a row meets it
	case n == 1:
		return s.one([]string{"0", "1", "7"}, "number")
	case n == 2:
		return s.one([]string{"''", "'a'", "'zz'"}, "text")
	}
	return s.one(c.Literals, "value")
}

// pattern makes a LIKE pattern of a text literal.
func (s *statement) pattern(c Column) string {
	runes := []rune(strings.Trim(s.one(c.Literals, "value"), "'"))
	var b strings.Builder
	for i, r := range runes {
		if i >= 8 {
			break
		}
		switch s.upTo(6, "wildcard") {
		case 0:
			b.WriteByte('%')
		case 1:
			b.WriteByte('_')
		default:
			if r != '\\' && r != '\'' {
				b.WriteRune(r)
			}
		}
	}
	if s.bool("open end") {
		b.WriteByte('%')
	}
	return b.String()
}

// finish puts DISTINCT, ORDER BY and LIMIT around a select list. hidden are
// sort keys that are not in the list.
func (s *statement) finish(list []string, rest string, hidden []string) Query {
	var q Query
	for i := range list {
		list[i] = fmt.Sprintf("%s AS c%d", list[i], i)
	}
	distinct := ""
	if len(hidden) == 0 && s.upTo(4, "distinct") == 0 {
		distinct = "DISTINCT "
	}
	q.SQL = "SELECT " + distinct + strings.Join(list, ", ") + " " + rest
	var order []string
	if s.bool("ordered") {
		for i := range list {
			if s.bool("sort key") {
				q.Keys = append(q.Keys, i)
				order = append(order, fmt.Sprintf("c%d%s", i, s.one([]string{"", " DESC"}, "direction")))
			}
		}
		if len(order) == 0 || s.upTo(5, "hidden first") > 0 {
			order = append(order, hidden...)
		} else if len(hidden) > 0 {
			order = append(append([]string{}, hidden...), order...)
			q.Keys = nil
		}
	}
	if len(order) > 0 {
		q.SQL += " ORDER BY " + strings.Join(order, ", ")
	}
	return s.limited(q)
}

func (s *statement) limited(q Query) Query {
	if s.upTo(2, "limited") > 0 {
		return q
	}
	q.Unlimited = q.SQL
	q.Limit = s.upTo(12, "limit")
	q.SQL += fmt.Sprintf(" LIMIT %d", q.Limit)
	if s.bool("offset") {
		q.Offset = s.upTo(6, "offset by")
		q.SQL += fmt.Sprintf(" OFFSET %d", q.Offset)
	}
	return q
}
