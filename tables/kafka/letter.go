package kafka

import (
	"slices"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// A Letter is a dead letter: a record that a store can't use.
type Letter struct {
	Store     string // whose it would have been
	Topic     string // where the record stands
	Partition int
	Offset    int64
	Time      time.Time // the record's own
	Error     string    // why it is here
	Key       []byte    // as it came
	Value     []byte    // as it came, or its beginning
	Whole     int       // the value's length where Value is only its beginning, else 0
	Headers   []kafka.Header
}

// The headers that say what a dead letter is. The record's own are kept beside
// them.
const (
	headerStore     = "gridgate.store"
	headerTopic     = "gridgate.topic"
	headerPartition = "gridgate.partition"
	headerOffset    = "gridgate.offset"
	headerTime      = "gridgate.time" // milliseconds since the epoch
	headerError     = "gridgate.error"
	headerWhole     = "gridgate.value_bytes"
)

// Size is about how many bytes the letter has as a record.
func (l *Letter) Size() int {
	n := len(l.Key) + len(l.Value) + len(l.Error) + len(l.Store) + len(l.Topic) + 200 // the names of the headers
	for _, h := range l.Headers {
		n += len(h.Key) + len(h.Value) + 8
	}
	return n
}

// Message is the letter as a record of the dead-letter topic.
func (l *Letter) Message() kafka.Message {
	m := kafka.Message{Key: l.Key, Value: l.Value}
	add := func(name, value string) {
		m.Headers = append(m.Headers, kafka.Header{Key: name, Value: []byte(value)})
	}
	m.Headers = append(m.Headers, l.Headers...)
	add(headerStore, l.Store)
	add(headerTopic, l.Topic)
	add(headerPartition, strconv.Itoa(l.Partition))
	add(headerOffset, strconv.FormatInt(l.Offset, 10))
	add(headerTime, strconv.FormatInt(l.Time.UnixMilli(), 10))
	add(headerError, l.Error)
	if l.Whole > 0 || hasHeader(l.Headers, headerWhole) { // the last one counts
		add(headerWhole, strconv.Itoa(l.Whole))
	}
	return m
}

func hasHeader(headers []kafka.Header, name string) bool {
	return slices.ContainsFunc(headers, func(h kafka.Header) bool { return h.Key == name })
}

// letterOf reads a record of the dead-letter topic. One that the ingest did not
// write is a letter of no store, from where it stands.
func letterOf(m *kafka.Message) Letter {
	l := Letter{Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Time, Key: m.Key, Value: m.Value}
	for _, h := range m.Headers {
		value := string(h.Value)
		// Of several with one name the last counts: a letter may be a dead
		// letter's own record.
		switch h.Key {
		case headerStore:
			l.Store = value
		case headerTopic:
			l.Topic = value
		case headerPartition:
			if n, err := strconv.ParseInt(value, 10, 32); err == nil {
				l.Partition = int(n)
			}
		case headerOffset:
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				l.Offset = n
			}
		case headerTime:
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				l.Time = time.UnixMilli(n)
			}
		case headerError:
			l.Error = value
		case headerWhole:
			if n, err := strconv.Atoi(value); err == nil {
				l.Whole = n
			}
		default:
			l.Headers = append(l.Headers, h)
		}
	}
	return l
}
