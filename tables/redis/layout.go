package redis

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DefaultPrefix begins all keys when nobody says otherwise.
const DefaultPrefix = "gridgate:"

// DefaultRecent is how many recent readings a station has when nobody says.
const DefaultRecent = 100

// Keys names the keys.
type Keys struct{ Prefix string }

var escapeTag = strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D")

func (k Keys) of(station, what string) string {
	return k.Prefix + "{" + escapeTag.Replace(station) + "}:" + what
}

// Latest is the hash of a station's newest readings by kind.
func (k Keys) Latest(station string) string { return k.of(station, "latest") }

// Recent is the sorted set of a station's newest readings, by time: of Members.
func (k Keys) Recent(station string) string { return k.of(station, "recent") }

// RecentDocs is the hash of a station's recent readings by identity.
func (k Keys) RecentDocs(station string) string { return k.of(station, "recent:docs") }

// Stations is the set of all stations.
func (k Keys) Stations() string { return k.Prefix + "stations" }

// An Entry is a reading as it is kept. Station and, under RecentDocs, the
// identity are in the key.
type Entry struct {
	TS         int64 // microseconds since the epoch; not negative
	Topic      string
	Partition  int
	Offset     int64
	Kind       string
	Value      float64
	HasValue   bool
	Unit       string // empty: none
	IngestedAt int64  // as TS
	Doc        string // as MySQL prints JSON
}

// format is the first byte of an encoded entry, for when there is another one.
const format = '1'

// The widths of the fixed part: format, TS, Partition, Offset, length of Topic.
const (
	tsWidth, partitionWidth, offsetWidth, topicWidth = 16, 10, 19, 3

	tsEnd        = 1 + tsWidth
	partitionEnd = tsEnd + partitionWidth
	offsetEnd    = partitionEnd + offsetWidth
	topicBegin   = offsetEnd + topicWidth
)

// Encode writes an entry so that the script can compare versions.
func (e *Entry) Encode() string {
	b := make([]byte, 0, topicBegin+len(e.Topic)+len(e.Kind)+len(e.Unit)+len(e.Doc)+64)
	b = append(b, format)
	b = appendDigits(b, e.TS, tsWidth)
	b = appendDigits(b, int64(e.Partition), partitionWidth)
	b = appendDigits(b, e.Offset, offsetWidth)
	b = appendDigits(b, int64(len(e.Topic)), topicWidth)
	b = append(b, e.Topic...)
	b = appendDigits(b, e.IngestedAt, tsWidth)
	b = appendCounted(b, e.Kind)
	b = appendCounted(b, e.Unit)
	value := ""
	if e.HasValue {
		value = strconv.FormatFloat(e.Value, 'g', -1, 64)
	}
	b = appendCounted(b, value)
	return string(append(b, e.Doc...))
}

func appendDigits(b []byte, n int64, width int) []byte {
	s := strconv.FormatInt(max(n, 0), 10)
	for range width - len(s) {
		b = append(b, '0')
	}
	return append(b, s...)
}

// appendCounted writes a text with its length before it.
func appendCounted(b []byte, s string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}

var errEncoding = errors.New("the value is not as gridgate writes it")

// Decode reads what Encode wrote.
func Decode(s string) (e Entry, err error) {
	if len(s) < topicBegin {
		return e, errEncoding
	}
	if s[0] != format {
		return e, fmt.Errorf("the value has the format %q, and this version knows %q only", s[0], format)
	}
	r := reader{s: s[1:]}
	e.TS = r.digits(tsWidth)
	e.Partition = int(r.digits(partitionWidth))
	e.Offset = r.digits(offsetWidth)
	e.Topic = r.take(r.digits(topicWidth))
	e.IngestedAt = r.digits(tsWidth)
	e.Kind = r.counted()
	e.Unit = r.counted()
	if value := r.counted(); value != "" && !r.failed {
		e.Value, err = strconv.ParseFloat(value, 64)
		e.HasValue, r.failed = true, r.failed || err != nil
	}
	e.Doc = r.s
	if r.failed || e.Doc == "" {
		return Entry{}, errEncoding
	}
	return e, nil
}

// reader takes a text apart; failed says that it was not as expected.
type reader struct {
	s      string
	failed bool
}

func (r *reader) take(n int64) string {
	if r.failed || n < 0 || n > int64(len(r.s)) {
		r.failed = true
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *reader) digits(width int64) int64 {
	n, err := strconv.ParseUint(r.take(width), 10, 63)
	r.failed = r.failed || err != nil
	return int64(n)
}

func (r *reader) counted() string {
	length, _, _ := strings.Cut(r.s, ":")
	n, err := strconv.ParseUint(length, 10, 31)
	if err != nil {
		r.failed = true
		return ""
	}
	r.take(int64(len(length)) + 1)
	return r.take(int64(n))
}

// Member is what stands for an entry with an identity in the sorted set. Redis
// sorts members of one time by their bytes, and so as Newer does: no topic's
// name has a zero byte.
func (e *Entry) Member(id string) string {
	b := make([]byte, 0, len(e.Topic)+1+partitionWidth+offsetWidth+1+len(id))
	b = append(append(b, e.Topic...), 0)
	b = appendDigits(b, int64(e.Partition), partitionWidth)
	b = appendDigits(b, e.Offset, offsetWidth)
	b = append(b, 0)
	return string(append(b, id...))
}

// MemberID is the identity in a member. What has another form is its own: it was
// written by an earlier version, or is somebody else's and identifies nothing.
func MemberID(member string) (id string) {
	_, rest, ok := strings.Cut(member, "\x00")
	const fixed = partitionWidth + offsetWidth
	if !ok || len(rest) <= fixed || rest[fixed] != 0 {
		return member
	}
	return rest[fixed+1:]
}

// Compare orders entries by (TS, Topic, Partition, Offset), the newest last.
func (e *Entry) Compare(to *Entry) int {
	return cmp.Or(cmp.Compare(e.TS, to.TS), strings.Compare(e.Topic, to.Topic), cmp.Compare(e.Partition, to.Partition), cmp.Compare(e.Offset, to.Offset))
}

// Newer reports whether e is newer than another entry.
func (e *Entry) Newer(than *Entry) bool { return e.Compare(than) > 0 }
