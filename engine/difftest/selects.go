package difftest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// source is what stands after FROM: text, and the columns that it has.
type source struct {
	text string
	sc   scope
	all  bool // SELECT * is allowed: the columns' names are unique
}

// selection is a SELECT without ORDER BY and LIMIT.
type selection struct {
	text    string
	columns []Column // the outputs, under their aliases
	// sortBy are further sort keys: expressions that ORDER BY may name.
	sortBy scope
	// whole: ORDER BY may only name outputs (DISTINCT).
	distinct bool
}

// alias gives a name that nothing else in the statement has.
func (s *statement) alias(prefix string) string {
	s.aliases++
	return prefix + itoa(s.aliases)
}

// plainSource is one table.
func (s *statement) plainSource() source {
	t := s.table()
	if s.upTo(3, "alias") < 3 {
		return source{text: t.Name, sc: scope{columns: t.Columns}, all: !t.More}
	}
	name := s.alias("t")
	return source{text: t.Name + " AS " + name, sc: qualified(t.Columns, name), all: !t.More}
}

func qualified(columns []Column, name string) scope {
	var sc scope
	for _, c := range columns {
		c.Name = name + "." + c.Name
		sc.columns = append(sc.columns, c)
	}
	return sc
}

// where draws a WHERE clause, or none.
func (s *statement) where(sc scope) string {
	var conjuncts []string
	for range s.upTo(2, "conjuncts") {
		conjuncts = append(conjuncts, s.condition(sc, 2))
	}
	if len(conjuncts) == 0 {
		return ""
	}
	s.mark("filter")
	return " WHERE " + strings.Join(conjuncts, " AND ")
}

// selected draws a SELECT over a source. nested ones give no values that two
// ways of adding up could make different.
func (s *statement) selected(from source, nested bool) selection {
	where := s.where(from.sc)
	if s.upTo(2, "grouped") == 2 {
		return s.grouped(from, where, nested)
	}
	var out selection
	var list []string
	types := []ColumnType{Number, Text, Double, Time, Decimal, Date, Datetime, Wide, Unsigned, JSON}
	for range 1 + s.upTo(3, "width") {
		var e string
		var typ ColumnType
		var literals []string
		if s.upTo(2, "computed") < 2 {
			c := s.column(from.sc.columns, "column")
			e, typ, literals = c.Name, c.Type, c.Literals
		} else {
			typ = rapid.SampledFrom(types).Draw(s.t, "type")
			e = s.expression(from.sc, typ, 2)
			s.mark("select list")
		}
		name := s.alias("c")
		list = append(list, e+" AS "+name)
		out.columns = append(out.columns, Column{Name: name, Type: typ, Literals: literals})
	}
	if !nested && !from.sc.big && s.subqueries == 0 && s.upTo(15, "scalar subquery") == 15 {
		name := s.alias("c")
		list = append(list, s.scalarSubquery(from.sc)+" AS "+name)
		out.columns = append(out.columns, Column{Name: name, Type: Number})
	}
	if nested && len((scope{columns: out.columns}).sortable()) == 0 {
		c := s.column(from.sc.sortable(), "column")
		c.Name, list = s.alias("c"), append(list, c.Name)
		list[len(list)-1] += " AS " + c.Name
		out.columns = append(out.columns, c)
	}
	distinct := ""
	if s.upTo(5, "distinct") == 5 && allSortable(out.columns) {
		s.mark("distinct")
		distinct, out.distinct = "DISTINCT ", true
	} else {
		out.sortBy = from.sc
	}
	out.text = "SELECT " + distinct + strings.Join(list, ", ") + " FROM " + from.text + where
	return out
}

func allSortable(columns []Column) bool {
	return len(scope{columns: columns}.sortable()) == len(columns)
}

