package decode

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"gridgate/ingest"
	"gridgate/tables/jsontext"
)

// A role is what a field of a record is for.
type role uint8

const (
	station role = iota
	ts
	kind
	value
	unit
	identity
	roles
)

// usual are the names that a field in a role usually has, the best first; also
// written as createdAt or Created_At.
var usual = [roles][]string{
	station:  {"station", "station_id", "sensor_id", "region"},
	ts:       {"ts", "time", "timestamp", "created_at"},
	kind:     {"kind", "type", "temporal_aspect"},
	value:    {"value"},
	unit:     {"unit", "units"},
	identity: {"_id", "event_id"},
}

// rank is where a name stands in usual.
type rank struct {
	role role
	nth  int
}

// ranks are by name as it is in usual, and squashed, but for _id, which is
// another name than id.
var ranks = func() map[string]rank {
	m := map[string]rank{}
	for r, names := range usual {
		for i, name := range names {
			m[name] = rank{role(r), i}
			if name != mongoID {
				m[squashed(name)] = rank{role(r), i}
			}
		}
	}
	return m
}()

const mongoID = "_id"

// rankOf finds a name's rank.
func rankOf(name string) (rank, bool) {
	r, known := ranks[name]
	if known || len(name) > maxUsual {
		return r, known
	}
	r, known = ranks[squashed(name)]
	return r, known
}

// maxUsual is the length of the longest usual name, and more.
const maxUsual = 24

// squashed is the name in lower case, without what stands between its words:
// createdAt, Created_At, TimeStamp and CREATED-AT are createdat and timestamp.
func squashed(name string) string { return strings.ReplaceAll(snakeCase(name), "_", "") }

// snakeCase writes createdAt and Created-At as created_at.
func snakeCase(name string) string {
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	if !strings.ContainsFunc(name, func(c rune) bool { return c == '-' || c == ' ' || 'A' <= c && c <= 'Z' }) {
		return name // as most are
	}
	out := make([]byte, 0, len(name)+4)
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '-' || c == ' ':
			c = '_'
		case upper(c):
			if i > 0 && !upper(name[i-1]) && name[i-1] != '_' && name[i-1] != '-' {
				out = append(out, '_')
			}
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

// A field is a member of the document.
type field struct {
	name  string
	value *jsontext.Value
}

// maxInside is how many times JSON may be text inside JSON text.
const maxInside = 3

// A finder knows the fields of one document by their usual roles.
type finder struct {
	doc    *jsontext.Value
	first  *field // the first number that may be the value
	valued bool   // a field called value is there, though perhaps with none
	// found are, by role and place in usual, the shallowest fields of that name.
	found [roles][]placed
}

type placed struct {
	value *jsontext.Value
	depth int
}

func newFinder(doc *jsontext.Value) *finder {
	f := &finder{doc: doc}
	f.walk(doc, place{inside: maxInside, event: true})
	return f
}

// place is where an object stands in the document.
type place struct {
	depth  int
	inside int // how many times more JSON may be text
	// event: the object is the event itself, or its payload, so that an _id in
	// it is the event's and not that of something the event speaks of.
	event bool
}

func (p place) below(name string) place {
	p.depth++
	p.event = p.event && strings.EqualFold(name, "payload")
	return p
}

// walk goes over an object and what is in it, but not into arrays, nor into an
// object that stands where a time or an identity is expected.
func (f *finder) walk(object *jsontext.Value, at place) {
	overridden := overridden(object.Fields)
	for i := range object.Fields {
		m := &object.Fields[i]
		if overridden != nil && overridden[i] {
			continue
		}
		r, known := rankOf(m.Name)
		f.note(m, r, known, at)
		switch v := &m.Value; v.Kind {
		case jsontext.Object:
			if !known || r.role != ts && r.role != identity {
				f.walk(v, at.below(m.Name))
			}
		case jsontext.String:
			if o := objectIn(v, at.inside); o != nil {
				below := at.below(m.Name)
				below.inside--
				f.walk(o, below)
			}
		}
	}
}

// overridden says which members a later one of the same name replaces, as in
// MySQL; nil: none.
func overridden(members []jsontext.Field) []bool {
	const few = 12 // are compared faster than put into a map
	var out []bool
	mark := func(i int) {
		if out == nil {
			out = make([]bool, len(members))
		}
		out[i] = true
	}
	if len(members) <= few {
		for i := range members {
			for j := i + 1; j < len(members); j++ {
				if members[i].Name == members[j].Name {
					mark(i)
					break
				}
			}
		}
		return out
	}
	last := make(map[string]int, len(members))
	for i := range members {
		if before, again := last[members[i].Name]; again {
			mark(before)
		}
		last[members[i].Name] = i
	}
	return out
}

// objectIn is the JSON object that a text is, or nil.
func objectIn(v *jsontext.Value, inside int) *jsontext.Value {
	if inside == 0 || v.Kind != jsontext.String || !strings.HasPrefix(strings.TrimLeft(v.Text, " \t\r\n"), "{") {
		return nil
	}
	o, err := jsontext.Parse([]byte(v.Text))
	if err != nil || o.Kind != jsontext.Object {
		return nil
	}
	return &o
}

func (f *finder) note(m *jsontext.Field, r rank, known bool, at place) {
	v := &m.Value
	if known && r.role == value && v.Kind != jsontext.Object {
		f.valued = true
	}
	switch {
	case v.Kind == jsontext.Null && !(known && r.role == value): // as if it were not there
		return
	case !known:
		if f.first == nil && isNumber(v) && mayMeasure(m.Name) {
			f.first = &field{m.Name, v}
		}
		return
	case r.role == identity && !at.event:
		return
	}
	places := f.found[r.role]
	if places == nil {
		places = make([]placed, len(usual[r.role]))
		f.found[r.role] = places
	}
	if p := &places[r.nth]; p.value == nil || at.depth < p.depth {
		*p = placed{v, at.depth}
	}
}

// neverMeasured are names of numbers that are no measurement, beside those in
// usual.
var neverMeasured = map[string]bool{
	"id": true, "version": true, "offset": true, "partition": true, "seq": true, "sequence": true, "epoch": true,
	"lat": true, "lon": true, "lng": true, "latitude": true, "longitude": true,
	"date": true, "year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true,
}

// mayMeasure reports whether a number of that name may be the value: it is
// neither time nor identity nor version, nor a place on the map.
func mayMeasure(name string) bool {
	name = snakeCase(name)
	if neverMeasured[name] {
		return false
	}
	for _, suffix := range []string{"_id", "_at", "_ts", "_time", "_timestamp", "_stamp", "_version", "_offset", "_seq"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return true
}

// candidates are what the record has in a role, the best first.
func (d *Decoder) candidates(r role, f *finder, rec *ingest.Record) iter.Seq[*jsontext.Value] {
	return func(yield func(*jsontext.Value) bool) {
		if sources := d.fields[r]; sources != nil {
			for i := range sources {
				if v := sources[i].value(f.doc, rec); v != nil && v.Kind != jsontext.Null && !yield(v) {
					return
				}
			}
			return
		}
		places := f.found[r]
		if r == identity { // the outer one's is the event's
			places = slices.Clone(places)
			slices.SortStableFunc(places, func(a, b placed) int { return cmp.Compare(a.depth, b.depth) })
		}
		for _, p := range places {
			if p.value != nil && !yield(p.value) {
				return
			}
		}
	}
}
