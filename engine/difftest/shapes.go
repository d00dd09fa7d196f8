package difftest

import (
	"fmt"
	"strings"
)

// joinOfCounts joins two grouped derived tables.
func (s *statement) joinOfCounts() Query {
	t := s.table()
	c := s.column(t)
	side := func() string {
		return fmt.Sprintf("(SELECT %s k, COUNT(*) n FROM %s%s GROUP BY %s)", c.Name, t.Name, s.where(t, ""), c.Name)
	}
	join := s.one([]string{"JOIN", "LEFT JOIN"}, "join")
	return s.finish([]string{"a.k", "a.n", "b.n"}, fmt.Sprintf("FROM %s a %s %s b ON a.k = b.k", side(), join, side()), nil)
}

// union puts two SELECTs together.
func (s *statement) union() Query {
	branch := func() string {
		t := s.table()
		return fmt.Sprintf("SELECT %s AS c0 FROM %s%s", textOrNumber(s.column(t)), t.Name, s.where(t, ""))
	}
	q := Query{SQL: branch() + s.one([]string{" UNION ", " UNION ALL "}, "union") + branch()}
	if s.bool("ordered") {
		q.SQL += " ORDER BY c0"
		q.Keys = []int{0}
	}
	return q
}

// textOrNumber makes the branches of a union have one type.
func textOrNumber(c Column) string {
	if c.Type == Text {
		return c.Name
	}
	return "CAST(" + c.Name + " AS CHAR)"
}

// overDerived selects from a derived table or a common table expression, which
// may have a LIMIT of its own over a total order.
func (s *statement) overDerived() Query {
	t := s.table()
	var cols []string
	for _, c := range t.Columns {
		cols = append(cols, c.Name)
	}
	inner := fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(cols, ", "), t.Name, s.where(t, ""))
	if s.bool("inner limit") {
		inner += " ORDER BY " + strings.Join(cols, ", ") + fmt.Sprintf(" LIMIT %d", 1+s.upTo(20, "inner limit"))
	}
	where := s.where(t, "")
	from, with := "("+inner+") d", ""
	if s.bool("cte") {
		from, with = "d", "WITH d AS ("+inner+") "
	}
	var q Query
	if s.bool("grouped") {
		list, groupBy, having := s.grouped(t, "")
		q = s.finish(list, "FROM "+from+where+groupBy+having, nil)
	} else {
		q = s.finish([]string{s.scalar(t, ""), s.scalar(t, "")}, "FROM "+from+where, nil)
	}
	q.SQL = with + q.SQL
	if q.Unlimited != "" {
		q.Unlimited = with + q.Unlimited
	}
	return q
}

// correlated has a subquery that reads a column of the outer query. The outer
// rows are few, since the subquery runs once for each.
func (s *statement) correlated() Query {
	outer, inner := s.table(), s.table()
	a, b := s.column(outer), s.column(inner)
	if !comparable(a, b) {
		return s.simple()
	}
	from := fmt.Sprintf("FROM (SELECT DISTINCT %s k FROM %s ORDER BY k LIMIT 5) o", a.Name, outer.Name)
	if s.bool("exists") {
		not := s.one([]string{"", "NOT "}, "not")
		return s.finish([]string{"o.k"}, fmt.Sprintf("%s WHERE %sEXISTS (SELECT 1 FROM %s i WHERE i.%s = o.k)", from, not, inner.Name, b.Name), nil)
	}
	return s.finish([]string{"o.k", fmt.Sprintf("(SELECT COUNT(*) FROM %s i WHERE i.%s = o.k)", inner.Name, b.Name)}, from, nil)
}

// window numbers the rows of a grouped table.
func (s *statement) window() Query {
	t := s.table()
	c := s.column(t)
	from := fmt.Sprintf("FROM (SELECT %s k, COUNT(*) n FROM %s%s GROUP BY %s) d", c.Name, t.Name, s.where(t, ""), c.Name)
	return s.finish([]string{"k", "n", "ROW_NUMBER() OVER (ORDER BY n DESC, k)"}, from, nil)
}

// joinOfTables joins two or three tables as they are. Conditions of an ON may
// read any table that is there; rows are counted or sorted, since they are
// many.
func (s *statement) joinOfTables() Query {
	names := []string{"a", "b", "c"}[:2+s.upTo(1, "third table")]
	var joined []Table
	from := ""
	for i, name := range names {
		t := s.table()
		joined = append(joined, t)
		if i == 0 {
			from = "FROM " + t.Name + " " + name
			continue
		}
		var on []string
		for range 1 + s.upTo(1, "conditions") {
			on = append(on, s.joinCondition(names[:i+1], joined))
		}
		from += fmt.Sprintf(" %s %s %s ON %s", s.one([]string{"JOIN", "LEFT JOIN"}, "join"), t.Name, name, strings.Join(on, " AND "))
	}
	if s.bool("where") {
		from += " WHERE " + s.joinCondition(names, joined)
	}
	at := s.upTo(len(names)-1, "counted")
	c := s.column(joined[at])
	if s.bool("grouped") {
		col := names[at] + "." + c.Name
		return s.finish([]string{col, "COUNT(*)"}, from+" GROUP BY "+col, nil)
	}
	return s.finish([]string{"COUNT(*)", "COUNT(" + names[at] + "." + c.Name + ")"}, from, nil)
}

// joinCondition compares columns of two tables, or one with a constant.
func (s *statement) joinCondition(names []string, joined []Table) string {
	i, j := s.upTo(len(names)-1, "left table"), s.upTo(len(names)-1, "right table")
	c, d := s.column(joined[i]), s.column(joined[j])
	if i == j || !comparable(c, d) {
		if c.Type == JSON {
			return fmt.Sprintf("%s.%s IS NOT NULL", names[i], c.Name)
		}
		return fmt.Sprintf("%s.%s %s %s", names[i], c.Name, s.comparison(), s.literal(c))
	}
	return fmt.Sprintf("%s.%s %s %s.%s", names[i], c.Name, s.one([]string{"=", "=", "=", "<", "<="}, "comparison"), names[j], d.Name)
}

// sortedBySubquery sorts by a subquery of the select list.
func (s *statement) sortedBySubquery() Query {
	outer, inner := s.table(), s.table()
	a, b := s.column(outer), s.column(inner)
	if !comparable(a, b) {
		return s.simple()
	}
	return s.finish([]string{"o." + a.Name, fmt.Sprintf("(SELECT COUNT(*) FROM %s i WHERE i.%s = o.%s)", inner.Name, b.Name, a.Name)},
		"FROM "+outer.Name+" o", nil)
}