// grouped draws a SELECT with aggregates.
func (s *statement) grouped(from source, where string, nested bool) selection {
	s.mark("group by")
	var out selection
	var list, keys []string
	after := scope{big: true} // what HAVING and ORDER BY may use
	for range s.upTo(2, "keys") {
		key, typ := s.groupKey(from.sc)
		name := s.alias("c")
		list = append(list, key+" AS "+name)
		out.columns = append(out.columns, Column{Name: name, Type: typ})
		switch s.upTo(3, "group by") {
		case 3:
			keys = append(keys, name)
		case 2:
			keys = append(keys, itoa(len(list)))
		default:
			keys = append(keys, key)
		}
		if !strings.ContainsAny(key, "(' ") { // a bare column
			after.columns = append(after.columns, Column{Name: key, Type: typ})
		}
	}
	for range 1 + s.upTo(2, "aggregates") {
		e, typ, exact := s.aggregate(from.sc)
		if nested && !exact {
			e, typ, exact = "COUNT(*)", Number, true
		}
		if exact {
			after.columns = append(after.columns, Column{Name: e, Type: typ, Literals: fewRows(typ)})
			if typ.sortable() && typ != Text && s.upTo(3, "of an aggregate") == 3 {
				e = s.expression(scope{columns: []Column{{Name: e, Type: typ}}, big: true}, typ, 2)
			}
		}
		name := s.alias("c")
		list = append(list, e+" AS "+name)
		out.columns = append(out.columns, Column{Name: name, Type: typ})
		if !exact {
			out.columns[len(out.columns)-1].Type = JSON // neither sorted by nor compared
		}
	}
	if nested && len((scope{columns: out.columns}).sortable()) == 0 {
		panic("a nested SELECT has nothing to sort by")
	}
	distinct := ""
	if s.upTo(9, "distinct") == 9 && allSortable(out.columns) {
		s.mark("distinct")
		distinct, out.distinct = "DISTINCT ", true
	} else {
		out.sortBy = after
	}
	out.text = "SELECT " + distinct + strings.Join(list, ", ") + " FROM " + from.text + where
	if len(keys) > 0 {
		out.text += " GROUP BY " + strings.Join(keys, ", ")
	}
	if s.upTo(3, "having") == 3 {
		s.mark("having")
		after.columns = append(after.columns, Column{Name: "COUNT(*)", Type: Number, Literals: fewRows(Number)})
		out.text += " HAVING " + s.condition(after, 1)
	}
	return out
}

// fewRows are the constants that an aggregate is compared with: of numbers,
// those that counts of small groups are.
func fewRows(typ ColumnType) []string {
	if typ == Number {
		return []string{"0", "1", "2", "3"}
	}
	return nil
}

// groupKey is a column or an expression to group by.
func (s *statement) groupKey(sc scope) (text string, typ ColumnType) {
	if s.upTo(2, "key") < 2 {
		c := s.column(sc.sortable(), "column")
		return c.Name, c.Type
	}
	s.mark("group by expression")
	typ = rapid.SampledFrom([]ColumnType{Number, Text, Date, Datetime, Decimal}).Draw(s.t, "type")
	// A constant in GROUP BY would be a position.
	for range 8 {
		f := rapid.SampledFrom(formsOf[typ]).Draw(s.t, "form")
		if s.hasColumns(sc, f) && strings.Contains(f.template, "{") && !strings.Contains(f.template, "{Condition}") {
			return "(" + s.fill(sc, f, 1) + ")", typ
		}
	}
	c := s.column(sc.sortable(), "column")
	return c.Name, c.Type
}

