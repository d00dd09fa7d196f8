package difftest

import (
	"strings"

	"pgregory.net/rapid"
)

// keyed are the tables with key columns.
func (g Generator) keyed() []Table {
	var out []Table
	for _, t := range g.Tables {
		if len(keysOf(t).columns) > 0 {
			out = append(out, t)
		}
	}
	return out
}

func keysOf(t Table) scope {
	var out scope
	for _, c := range t.Columns {
		if c.Key {
			out.columns = append(out.columns, c)
		}
	}
	return out
}

// lookup draws a statement that finds rows of one table by its keys, as stores
// can that find rows by nothing else: other statements seldom leave them much
// to do.
func (s *statement) lookup(of []Table) Query {
	t := rapid.SampledFrom(of).Draw(s.t, "table")
	all := scope{columns: t.Columns}
	var list []string
	var columns []Column
	switch s.upTo(7, "list") {
	case 0:
		c := s.column(t.Columns, "column")
		list = []string{s.one([]string{"COUNT(*)", "COUNT(" + c.Name + ")"}, "count") + " AS n"}
		columns = []Column{{Name: "n", Type: Number}}
		s.mark("group by")
	default:
		for range 1 + s.upTo(2, "width") {
			c := s.column(t.Columns, "column")
			c.Name, list = s.alias("c"), append(list, c.Name)
			list[len(list)-1] += " AS " + c.Name
			columns = append(columns, c)
		}
	}
	distinct := ""
	if s.upTo(7, "distinct") == 7 && allSortable(columns) {
		distinct = "DISTINCT "
		s.mark("distinct")
	}
	var where []string
	for range s.upTo(2, "conditions") {
		where = append(where, s.keyCondition(keysOf(t)))
	}
	if s.upTo(4, "another condition") == 4 {
		where = append(where, s.condition(all, 1))
	}
	text := "SELECT " + distinct + strings.Join(list, ", ") + " FROM " + t.Name
	if len(where) > 0 {
		s.mark("filter")
		text += " WHERE " + strings.Join(where, " AND ")
	}
	if s.upTo(2, "sorted") == 2 {
		return s.finish(text, columns, scope{})
	}
	return s.limited(Query{SQL: text})
}

// keyCondition is a condition on a key column.
func (s *statement) keyCondition(keys scope) string {
	c := s.column(keys.columns, "key")
	literal := func() string { return s.literal(c.Type) }
	forms := []string{"=", "=", "IN"}
	if c.Type == Time {
		forms = []string{"=", "<", "<=", ">", ">=", "BETWEEN"}
	}
	switch form := s.one(forms, "key condition"); form {
	case "IN":
		var list []string
		for range 1 + s.upTo(3, "values") {
			list = append(list, literal())
		}
		return c.Name + " IN (" + strings.Join(list, ", ") + ")"
	case "BETWEEN":
		return c.Name + " BETWEEN " + literal() + " AND " + literal()
	default:
		return c.Name + " " + form + " " + literal()
	}
}
