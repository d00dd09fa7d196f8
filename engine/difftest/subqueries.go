package difftest

import (
	"fmt"
)

// subqueryCondition is a predicate with a subquery, correlated or not.
func (s *statement) subqueryCondition(sc scope) string {
	s.mark("subquery")
	s.subqueries++
	t := s.table()
	name := s.alias("s")
	in := qualified(t.Columns, name)
	outer := s.column(sc.sortable(), "outer column")
	var same []Column
	for _, c := range in.sortable() {
		if c.Type == outer.Type {
			same = append(same, c)
		}
	}
	where := s.where(scope{columns: in.columns, big: true})
	if len(same) == 0 {
		return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s AS %s%s)", s.one(words["not"], "not"), t.Name, name, where)
	}
	c := s.column(same, "inner column")
	correlated := fmt.Sprintf("%s %s %s", c.Name, s.one([]string{"=", "=", "<", "<=>"}, "correlation"), outer.Name)
	if where == "" {
		correlated = " WHERE " + correlated
	} else {
		correlated = where + " AND " + correlated
	}
	switch s.upTo(5, "subquery") {
	case 0, 1:
		return fmt.Sprintf("%s %s (SELECT %s FROM %s AS %s%s)", outer.Name, s.one(words["in"], "in"), c.Name, t.Name, name, where)
	case 2, 3:
		s.mark("correlated subquery")
		return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s AS %s%s)", s.one(words["not"], "not"), t.Name, name, correlated)
	case 4:
		return fmt.Sprintf("%s %s (SELECT %s(%s) FROM %s AS %s%s)", outer.Name, s.one(words["order"], "comparison"),
			s.one([]string{"MIN", "MAX"}, "extreme"), c.Name, t.Name, name, where)
	default:
		s.mark("correlated subquery")
		return fmt.Sprintf("(SELECT COUNT(*) FROM %s AS %s%s) %s %d", t.Name, name, correlated, s.one(words["order"], "comparison"), s.upTo(3, "count"))
	}
}

// scalarSubquery counts what belongs to an outer row, or takes an extreme.
func (s *statement) scalarSubquery(sc scope) string {
	s.mark("subquery")
	s.subqueries++
	t := s.table()
	name := s.alias("s")
	in := qualified(t.Columns, name)
	outer := s.column(sc.sortable(), "outer column")
	for _, c := range in.sortable() {
		if c.Type == outer.Type {
			s.mark("correlated subquery")
			return fmt.Sprintf("(SELECT COUNT(*) FROM %s AS %s WHERE %s = %s)", t.Name, name, c.Name, outer.Name)
		}
	}
	return fmt.Sprintf("(SELECT COUNT(*) FROM %s AS %s%s)", t.Name, name, s.where(scope{columns: in.columns, big: true}))
}
