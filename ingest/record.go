package ingest

import "time"

// A Record is one record of Kafka, as it came.
type Record struct {
	Topic     string
	Partition int
	Offset    int64
	Time      time.Time // the record's own timestamp
	Key       []byte    // nil: none
	Value     []byte    // kafka-go gives nil for an empty value and for none
	Headers   []Header
}

// Header is one header of a record. Names may repeat.
type Header struct {
	Name  string
	Value []byte
}

// A Reading is one decoded record: what the stores keep of it.
type Reading struct {
	// ID is the identity of the event: its own, where it has one, or else
	// topic:partition:offset. Readings with one ID are one event.
	ID string
	// Station the reading is from; empty: it does not say.
	Station string
	// Kind of reading, which with Station says what is measured; may be empty.
	Kind string
	// TS is when it was measured, in microseconds since the epoch: whole
	// milliseconds, in the range of MySQL's TIMESTAMP. Where Timed is not
	// TimeGiven it is the time of the Kafka record instead.
	TS    int64
	Timed Timed
	// Value is finite; HasValue is false when there is none.
	Value    float64
	HasValue bool
	Unit     string // empty: it does not say
	// IngestedAt is when the record was decoded, in the form of TS.
	IngestedAt int64
	// Doc is the original document as MySQL prints JSON.
	Doc string

	// Where it came from. Of two readings of the same (Station, Kind) the newer
	// is the one with the greater (TS, Topic, Partition, Offset).
	Topic     string
	Partition int
	Offset    int64
}

// Timed says what a document tells of its time.
type Timed uint8

// What a document tells of its time.
const (
	TimeGiven      Timed = iota
	TimeMissing          // none, or none that can be read
	TimeOutOfRange       // one that MySQL's TIMESTAMP can't hold (1970-01-01 00:00:01 to 2038-01-19 03:14:07.999)
)

// String names it for messages.
func (t Timed) String() string {
	return [...]string{"given", "missing", "out of range"}[t]
}

// A Decoder makes Readings of Records. Decode may be called by several
// goroutines at once, and keeps nothing of rec.
type Decoder interface {
	// Decode fills out. The error says why the record can never be decoded; it
	// then goes to the dead letters.
	Decode(rec *Record, out *Reading) error
}
