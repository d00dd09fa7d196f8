package difftest

import (
	"slices"

	"pgregory.net/rapid"
)

// Table is what the generator knows of a table.
type Table struct {
	Name    string
	Columns []Column
	More    bool // it has other columns too, so that * is never asked for
}

// Column is a column with literals that occur in it, and some that only nearly
// do.
type Column struct {
	Name     string
	Type     ColumnType
	Literals []string
	Key      bool // its store finds rows by it: many statements then do
}

// ColumnType is what the generator may do with a column or an expression.
type ColumnType uint8

// The types. Number is a BIGINT of moderate size; Wide is one that may have
// any value, with which nothing is computed that could overflow.
const (
	Number ColumnType = iota
	Text
	Double
	Time // TIMESTAMP
	JSON // an object, as MySQL prints it
	Decimal
	Date
	Datetime
	Wide
	Unsigned
	condition // true, false or NULL; only inside statements
)

// sortable reports whether values of the type may be sorted, grouped and
// compared with each other.
func (t ColumnType) sortable() bool { return t != JSON }

// Generator makes statements over some tables. Every statement is valid by
// construction, and determined: LIMIT inside stands on a total order, and a
// GROUP_CONCAT is sorted.
type Generator struct {
	Tables []Table
	// Portable leaves out what only MySQL parses, so that other servers
	// understand each statement after Translate.
	Portable bool
}

// Query draws a statement.
func (g Generator) Query(t *rapid.T) Query {
	s := &statement{t: t, g: g, near: map[ColumnType][]string{}}
	var q Query
	keyed := g.keyed()
	switch shape := s.upTo(15, "shape"); {
	case len(keyed) > 0 && shape < 8:
		q = s.lookup(keyed)
	case len(keyed) > 0:
		q = s.shape(s.upTo(15, "other shape"))
	default:
		q = s.shape(shape)
	}
	slices.Sort(s.marks)
	q.Operators = slices.Compact(s.marks)
	return q
}

// shape draws a statement of one of the shapes from 0 to 15.
func (s *statement) shape(n int) Query {
	switch n {
	case 0, 1, 2, 3, 4:
		return s.top(s.plainSource())
	case 5, 6:
		return s.top(s.derived(1))
	case 7, 8, 9:
		return s.top(s.join())
	case 10:
		return s.topUnion()
	case 11:
		return s.window()
	case 12:
		return s.joinOfCounts()
	default:
		return s.dashboard()
	}
}

// Example is the statement of a seed.
func (g Generator) Example(seed int) Query { return rapid.Custom(g.Query).Example(seed) }

// statement is one statement in the making.
type statement struct {
	t          *rapid.T
	g          Generator
	marks      []string // operators and families of functions, as they come
	aliases    int      // names given so far: no two columns or tables share one
	subqueries int      // so far: they cost rows times rows
	with       string   // common table expressions
	// near are the literals of the column that was drawn last, by its type.
	near map[ColumnType][]string
}

func (s *statement) bool(name string) bool       { return rapid.Bool().Draw(s.t, name) }
func (s *statement) upTo(n int, name string) int { return rapid.IntRange(0, n).Draw(s.t, name) }
func (s *statement) one(of []string, name string) string {
	return rapid.SampledFrom(of).Draw(s.t, name)
}
func (s *statement) table() Table { return rapid.SampledFrom(s.g.Tables).Draw(s.t, "table") }

// mark notes that the statement uses an operator.
func (s *statement) mark(operator string) { s.marks = append(s.marks, operator) }

// scope are the columns that an expression may use, under the names that they
// have there.
type scope struct {
	columns []Column
	// big: there are so many rows that a subquery for each takes too long.
	big bool
}

// of lists the columns of a type.
func (sc scope) of(typ ColumnType) []Column {
	var out []Column
	for _, c := range sc.columns {
		if c.Type == typ {
			out = append(out, c)
		}
	}
	return out
}

// sortable lists the columns that may be sorted by.
func (sc scope) sortable() []Column {
	return slices.DeleteFunc(slices.Clone(sc.columns), func(c Column) bool { return !c.Type.sortable() })
}

// literal draws a constant of a type: often one that occurs in a column.
func (s *statement) literal(typ ColumnType) string {
	if typ != condition && s.upTo(15, "literal") == 15 {
		return "NULL"
	}
	known := s.near[typ]
	for _, t := range s.g.Tables {
		for _, c := range t.Columns {
			if c.Type == typ && len(s.near[typ]) == 0 {
				known = append(known, c.Literals...)
			}
		}
	}
	if len(known) == 0 || s.upTo(3, "other literal") == 3 {
		known = constants[typ]
	}
	return s.one(known, "value")
}

// column draws one of some columns.
func (s *statement) column(of []Column, name string) Column {
	c := rapid.SampledFrom(of).Draw(s.t, name)
	s.near[c.Type] = c.Literals
	return c
}
