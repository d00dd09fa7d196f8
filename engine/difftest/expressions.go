package difftest

import (
	"strings"

	"pgregory.net/rapid"
)

// form is a way to write an expression of a type. In the template {Number},
// {Text} and so on stand for an expression of that type, {Condition} for a
// predicate, {Date}, {Datetime} and {Time} for times, {Moment} for any of the
// three; lower-case names stand for one of words. {#Text} is a constant, {%JSON}
// a column, and {=} the text of the placeholder before it.
type form struct {
	typ      ColumnType
	family   string
	template string
}

// typeNames are the types as templates write them.
var typeNames = map[string]ColumnType{
	"Number": Number, "Text": Text, "Double": Double, "Time": Time, "JSON": JSON, "Decimal": Decimal,
	"Date": Date, "Datetime": Datetime, "Wide": Wide, "Unsigned": Unsigned, "Condition": condition,
}

// formsOf are the forms by their type.
var formsOf = func() map[ColumnType][]form {
	m := map[ColumnType][]form{}
	for _, list := range [][]form{numberForms, textForms, timeForms, documentForms, choiceForms(), comparisonForms()} {
		for _, f := range list {
			m[f.typ] = append(m[f.typ], f)
		}
	}
	return m
}()

// mysqlOnly is in the forms that other servers don't parse even translated.
func mysqlOnly(f form) bool { return strings.Contains(f.template, "AS JSON") }

// expression draws an expression over the columns of sc, nested at most depth
// deep.
func (s *statement) expression(sc scope, typ ColumnType, depth int) string {
	forms := formsOf[typ]
	if typ == condition {
		return s.condition(sc, depth)
	}
	columns := sc.of(typ)
	kind := s.upTo(15, "expression")
	if depth == 0 || len(forms) == 0 || kind < 9 {
		if len(columns) > 0 && kind < 15 {
			return s.column(columns, "column").Name
		}
		return s.literal(typ)
	}
	for range 4 {
		f := rapid.SampledFrom(forms).Draw(s.t, "form")
		if !strings.Contains(f.template, "JSON}") || len(sc.of(JSON)) > 0 {
			return s.fill(sc, f, depth)
		}
	}
	return s.literal(typ)
}

// condition draws a predicate.
func (s *statement) condition(sc scope, depth int) string {
	forms := formsOf[condition]
	kind := s.upTo(15, "condition")
	switch {
	case kind >= 14 && !sc.big && s.subqueries < 2:
		return s.subqueryCondition(sc)
	case depth == 0 || kind < 9:
		forms = simpleConditions // of these most stores understand most
	}
	// What compares a type that no column has would be a constant.
	for range 4 {
		f := rapid.SampledFrom(forms).Draw(s.t, "form")
		if s.hasColumns(sc, f) {
			return s.fill(sc, f, depth)
		}
	}
	return s.fill(sc, simpleConditions[0], depth)
}

func (s *statement) hasColumns(sc scope, f form) bool {
	for name, typ := range typeNames {
		has := func(prefix string) bool { return strings.Contains(f.template, "{"+prefix+name+"}") }
		if typ != condition && (has("") || has("%")) && len(sc.of(typ)) == 0 {
			return false
		}
	}
	return true
}

// fill replaces the template's placeholders.
func (s *statement) fill(sc scope, f form, depth int) string {
	if s.g.Portable && mysqlOnly(f) {
		return s.literal(f.typ)
	}
	s.mark("expression:" + f.family)
	var b strings.Builder
	last := ""
	rest := f.template
	for {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, tail, _ := strings.Cut(after, "}")
		rest = tail
		if name == "=" {
			b.WriteString(last)
			continue
		}
		last = s.placeholder(sc, name, max(depth-1, 0))
		b.WriteString(last)
	}
}

func (s *statement) placeholder(sc scope, name string, depth int) string {
	if constant, ok := strings.CutPrefix(name, "#"); ok {
		return s.literal(typeNames[constant])
	}
	if column, ok := strings.CutPrefix(name, "%"); ok {
		return s.column(sc.of(typeNames[column]), "column").Name
	}
	switch name {
	case "Moment":
		return s.expression(sc, rapid.SampledFrom([]ColumnType{Time, Datetime, Date}).Draw(s.t, "moment"), depth)
	case "pattern":
		return s.pattern()
	case "longlist":
		return s.longList()
	}
	if typ, ok := typeNames[name]; ok {
		return s.expression(sc, typ, depth)
	}
	list, ok := words[name]
	if !ok {
		panic("a form has the unknown placeholder " + name)
	}
	return s.one(list, name)
}

// pattern makes a LIKE pattern of a text literal: some of its characters
// become wildcards.
func (s *statement) pattern() string {
	runes := []rune(strings.NewReplacer(`\`, "", "'", "", "|", "").Replace(s.literal(Text)))
	var b strings.Builder
	for i, r := range runes {
		if i >= 8 {
			break
		}
		switch s.upTo(7, "wildcard") {
		case 5:
			b.WriteByte('%')
		case 6:
			b.WriteByte('_')
		case 7:
			b.WriteString("|")
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	if s.bool("open end") {
		b.WriteByte('%')
	}
	if s.bool("escape") {
		return "'" + b.String() + "' ESCAPE '|'"
	}
	return "'" + strings.ReplaceAll(b.String(), "|", `\\`) + "'"
}

// longList is an IN list as long as a dashboard's variable makes it.
func (s *statement) longList() string {
	var list []string
	from := s.upTo(20, "from")
	for i := range 50 {
		list = append(list, itoa(from+i*3-30))
	}
	return strings.Join(list, ", ")
}
