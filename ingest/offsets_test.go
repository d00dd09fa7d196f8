package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Where reading goes on when the partition is not as it was left.

// TestRecordsThatWereDeletedBeforeTheyWereRead has 10 records read, 10 more
// written while nobody reads, and some of those deleted.
func TestRecordsThatWereDeletedBeforeTheyWereRead(t *testing.T) {
	for _, test := range []struct {
		what  string
		first int64 // the partition's after that
		says  string
		want  []string
	}{
		{"some", 15, "records 10 to 14 were deleted before they were read", eventIDs(15, 19)},
		{"all", 20, "records 10 to 19 were deleted before they were read", nil},
		{"none but those that were read", 10, "", eventIDs(10, 19)},
	} {
		t.Run(test.what, func(t *testing.T) {
			c, brokers := fake(t, 1)
			produce(t, brokers, events(0, 9)...)
			before := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
			eventually(t, "the first ones committed", func() bool { return before.atTheEnd(10) })
			before.stop()
			produce(t, brokers, events(10, 19)...)
			if err := c.DeleteRecords(topic, 0, test.first); err != nil {
				t.Fatal(err)
			}
			s := newMemorySink()
			i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
			eventually(t, "the end", func() bool { return i.atTheEnd(20) })
			if got := s.ids(); !slices.Equal(got, test.want) {
				t.Errorf("read %v, want %v", got, test.want)
			}
			if done := total(committed(t, brokers, "test-documents", 1)); done != 20 {
				t.Errorf("%d committed", done)
			}
			if says := i.Status()[0].LastError; says != test.says {
				t.Errorf("the status says %q, want %q", says, test.says)
			}
		})
	}
}

// TestRecordsThatAreDeletedUnderAReader has the store busy with the first
// record meanwhile.
func TestRecordsThatAreDeletedUnderAReader(t *testing.T) {
	c, brokers := fake(t, 1)
	produceEach(t, brokers, events(0, 9)...)
	s := newMemorySink()
	busy, goOn := make(chan struct{}, 1), make(chan struct{})
	sink := sinkFunc(func(ctx context.Context, batch []Reading) (Written, error) {
		if batch[0].Offset == 0 {
			busy <- struct{}{}
			<-goOn
		}
		return s.Write(ctx, batch)
	})
	// So few bytes that what Kafka sends at once is one record.
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", sink)}, BatchBytes: 1})
	<-busy
	if err := c.DeleteRecords(topic, 0, 5); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	eventually(t, "the end", func() bool { return i.atTheEnd(10) })
	if got, want := s.ids(), append(eventIDs(0, 0), eventIDs(5, 9)...); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	if !i.says("records 1 to 4 were deleted before they were read") {
		t.Errorf("the status says %q", i.Status()[0].LastError)
	}
}

// TestATopicThatIsMadeAnewIsReadFromItsBegin makes it anew under a reader.
func TestATopicThatIsMadeAnewIsReadFromItsBegin(t *testing.T) {
	c, brokers := fake(t, 1)
	s := newMemorySink()
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	produce(t, brokers, events(0, 9)...)
	eventually(t, "all of the old topic", func() bool { return i.atTheEnd(10) })
	if err := c.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateTopic(topic, 1, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func() bool { return i.says("it was made anew, and is read from its begin") })
	produce(t, brokers, events(10, 12)...)
	eventually(t, "all of the new topic", func() bool { return i.atTheEnd(3) })
	if got, want := s.ids(), eventIDs(0, 12); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	if done := total(committed(t, brokers, "test-documents", 1)); done != 3 {
		t.Errorf("%d committed", done)
	}
}

