package decode

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gridgate/ingest"
	"gridgate/tables/jsontext"
)

// DefaultMaxBytes is how large a record may be when nobody says.
const DefaultMaxBytes = 16 << 20

// The longest texts that the stores' columns take, in characters.
const (
	maxName = 255
	maxID   = 512
)

// Config of a Decoder. The zero Config is valid.
type Config struct {
	Fields   Fields
	MaxBytes int              // of a record's value; 0: DefaultMaxBytes
	Now      func() time.Time // nil: time.Now
}

// Decoder decodes JSON records. It is safe for concurrent use.
type Decoder struct {
	config Config
	fields [roles][]source // nil: by usual names
}

var _ ingest.Decoder = (*Decoder)(nil)

// New makes a Decoder. The error names the field whose mapping is wrong.
func New(c Config) (*Decoder, error) {
	if c.MaxBytes <= 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &Decoder{config: c}
	var err error
	d.fields, err = c.Fields.sources()
	return d, err
}

// Decode implements ingest.Decoder. The error says why the record is none, or
// can't be held.
func (d *Decoder) Decode(rec *ingest.Record, out *ingest.Reading) error {
	switch {
	case len(rec.Value) == 0:
		return errors.New("it has no value")
	case len(rec.Value) > d.config.MaxBytes:
		return fmt.Errorf("it has %d bytes, and more than %d are not taken", len(rec.Value), d.config.MaxBytes)
	}
	doc, err := jsontext.Parse(rec.Value)
	if err != nil {
		return err
	}
	if doc.Kind != jsontext.Object {
		return errors.New("it is JSON, but no object")
	}
	f := newFinder(&doc)
	now := d.config.Now()
	*out = ingest.Reading{
		Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, IngestedAt: toMilliseconds(now.UnixMicro()),
		Doc: string(doc.AppendMySQL(make([]byte, 0, len(rec.Value)+len(rec.Value)/8))),
	}
	d.station(f, rec, out)
	d.time(f, rec, out, now)
	d.value(f, rec, out)
	out.Unit, _ = d.text(unit, f, rec)
	out.ID, _ = d.text(identity, f, rec)
	if out.ID == "" {
		out.ID = origin(rec)
	}
	for _, t := range []struct {
		what, text string
		max        int
	}{{"station", out.Station, maxName}, {"kind", out.Kind, maxName}, {"unit", out.Unit, maxName}, {"id", out.ID, maxID}} {
		if len(t.text) > t.max && utf8.RuneCountInString(t.text) > t.max {
			return fmt.Errorf("its %s is longer than %d characters", t.what, t.max)
		}
	}
	return nil
}

// origin identifies a record by where it stands and since when: offsets begin
// anew in a topic that is made again, times do not.
func origin(rec *ingest.Record) string {
	id := rec.Topic + ":" + strconv.Itoa(rec.Partition) + ":" + strconv.FormatInt(rec.Offset, 10)
	if ms := rec.Time.UnixMilli(); !rec.Time.IsZero() && ms > 0 {
		id += ":" + strconv.FormatInt(ms, 10)
	}
	return id
}

// text is what the record says in a role, as text.
func (d *Decoder) text(r role, f *finder, rec *ingest.Record) (text string, ok bool) {
	for v := range d.candidates(r, f, rec) {
		if text, ok = asText(v); ok && text != "" {
			return text, true
		}
	}
	return "", false
}

func (d *Decoder) station(f *finder, rec *ingest.Record, out *ingest.Reading) {
	out.Station, _ = d.text(station, f, rec)
	if out.Station == "" && d.fields[station] == nil && isName(rec.Key) {
		out.Station = string(rec.Key)
	}
}

// isName reports whether a record's key can be a station's name: text of a
// name's length that is no JSON object, array or text of its own.
func isName(key []byte) bool {
	key = bytes.TrimSpace(key)
	return len(key) > 0 && utf8.Valid(key) && utf8.RuneCount(key) <= maxName && !bytes.ContainsRune([]byte(`{["`), rune(key[0]))
}

func (d *Decoder) time(f *finder, rec *ingest.Record, out *ingest.Reading, now time.Time) {
	out.Timed = ingest.TimeMissing
	for v := range d.candidates(ts, f, rec) {
		us, ok := asTime(v)
		if !ok || us == 0 { // which is what a time that nobody has set looks like
			continue
		}
		if out.TS = toMilliseconds(us); inRange(out.TS) {
			out.Timed = ingest.TimeGiven
			return
		}
		out.Timed = ingest.TimeOutOfRange
		break
	}
	if out.TS = toMilliseconds(rec.Time.UnixMicro()); rec.Time.IsZero() || !inRange(out.TS) {
		out.TS = toMilliseconds(now.UnixMicro())
	}
}

// value finds kind and value, since the name of the field that holds the value
// says what was measured where nothing else does.
func (d *Decoder) value(f *finder, rec *ingest.Record, out *ingest.Reading) {
	out.Kind, _ = d.text(kind, f, rec)
	for v := range d.candidates(value, f, rec) {
		if x, ok := asNumber(v); ok {
			out.Value, out.HasValue = x, true
			return
		}
	}
	if d.fields[value] != nil || f.valued {
		return
	}
	if first := f.first; first != nil {
		if out.Value, out.HasValue = asNumber(first.value); !out.HasValue {
			return
		}
		if out.Kind == "" && d.fields[kind] == nil {
			out.Kind = first.name
		}
	}
}

// asText is a text or a number as text.
func asText(v *jsontext.Value) (string, bool) {
	v = plain(v)
	switch v.Kind {
	case jsontext.String:
		return v.Text, true
	case jsontext.Int:
		return strconv.FormatInt(v.Int, 10), true
	case jsontext.Uint:
		return strconv.FormatUint(v.Uint, 10), true
	case jsontext.Double:
		return string(jsontext.AppendDouble(nil, v.Double)), true
	}
	return "", false
}

// asNumber is a number, or a text that is one.
func asNumber(v *jsontext.Value) (float64, bool) {
	v = plain(v)
	switch {
	case v.IsNumber():
		return v.Float(), true
	case v.Kind == jsontext.String:
		return parseNumber(v.Text)
	}
	return 0, false
}

// parseNumber reads a decimal number. Go's own syntax has more: NaN, 0x1p4, 1_0.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}
