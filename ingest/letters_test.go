package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// withHeaders is a record with everything that a record can have.
func withHeaders() kafka.Message {
	return kafka.Message{
		Key: []byte("key\xff"), Value: []byte("nonsense\x00\xff"), Time: time.Date(2026, time.January, 1, 10, 0, 0, 250e6, time.UTC),
		Headers: []kafka.Header{{Key: "own", Value: []byte("first")}, {Key: "own", Value: []byte("again")}, {Key: "", Value: []byte{0, 0xff}}, {Key: "empty", Value: []byte{}}},
	}
}

// TestADecoderGetsTheWholeRecord compares what the decoder is given with what
// was written.
func TestADecoderGetsTheWholeRecord(t *testing.T) {
	_, brokers := fake(t, 1)
	given := make(chan Record, 1)
	decoder := decoderFunc(func(rec *Record, _ *Reading) error {
		given <- *rec
		return nil
	})
	produce(t, brokers, withHeaders())
	start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}, Decoder: decoder})
	m := withHeaders()
	want := Record{Topic: topic, Time: m.Time, Key: m.Key, Value: m.Value}
	for _, h := range m.Headers {
		want.Headers = append(want.Headers, Header{h.Key, h.Value})
	}
	got := <-given
	if !got.Time.Equal(want.Time) {
		t.Errorf("its time is %v, want %v", got.Time, want.Time)
	}
	got.Time = want.Time
	// As text: kafka-go can't tell an empty header from none.
	if got, want := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestADeadLetterIsTheWholeRecord has a letter by way of the decoder, and one by
// way of the sink.
func TestADeadLetterIsTheWholeRecord(t *testing.T) {
	c, brokers := fake(t, 1)
	decoder := decoderFunc(func(rec *Record, _ *Reading) error {
		if rec.Offset == 0 {
			return errors.New("it can't be decoded")
		}
		return nil
	})
	s := newMemorySink()
	s.reject = func(*Reading) string { return "it can't be held" }
	produce(t, brokers, withHeaders(), withHeaders())
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}, Decoder: decoder})
	eventually(t, "the end", func() bool { return i.atTheEnd(2) })
	letters := deadLetters(t, c, 2)
	if len(letters) != 2 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for offset, why := range []string{"it can't be decoded", "it can't be held"} {
		got, want := letters[offset], withHeaders()
		for _, h := range [][2]string{
			{"gridgate.store", "documents"}, {"gridgate.topic", topic}, {"gridgate.partition", "0"}, {"gridgate.offset", strconv.Itoa(offset)},
			{"gridgate.time", strconv.FormatInt(want.Time.UnixMilli(), 10)}, {"gridgate.error", why},
		} {
			want.Headers = append(want.Headers, kafka.Header{Key: h[0], Value: []byte(h[1])})
		}
		text := func(m kafka.Message) string { return fmt.Sprintf("%q %q %q", m.Key, m.Value, m.Headers) }
		if text(got) != text(want) {
			t.Errorf("letter %d is\n%s, want\n%s", offset, text(got), text(want))
		}
	}
}

// TestOfADeadLetterThatIsTooLargeTheBeginningIsKept has one between two that are
// not.
func TestOfADeadLetterThatIsTooLargeTheBeginningIsKept(t *testing.T) {
	c, brokers := fake(t, 1)
	if err := c.CreateTopic(dead, 1, map[string]string{"max.message.bytes": "100000"}); err != nil {
		t.Fatal(err)
	}
	large := "large, " + strings.Repeat("and larger ", 30_000)
	values := []string{"before", large, "after"}
	var messages []kafka.Message
	for _, v := range values {
		messages = append(messages, kafka.Message{Value: []byte(v), Headers: []kafka.Header{{Key: "own", Value: []byte("h")}}})
	}
	produce(t, brokers, messages...)
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
	eventually(t, "the end", func() bool { return i.atTheEnd(3) })
	letters := deadLetters(t, c, 3)
	if len(letters) != 3 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for n, m := range letters {
		want, whole := values[n], ""
		if want == large {
			want, whole = large[:64<<10], strconv.Itoa(len(large))
		}
		if string(m.Value) != want || headerOf(&m, "gridgate.value_bytes") != whole || headerOf(&m, "own") != "h" || headerOf(&m, "gridgate.error") == "" {
			t.Errorf("letter %d has %d bytes, %q, and the headers %q", n, len(m.Value), m.Value[:min(10, len(m.Value))], m.Headers)
		}
	}
}

// TestADeadLetterIsShortenedUntilKafkaTakesIt: what can't be written would stop
// the partition for ever.
func TestADeadLetterIsShortenedUntilKafkaTakesIt(t *testing.T) {
	c, brokers := fake(t, 1)
	if err := c.CreateTopic(dead, 1, map[string]string{"max.message.bytes": "50000"}); err != nil {
		t.Fatal(err)
	}
	some := bytes.Repeat([]byte("x"), 200_000)
	produce(t, brokers,
		kafka.Message{Value: []byte("nonsense with a large key"), Key: some},
		kafka.Message{Value: []byte("nonsense with a large header"), Headers: []kafka.Header{{Key: "own", Value: some}}},
		kafka.Message{Value: append([]byte("nonsense "), some...)}, // its first 64 KiB are too large too
		kafka.Message{Value: []byte(`{"id": "good"}`)},
	)
	s := newMemorySink()
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	eventually(t, "the end", func() bool { return i.atTheEnd(4) })
	if s.count() != 1 {
		t.Errorf("%d readings", s.count())
	}
	letters := deadLetters(t, c, 3)
	if len(letters) != 3 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for n, want := range []struct{ value, whole string }{{"", "25"}, {"nonsense with a large header", "28"}, {"", "200009"}} {
		m := letters[n]
		if string(m.Value) != want.value || headerOf(&m, "gridgate.value_bytes") != want.whole || headerOf(&m, "gridgate.offset") != strconv.Itoa(n) ||
			!strings.Contains(headerOf(&m, "gridgate.error"), "it is no JSON") {
			t.Errorf("letter %d: %q, %d bytes of a key, %q", n, m.Value, len(m.Key), m.Headers)
		}
	}
}
