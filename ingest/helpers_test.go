package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

// The keys of Kafka's requests, https://kafka.apache.org/protocol#protocol_api_keys.
const (
	produceRequest         = 0
	fetchRequest           = 1
	listOffsetsRequest     = 2
	metadataRequest        = 3
	offsetCommitRequest    = 8
	offsetFetchRequest     = 9
	findCoordinatorRequest = 10
	joinGroupRequest       = 11
	leaveGroupRequest      = 13
	syncGroupRequest       = 14
	createTopicsRequest    = 19
	deleteGroupsRequest    = 42
)

// sinkFunc is a Sink.
type sinkFunc func(ctx context.Context, batch []Reading) (Written, error)

func (f sinkFunc) Write(ctx context.Context, batch []Reading) (Written, error) { return f(ctx, batch) }

// decoderFunc is a Decoder.
type decoderFunc func(rec *Record, out *Reading) error

func (f decoderFunc) Decode(rec *Record, out *Reading) error { return f(rec, out) }

// produceEach makes every message a batch of its own in Kafka.
func produceEach(t testing.TB, brokers []string, messages ...kafka.Message) {
	t.Helper()
	for _, m := range messages {
		produce(t, brokers, m)
	}
}

// events are the messages of events first to last.
func events(first, last int) []kafka.Message {
	var out []kafka.Message
	for _, id := range eventIDs(first, last) {
		out = append(out, kafka.Message{Value: fmt.Appendf(nil, `{"id": %q}`, id)})
	}
	return out
}

// eventIDs are the identities of events first to last.
func eventIDs(first, last int) []string {
	var out []string
	for i := first; i <= last; i++ {
		out = append(out, fmt.Sprintf("event%03d", i))
	}
	return out
}

// ids are the identities of all readings that came, sorted.
func (s *memorySink) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for id := range s.seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// atTheEnd reports whether every partition ends at an offset, and is read and
// committed up to there.
func (s *started) atTheEnd(offset int64) bool {
	rows := s.Status()
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(p PartitionStatus) bool {
		return p.State != StateRunning || p.Committed != offset || p.End != offset || p.Lag != 0
	})
}

// says reports whether a LastError has a text.
func (s *started) says(text string) bool {
	return slices.ContainsFunc(s.Status(), func(p PartitionStatus) bool { return strings.Contains(p.LastError, text) })
}

// groups are the names of all consumer groups of Kafka's.
func groups(t testing.TB, brokers []string) []string {
	t.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&kafka.Client{Addr: kafka.TCP(brokers...), Transport: transport}).ListGroups(t.Context(), &kafka.ListGroupsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, g := range answer.Groups {
		out = append(out, g.GroupID)
	}
	slices.Sort(out)
	return out
}

// commitAs writes an offset of partition 0 for a group without members.
func commitAs(t testing.TB, brokers []string, group string, offset int64) {
	t.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&kafka.Client{Addr: kafka.TCP(brokers...), Transport: transport}).OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{
		GroupID: group, GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: 0, Offset: offset}}},
	})
	if err == nil {
		err = answer.Topics[topic][0].Error
	}
	if err != nil {
		t.Fatal(err)
	}
}

// deadLetters are the first n records of the dead-letter topic; none while there
// are fewer.
func deadLetters(t testing.TB, c *kfake.Cluster, n int) []kafka.Message {
	t.Helper()
	if p := c.PartitionInfo(dead, 0); p == nil || p.HighWatermark < int64(n) {
		return nil
	}
	conn, err := kafka.DialLeader(t.Context(), "tcp", c.ListenAddrs()[0], dead, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	var out []kafka.Message
	for len(out) < n {
		m, err := conn.ReadMessage(32 << 20)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// headerOf is the value of a header, or nothing.
func headerOf(m *kafka.Message, name string) string {
	at := slices.IndexFunc(m.Headers, func(h kafka.Header) bool { return h.Key == name })
	if at < 0 {
		return ""
	}
	return string(m.Headers[at].Value)
}
