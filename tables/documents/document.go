package documents

import (
	"cmp"
	"strings"
	"unsafe"

	"gridgate/tables"
)

// A Document is one row of the table readings. It is never changed once it is
// in the collection.
type Document struct {
	ID         string // _id; never empty
	Station    string // empty: NULL
	TS         int64  // microseconds since the epoch, whole milliseconds
	Kind       string
	Value      float64
	HasValue   bool   // false: value is NULL
	Unit       string // empty: NULL
	IngestedAt int64  // as TS
	Doc        string // the original document as MySQL prints JSON
}

// before is the collection's order: (station, ts, _id), NULL first, as the
// empty station is the least text.
func before(a, b *Document) bool {
	if c := strings.Compare(a.Station, b.Station); c != 0 {
		return c < 0
	}
	if c := cmp.Compare(a.TS, b.TS); c != 0 {
		return c < 0
	}
	return a.ID < b.ID
}

// overhead is what a document costs beside its texts: itself, its places in
// the tree, in the map of identities (whose tables are at most half empty) and
// in the queue of arrivals, and what the allocator rounds up.
const overhead = int64(unsafe.Sizeof(Document{})) + 16 + 2*24 + 2*8 + 5*8

// bytes is what the collection counts for a document.
func (d *Document) bytes() int64 {
	return overhead + int64(len(d.ID)+len(d.Station)+len(d.Kind)+len(d.Unit)+len(d.Doc))
}

// The table's columns, by index.
const (
	colStation = iota
	colTS
	colKind
	colValue
	colUnit
	colIngestedAt
	colID
	colDoc
)

var name255 = tables.Varchar(255)

var columns = []tables.Column{
	colStation:    {Name: "station", Type: name255, Nullable: true, Comment: "where it was measured; NULL where the document does not say"},
	colTS:         {Name: "ts", Type: tables.Timestamp(3), Comment: "when it was measured; the record's own time where the document does not say"},
	colKind:       {Name: "kind", Type: name255, Comment: "what was measured; empty where the document does not say"},
	colValue:      {Name: "value", Type: tables.Float64, Nullable: true, Comment: "what the measurement gave"},
	colUnit:       {Name: "unit", Type: name255, Nullable: true, Comment: "the value's unit"},
	colIngestedAt: {Name: "ingested_at", Type: tables.Timestamp(3), Comment: "when gridgate read the record"},
	colID:         {Name: "_id", Type: tables.Varchar(512), PrimaryKey: true, Comment: "the event's own id, or topic:partition:offset"},
	colDoc:        {Name: "_doc", Type: tables.JSON, Comment: "the original document"},
}

// value is column at of the document.
func (d *Document) value(at int) tables.Value {
	t := columns[at].Type
	text := func(s string) tables.Value {
		if s == "" && columns[at].Nullable {
			return tables.NullOf(t)
		}
		return tables.Value{Type: t, S: s}
	}
	switch at {
	case colStation:
		return text(d.Station)
	case colTS:
		return tables.Value{Type: t, I: d.TS}
	case colKind:
		return text(d.Kind)
	case colValue:
		return tables.Value{Type: t, Null: !d.HasValue, F: d.Value}
	case colUnit:
		return text(d.Unit)
	case colIngestedAt:
		return tables.Value{Type: t, I: d.IngestedAt}
	case colID:
		return text(d.ID)
	default:
		return text(d.Doc)
	}
}