// aggregate draws an aggregate. Those over DOUBLE, and the deviations, are not
// exact: how they are added up shows in their last digits.
func (s *statement) aggregate(sc scope) (text string, typ ColumnType, exact bool) {
	mark := func(name string) { s.mark("aggregate:" + name) }
	argument := func(types ...ColumnType) (string, ColumnType) {
		typ := rapid.SampledFrom(types).Draw(s.t, "type")
		if len(sc.of(typ)) == 0 || s.upTo(4, "of an expression") == 4 {
			if e := s.expression(sc, typ, 2); !isConstant(e) {
				return e, typ
			}
		}
		if len(sc.of(typ)) == 0 { // a constant could be taken for a position
			c := s.column(sc.sortable(), "column")
			return s.one([]string{"(" + c.Name + " IS NULL)", "(" + c.Name + " = " + c.Name + ")"}, "argument"), Number
		}
		return s.column(sc.of(typ), "column").Name, typ
	}
	column := func() Column { return s.column(sc.sortable(), "column") }
	switch s.upTo(15, "aggregate") {
	case 0, 1:
		mark("COUNT(*)")
		return "COUNT(*)", Number, true
	case 2, 3, 4:
		mark("COUNT")
		return "COUNT(" + s.column(sc.columns, "column").Name + ")", Number, true
	case 5, 6:
		s.mark("count distinct")
		return "COUNT(DISTINCT " + column().Name + ")", Number, true
	case 7, 8:
		c := column()
		f := s.one([]string{"MIN", "MAX"}, "extreme")
		mark(f)
		return f + "(" + c.Name + ")", c.Type, true
	case 9, 10:
		arg, typ := argument(Number, Decimal, Wide, Double)
		mark("SUM")
		if typ == Double {
			return "SUM(" + arg + ")", Double, false
		}
		return "SUM(" + arg + ")", Decimal, true
	case 11:
		arg, _ := argument(Number, Decimal)
		mark("SUM(DISTINCT)")
		return "SUM(DISTINCT " + arg + ")", Decimal, true
	case 12:
		arg, typ := argument(Number, Decimal, Double)
		mark("AVG")
		if typ == Double {
			return "AVG(" + arg + ")", Double, false
		}
		return "AVG(" + arg + ")", Decimal, true
	case 13:
		arg, _ := argument(Number, Decimal, Double)
		f := s.one([]string{"STD", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP", "VARIANCE"}, "deviation")
		mark("deviation")
		return f + "(" + arg + ")", Double, false
	case 14:
		mark("GROUP_CONCAT")
		sc.big = true // go-mysql-server finds the columns of a subquery wrongly in there
		arg, _ := argument(Text, Number, Date)
		return fmt.Sprintf("GROUP_CONCAT(%s%s ORDER BY %s%s%s)", s.one([]string{"", "DISTINCT "}, "distinct"), arg,
			arg, s.one([]string{"", " DESC"}, "direction"), s.one([]string{"", " SEPARATOR '|'"}, "separator")), Text, true
	default:
		mark("COUNT of a condition")
		return s.one([]string{"SUM(", "COUNT("}, "of") + "CASE WHEN " + s.condition(scope{columns: sc.columns, big: true}, 1) + " THEN 1 END)", Number, true
	}
}

// top makes a statement of a source.
func (s *statement) top(from source) Query {
	sel := s.selected(from, false)
	return s.finish(sel.text, sel.columns, sel.sortBy)
}

// finish puts ORDER BY and LIMIT behind a SELECT. hidden are columns that are
// not in its list and that it may be sorted by.
func (s *statement) finish(text string, columns []Column, hidden scope) Query {
	var q Query
	var order []string
	add := func(key string) { order = append(order, key+s.one([]string{"", " DESC"}, "direction")) }
	if s.bool("ordered") {
		s.mark("order by")
		determined := true // so far all keys are in the list
		for i, c := range columns {
			if !c.Type.sortable() || !s.bool("sort key") {
				continue
			}
			if s.upTo(3, "position") == 3 {
				add(itoa(i + 1))
			} else {
				add(c.Name)
			}
			if determined {
				q.Keys = append(q.Keys, i)
			}
		}
		if len(hidden.sortable()) > 0 && s.upTo(3, "hidden key") == 3 {
			s.mark("order by hidden")
			c := s.column(hidden.sortable(), "column")
			key := c.Name
			if s.bool("expression") {
				key = s.expression(scope{columns: []Column{c}, big: true}, c.Type, 2)
			}
			if isConstant(key) {
				key = c.Name
			}
			add(key)
		}
	}
	if len(order) > 0 {
		text += " ORDER BY " + strings.Join(order, ", ")
	}
	q.SQL = text
	q = s.limited(q)
	q.SQL = s.with + q.SQL
	if q.Unlimited != "" {
		q.Unlimited = s.with + q.Unlimited
	}
	return q
}

// isConstant reports whether a sort key could be taken for a position, or is a
// constant by which nothing is sorted.
func isConstant(key string) bool {
	return key == "NULL" || strings.Trim(key, "()- 0123456789.e") == "" || key[0] == '\''
}

func (s *statement) limited(q Query) Query {
	if s.upTo(2, "limited") < 2 {
		return q
	}
	s.mark("limit")
	q.Unlimited = q.SQL
	if q.Limit = s.upTo(12, "limit"); q.Limit == 12 {
		q.Limit = 1000 // as many as there are: with OFFSET, its rows are missing
	}
	q.SQL += fmt.Sprintf(" LIMIT %d", q.Limit)
	if s.bool("offset") {
		s.mark("offset")
		q.Offset = s.upTo(6, "offset by")
		q.SQL += fmt.Sprintf(" OFFSET %d", q.Offset)
	}
	return q
}
