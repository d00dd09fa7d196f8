package ingest

import (
	"context"
	"testing"

	"github.com/segmentio/kafka-go"
)

// TestABatchIsAsLargeAsConfigured has more in Kafka's answer than a batch takes.
func TestABatchIsAsLargeAsConfigured(t *testing.T) {
	const size, bound = 1000, 3500
	_, brokers := fake(t, 1)
	var messages []kafka.Message
	for range 10 {
		messages = append(messages, kafka.Message{Value: make([]byte, size)})
	}
	produce(t, brokers, messages...)
	for _, test := range []struct {
		what           string
		bytes, records int
		largest        int
	}{
		{"by bytes", bound, 0, 4}, // the one that passes the bound is the last
		{"by records", 0, 3, 3},
		{"by neither", 0, 0, 10},
	} {
		t.Run(test.what, func(t *testing.T) {
			writes := make(chan int, 100)
			sink := sinkFunc(func(_ context.Context, batch []Reading) (Written, error) {
				writes <- len(batch)
				return Written{}, nil
			})
			store := Store{Name: "s", Group: test.what, Sink: sink}
			i := start(t, Config{
				Brokers: brokers, Stores: []Store{store}, BatchBytes: test.bytes, BatchRecords: test.records,
				Decoder: decoderFunc(func(*Record, *Reading) error { return nil }),
			})
			eventually(t, "the end", func() bool { return i.atTheEnd(10) })
			i.stop()
			close(writes)
			largest, sum := 0, 0
			for n := range writes {
				largest, sum = max(largest, n), sum+n
			}
			if largest != test.largest || sum != 10 {
				t.Errorf("%d records, at most %d in one Write, want %d", sum, largest, test.largest)
			}
		})
	}
}
