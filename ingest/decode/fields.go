package decode

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gridgate/ingest"
	"gridgate/tables/jsontext"
)

// Fields says where a record has what a reading needs. Each is a list of
// places, tried in order; an empty list means the usual names. A place is
//
//	data.plant.name   a field, through objects and through JSON in text
//	key               the record's key
//	header:NAME       one of its headers
//	topic             its topic
//	timestamp         its own time
//
// A document's field that has such a name is written as $.key.
type Fields struct {
	Station, TS, Kind, Value, Unit, ID []string
}

// A source is one place.
type source struct {
	path   []string // of a field
	header string
	own    string // key, topic or timestamp
}

func (f *Fields) sources() (out [roles][]source, err error) {
	for r, of := range map[role]struct {
		name   string
		places []string
	}{
		station: {"station", f.Station}, ts: {"ts", f.TS}, kind: {"kind", f.Kind},
		value: {"value", f.Value}, unit: {"unit", f.Unit}, identity: {"id", f.ID},
	} {
		for _, place := range of.places {
			s, err := parseSource(place)
			if err != nil {
				return out, fmt.Errorf("the field %s: %w", of.name, err)
			}
			out[r] = append(out[r], s)
		}
	}
	return out, nil
}

// CheckPlace says what is wrong with a place, or nil.
func CheckPlace(place string) error {
	_, err := parseSource(place)
	return err
}

func parseSource(place string) (source, error) {
	if name, ok := strings.CutPrefix(place, "header:"); ok {
		if name == "" {
			return source{}, fmt.Errorf("%q names no header; write header:NAME", place)
		}
		return source{header: name}, nil
	}
	switch place {
	case "key", "topic", "timestamp":
		return source{own: place}, nil
	}
	path := strings.Split(strings.TrimPrefix(place, "$."), ".")
	if slices.Contains(path, "") {
		return source{}, fmt.Errorf("%q is no path; write names with points between them, such as data.plant.name", place)
	}
	return source{path: path}, nil
}

// value is what the record has at the place; nil: nothing.
func (s *source) value(doc *jsontext.Value, rec *ingest.Record) *jsontext.Value {
	switch {
	case s.path != nil:
		return lookUp(doc, s.path, maxInside)
	case s.header != "":
		for _, h := range slices.Backward(rec.Headers) {
			if h.Name == s.header {
				return textOf(h.Value)
			}
		}
		return nil
	}
	switch s.own {
	case "key":
		return textOf(rec.Key)
	case "topic":
		return textOf([]byte(rec.Topic))
	}
	if rec.Time.IsZero() {
		return nil
	}
	return &jsontext.Value{Kind: jsontext.String, Text: rec.Time.UTC().Format(time.RFC3339Nano)}
}

func textOf(b []byte) *jsontext.Value {
	if b == nil || !utf8.Valid(b) {
		return nil
	}
	return &jsontext.Value{Kind: jsontext.String, Text: string(b)}
}

// lookUp follows a path. Of several members with one name the last counts, as
// in MySQL.
func lookUp(v *jsontext.Value, path []string, inside int) *jsontext.Value {
	if len(path) == 0 {
		return v
	}
	if o := objectIn(v, inside); o != nil {
		v, inside = o, inside-1
	}
	if v.Kind != jsontext.Object {
		return nil
	}
	for i := range slices.Backward(v.Fields) {
		if v.Fields[i].Name == path[0] {
			return lookUp(&v.Fields[i].Value, path[1:], inside)
		}
	}
	return nil
}
