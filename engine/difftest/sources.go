package difftest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// inner draws a SELECT for a derived table, a common table expression or a
// branch: with a LIMIT only over an order of all its columns.
func (s *statement) inner(depth int) (text string, columns []Column) {
	from := s.plainSource()
	if depth > 0 && s.upTo(4, "nested") == 4 {
		from = s.derived(depth - 1)
	}
	if from.all && s.upTo(5, "all columns") == 5 {
		for _, c := range from.sc.columns {
			_, name, qualified := strings.Cut(c.Name, ".")
			if !qualified {
				name = c.Name
			}
			c.Name = name
			columns = append(columns, c)
		}
		text = "SELECT * FROM " + from.text + s.where(from.sc)
	} else {
		sel := s.selected(from, true)
		text, columns = sel.text, sel.columns
	}
	if allSortable(columns) && s.upTo(2, "inner limit") == 2 {
		s.mark("inner limit")
		var order []string
		for _, c := range columns {
			order = append(order, c.Name+s.one([]string{"", " DESC"}, "direction"))
		}
		text += " ORDER BY " + strings.Join(order, ", ") + fmt.Sprintf(" LIMIT %d", 1+s.upTo(20, "inner limit"))
		if s.bool("inner offset") {
			text += fmt.Sprintf(" OFFSET %d", s.upTo(5, "inner offset"))
		}
	}
	return text, columns
}

// derived is a derived table or a common table expression: a SELECT, or a
// union.
func (s *statement) derived(depth int) source {
	s.mark("derived")
	var text string
	var columns []Column
	if s.upTo(5, "of a union") == 5 {
		text, columns = s.union()
	} else {
		text, columns = s.inner(depth)
	}
	name := s.alias("d")
	if s.upTo(3, "cte") == 3 && s.with == "" {
		s.mark("cte")
		s.with = "WITH " + name + " AS (" + text + ") "
		return source{text: name, sc: scope{columns: columns}, all: true}
	}
	return source{text: "(" + text + ") AS " + name, sc: qualified(columns, name), all: true}
}

// union draws several SELECTs of the same types.
func (s *statement) union() (text string, columns []Column) {
	s.mark("union")
	var types []ColumnType
	for range 1 + s.upTo(2, "width") {
		types = append(types, rapid.SampledFrom([]ColumnType{Number, Text, Decimal, Double, Date, Datetime, Time}).Draw(s.t, "type"))
	}
	for i := range 2 + s.upTo(1, "third branch") {
		from := s.plainSource()
		var list []string
		for _, typ := range types {
			e := s.expression(from.sc, typ, 1)
			if len(from.sc.of(typ)) > 0 && s.upTo(2, "plain") < 2 {
				e = s.column(from.sc.of(typ), "column").Name
			}
			if i == 0 {
				c := Column{Name: s.alias("c"), Type: typ}
				columns = append(columns, c)
				e += " AS " + c.Name
			}
			list = append(list, e)
		}
		if i > 0 {
			text += s.one([]string{" UNION ALL ", " UNION "}, "union")
		}
		text += "SELECT " + strings.Join(list, ", ") + " FROM " + from.text + s.where(from.sc)
	}
	return text, columns
}

// topUnion is a union with an ORDER BY and a LIMIT over all of it.
func (s *statement) topUnion() Query {
	text, columns := s.union()
	return s.finish(text, columns, scope{})
}

// join joins two or three sources. Conditions of an ON may read whatever is
// joined so far; each has an equation, so that the rows don't become too many.
func (s *statement) join() source {
	out := source{sc: scope{big: true}}
	for i := range 2 + s.upTo(3, "third table")/3 {
		var text string
		var columns []Column
		name := s.alias("j")
		if s.upTo(4, "derived") == 4 {
			s.mark("derived")
			text, columns = s.inner(0)
			text = "(" + text + ")"
		} else {
			t := s.table()
			text, columns = t.Name, t.Columns
		}
		right := qualified(columns, name)
		both := scope{columns: append(append([]Column{}, out.sc.columns...), right.columns...), big: true}
		text += " AS " + name
		if i == 0 {
			out.text, out.sc = text, both
			continue
		}
		kind := s.one([]string{"JOIN", "LEFT JOIN"}, "join")
		s.mark(strings.ToLower(kind))
		on := s.equation(out.sc, right)
		if s.upTo(2, "residual") == 2 {
			s.mark("join with a residual condition")
			on += " AND " + s.condition(both, 1)
		}
		out.text += " " + kind + " " + text + " ON " + on
		out.sc = both
	}
	return out
}

// equation equates a column of each side; now and then of two types.
func (s *statement) equation(left, right scope) string {
	a := s.column(left.sortable(), "left column")
	var same, mixed []Column
	for _, c := range right.sortable() {
		switch {
		case c.Type == a.Type:
			same = append(same, c)
		case joinable(a.Type, c.Type):
			mixed = append(mixed, c)
		}
	}
	if len(mixed) > 0 && (len(same) == 0 || s.upTo(4, "mixed types") == 4) {
		s.mark("join of two types")
		same = mixed
	}
	if len(same) == 0 {
		return a.Name + " IS NULL"
	}
	b := s.column(same, "right column")
	return a.Name + s.one([]string{" = ", " = ", " = ", " <=> "}, "equation") + b.Name
}

// joinable are types that people equate although they differ.
func joinable(a, b ColumnType) bool {
	number := func(t ColumnType) bool {
		return t == Number || t == Decimal || t == Double || t == Wide || t == Unsigned
	}
	time := func(t ColumnType) bool { return t == Time || t == Date || t == Datetime }
	return number(a) && number(b) || time(a) && time(b) || number(a) && b == Text || a == Text && number(b)
}

// joinOfCounts joins two grouped derived tables.
func (s *statement) joinOfCounts() Query {
	s.mark("join")
	s.mark("derived")
	s.mark("group by")
	t := s.table()
	sc := scope{columns: t.Columns}
	c := s.column(sc.sortable(), "column")
	side := func() string {
		return fmt.Sprintf("(SELECT %s AS k, COUNT(*) AS n FROM %s%s GROUP BY %s)", c.Name, t.Name, s.where(sc), c.Name)
	}
	join := s.one([]string{"JOIN", "LEFT JOIN"}, "join")
	columns := []Column{{Name: "c1", Type: c.Type}, {Name: "c2", Type: Number}, {Name: "c3", Type: Number}}
	return s.finish(fmt.Sprintf("SELECT a.k AS c1, a.n AS c2, b.n AS c3 FROM %s a %s %s b ON a.k = b.k", side(), join, side()), columns, scope{})
}

// window numbers the rows of a grouped table.
func (s *statement) window() Query {
	s.mark("window")
	s.mark("derived")
	s.mark("group by")
	t := s.table()
	sc := scope{columns: t.Columns}
	c := s.column(sc.sortable(), "column")
	columns := []Column{{Name: "k", Type: c.Type}, {Name: "n", Type: Number}, {Name: "c1", Type: Number}}
	return s.finish(fmt.Sprintf("SELECT k, n, ROW_NUMBER() OVER (ORDER BY n DESC, k) AS c1 FROM (SELECT %s AS k, COUNT(*) AS n FROM %s%s GROUP BY %s) AS d",
		c.Name, t.Name, s.where(sc), c.Name), columns, scope{})
}