// TestACommittedOffsetBeyondTheEnd is the same after a restart, where Kafka has
// kept the offset of the topic that was.
func TestACommittedOffsetBeyondTheEnd(t *testing.T) {
	_, brokers := fake(t, 1)
	produce(t, brokers, events(0, 2)...)
	commitAs(t, brokers, "test-documents", 10)
	s := newMemorySink()
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	eventually(t, "the end", func() bool { return i.atTheEnd(3) })
	if got, want := s.ids(), eventIDs(0, 2); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	want := "the partition ends at offset 3, but records before 10 were read: it was made anew, and is read from its begin"
	if says := i.Status()[0].LastError; says != want {
		t.Errorf("the status says %q, want %q", says, want)
	}
}

// TestOffsetsWithoutRecordsArePassed is over a partition whose compaction left
// the first two of ten records: their batch still spans all ten offsets. kfake's
// own compaction shortens the batch, which Kafka's does not.
func TestOffsetsWithoutRecordsArePassed(t *testing.T) {
	c, brokers := fake(t, 1)
	produce(t, brokers, events(0, 9)...)
	answerFetches(c, compactedBatch(eventIDs(0, 1), 10))
	s := newMemorySink()
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	eventually(t, "the end, without lag", func() bool { return i.atTheEnd(10) })
	if done := total(committed(t, brokers, "test-documents", 1)); done != 10 {
		t.Errorf("%d committed", done)
	}
	produce(t, brokers, events(10, 10)...)
	eventually(t, "what comes after", func() bool { return i.atTheEnd(11) })
	if got, want := s.ids(), append(eventIDs(0, 1), eventIDs(10, 10)...); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

// answerFetches answers all fetches of offsets before 10 with a batch, as if the
// partition ended at 10.
func answerFetches(c *kfake.Cluster, batch []byte) {
	c.ControlKey(fetchRequest, func(r kmsg.Request) (kmsg.Response, error, bool) {
		request := r.(*kmsg.FetchRequest)
		if request.Topics[0].Partitions[0].FetchOffset >= 10 {
			return nil, nil, false
		}
		c.KeepControl()
		partition := kmsg.NewFetchResponseTopicPartition()
		partition.HighWatermark, partition.LastStableOffset, partition.RecordBatches = 10, 10, batch
		t := kmsg.NewFetchResponseTopic()
		t.Topic, t.Partitions = request.Topics[0].Topic, append(t.Partitions, partition)
		answer := request.ResponseKind().(*kmsg.FetchResponse)
		answer.Topics = append(answer.Topics, t)
		return answer, nil, true
	})
}

// TestAPartitionThatIsStuckIsReadOverAnotherConnection: Kafka says that there is
// more, but gives what was read already. Its records have no time, which makes
// them no older than their reading.
func TestAPartitionThatIsStuckIsReadOverAnotherConnection(t *testing.T) {
	c, brokers := fake(t, 1)
	produce(t, brokers, events(0, 9)...)
	answerFetches(c, compactedBatch(eventIDs(0, 1), 2))
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}, stuckTime: time.Second / 2})
	eventually(t, "the status says so", func() bool {
		return strings.Contains(i.Status()[0].LastError, "records up to offset 10, but none came after 2")
	})
	if lag := i.Status()[0].Lag; lag <= 0 || lag > time.Minute {
		t.Errorf("the lag is %v", lag)
	}
}

// compactedBatch is a batch from offset 0 of so many offsets that only the first
// have records.
func compactedBatch(ids []string, offsets int32) []byte {
	b := kmsg.NewRecordBatch()
	b.Magic, b.LastOffsetDelta, b.NumRecords, b.ProducerID = 2, offsets-1, int32(len(ids)), -1
	for n, id := range ids {
		r := kmsg.NewRecord()
		r.OffsetDelta, r.Value = int32(n), fmt.Appendf(nil, `{"id": %q}`, id)
		r.Length = int32(len(r.AppendTo(nil)) - 1) // without the byte that it takes itself
		b.Records = r.AppendTo(b.Records)
	}
	b.Length = int32(len(b.AppendTo(nil)) - 12) // without first offset and length; kafka-go checks no sum
	return b.AppendTo(nil)
}
