package ingest

import (
	"slices"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What Kafka refuses for a while.

func TestADeadLetterIsWrittenBeforeItsRecordIsCommitted(t *testing.T) {
	c, brokers := fake(t, 1)
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{produceRequest}, Topic: dead, Count: -1})
	s := newMemorySink()
	produce(t, brokers, kafka.Message{Value: []byte("nonsense")})
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	notCommittedEarly := func() {
		t.Helper()
		done := total(committed(t, brokers, "test-documents", 1)) // asked for first, so that the letter can't come in between
		if done > 0 && len(deadLetters(t, c, 1)) == 0 {
			t.Fatalf("%d committed, and the dead letter is lost", done)
		}
	}
	eventually(t, "several attempts", func() bool { notCommittedEarly(); return refused.Hits() >= 3 })
	eventually(t, "the status says what it waits for", func() bool {
		return slices.ContainsFunc(i.Status(), func(p PartitionStatus) bool {
			return p.State == StateWaiting && p.LastError != "" && p.Committed <= 0 && p.End == 1
		}) && i.says("writing dead letters")
	})
	refused.Remove()
	eventually(t, "committed", func() bool { notCommittedEarly(); return i.atTheEnd(1) })
	if got := deadLetters(t, c, 1); len(got) == 0 || string(got[0].Value) != "nonsense" {
		t.Errorf("dead letters: %v", got)
	}
}

// TestTheDeadLetterTopicIsMadeAsSoonAsThatIsPossible refuses to make it at first.
func TestTheDeadLetterTopicIsMadeAsSoonAsThatIsPossible(t *testing.T) {
	c, brokers := fake(t, 1)
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{createTopicsRequest}, Topic: dead, Count: -1})
	produce(t, brokers, kafka.Message{Value: []byte("nonsense")})
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
	eventually(t, "several attempts", func() bool { return refused.Hits() >= 2 })
	if done := total(committed(t, brokers, "test-documents", 1)); done != 0 {
		t.Errorf("%d committed without a place for the dead letter", done)
	}
	refused.Remove()
	eventually(t, "committed", func() bool { return i.atTheEnd(1) })
	if len(deadLetters(t, c, 1)) == 0 {
		t.Error("the dead letter is lost")
	}
}

func TestAfterACommitThatFailsTheGroupIsJoinedAgain(t *testing.T) {
	c, brokers := fake(t, 1)
	s := newMemorySink()
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}})
	eventually(t, "a member", func() bool {
		g := c.GroupInfo("test-documents")
		return g != nil && g.State == "Stable" && g.NumAssigned() == 1
	})
	first := c.GroupInfo("test-documents").Epoch
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{offsetCommitRequest}, Group: "test-documents", Count: -1})
	produce(t, brokers, events(0, 9)...)
	eventually(t, "a commit that is refused", func() bool { return refused.Hits() > 0 })
	eventually(t, "the status says it", func() bool { return i.says("committing offset 10 of partition 0") })
	within(t, 10*time.Second, "another generation", func() bool { return c.GroupInfo("test-documents").Epoch > first })
	if done := total(committed(t, brokers, "test-documents", 1)); done != 0 {
		t.Errorf("%d committed, and each commit was refused", done)
	}
	refused.Remove()
	within(t, 10*time.Second, "all committed", func() bool { return total(committed(t, brokers, "test-documents", 1)) == 10 })
	if got := s.ids(); !slices.Equal(got, eventIDs(0, 9)) {
		t.Errorf("the sink has %v", got)
	}
	eventually(t, "a status at the end", func() bool { return i.atTheEnd(10) })
}
