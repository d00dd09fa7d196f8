package difftest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// Nested is the statement of a seed whose conditions are EXISTS and IN over joins,
// derived tables, aggregates and unions, in one another; such statements are too few
// among those of Query. No derived table reads outer columns, which MySQL allows and
// MariaDB doesn't.
func (g Generator) Nested(seed int) Query {
	return rapid.Custom(func(t *rapid.T) Query {
		s := &statement{t: t, g: g, near: map[ColumnType][]string{}}
		from := s.nestedSource(1)
		var list []string
		for range 1 + s.upTo(1, "width") {
			c := s.column(from.sc.sortable(), "column")
			list = append(list, c.Name+" AS "+s.alias("c"))
		}
		text := "SELECT " + s.one([]string{"", "", "", "DISTINCT "}, "distinct") + strings.Join(list, ", ") + " FROM " + from.text
		conjuncts := []string{s.exists(from.sc, 2)}
		for range s.upTo(2, "more") {
			conjuncts = append(conjuncts, s.nestedCondition(from.sc, scope{}, 2))
		}
		return Query{SQL: text + " WHERE " + strings.Join(conjuncts, " AND ")}
	}).Example(seed)
}

// nestedSource is a table, a derived table or a join of them.
func (s *statement) nestedSource(depth int) source {
	one := func() source {
		name := s.alias("n")
		if depth == 0 || s.bool("table") {
			t := s.table()
			return source{text: t.Name + " AS " + name, sc: qualified(t.Columns, name)}
		}
		from := s.nestedSource(depth - 1)
		var list []string
		var columns []Column
		for range 1 + s.upTo(1, "width") {
			c := s.column(from.sc.sortable(), "column")
			as := s.alias("c")
			list, c.Name = append(list, c.Name+" AS "+as), as
			columns = append(columns, c)
		}
		where := ""
		if s.bool("filter") {
			where = " WHERE " + s.nestedCondition(from.sc, scope{}, depth)
		}
		text := s.one([]string{"", "", "", "DISTINCT "}, "distinct") + strings.Join(list, ", ") + " FROM " + from.text + where
		return source{text: "(SELECT " + text + ") AS " + name, sc: qualified(columns, name)}
	}
	out := one()
	for range max(0, s.upTo(4, "joined")-2) {
		right := one()
		on := s.equation(out.sc, right.sc)
		all := scope{columns: append(append([]Column{}, out.sc.columns...), right.sc.columns...)}
		if s.upTo(2, "residual") == 2 {
			on += " AND " + s.nestedCondition(all, scope{}, 0)
		}
		out = source{text: out.text + s.one([]string{" JOIN ", " LEFT JOIN ", " RIGHT JOIN "}, "join") + right.text + " ON " + on, sc: all}
	}
	return out
}

// nestedCondition is a condition over own columns, and perhaps outer ones.
func (s *statement) nestedCondition(own, outer scope, depth int) string {
	switch n := s.upTo(7, "condition"); {
	case n == 0:
		return s.one([]string{"1 = 1", "1 = 0", "NULL IS NULL", "7 < 0"}, "constant")
	case n == 1:
		return s.column(own.sortable(), "column").Name + s.one([]string{" IS NULL", " IS NOT NULL"}, "null")
	case n < 5 || depth == 0:
		a := s.column(own.sortable(), "column")
		var same []Column
		for _, c := range append(append([]Column{}, outer.sortable()...), own.sortable()...) {
			if c.Type == a.Type && (len(outer.columns) == 0 || len(same) == 0 || s.bool("another")) {
				same = append(same, c)
			}
		}
		return a.Name + s.one([]string{" = ", " < ", " <=> "}, "comparison") + s.column(same, "other").Name
	case n == 5:
		return s.in(own, depth)
	}
	return s.exists(scope{columns: append(append([]Column{}, own.columns...), outer.columns...)}, depth)
}

// in is IN or NOT IN over a derived table.
func (s *statement) in(sc scope, depth int) string {
	left := s.column(sc.sortable(), "column")
	from := s.nestedSource(depth - 1)
	for _, c := range from.sc.sortable() {
		if c.Type == left.Type {
			text := fmt.Sprintf("SELECT %s FROM %s WHERE %s", c.Name, from.text, s.nestedCondition(from.sc, scope{}, 0))
			if s.upTo(3, "union") == 3 {
				text += " UNION " + text
			}
			return fmt.Sprintf("%s %s (%s)", left.Name, s.one(words["in"], "in"), text)
		}
	}
	return left.Name + " IS NOT NULL"
}

// exists is EXISTS or NOT EXISTS of what may belong to a row of sc.
func (s *statement) exists(sc scope, depth int) string {
	from := s.nestedSource(depth - 1)
	text := "SELECT 1 FROM " + from.text
	for i := range s.upTo(2, "conjuncts") {
		text += []string{" WHERE ", " AND "}[i] + s.nestedCondition(from.sc, sc, depth-1)
	}
	switch s.upTo(15, "tail") {
	case 13:
		text += " UNION ALL " + text
	case 14:
		text += " HAVING COUNT(*) < 2"
	case 15:
		text += " LIMIT 1 OFFSET 1"
	}
	return s.one(words["not"], "not") + "EXISTS (" + text + ")"
}
