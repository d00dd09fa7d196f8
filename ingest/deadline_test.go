package ingest

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// These wait as long as one answer of Kafka's may take, side by side and
// without work.

func TestAFetchThatIsNeverAnsweredIsAskedAgain(t *testing.T) {
	t.Parallel()
	c, brokers := fake(t, 1)
	produce(t, brokers, events(0, 0)...)
	c.ControlKey(fetchRequest, func(kmsg.Request) (kmsg.Response, error, bool) { return nil, nil, true })
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
	within(t, 2*callTime, "an end of waiting", func() bool { return i.says("reading partition 0 at offset 0") })
	within(t, callTime/2, "the record", func() bool { return i.atTheEnd(1) })
}

// TestNothingToReadIsNoTrouble looks at the state for longer than an answer may
// take: each fetch has that time anew.
func TestNothingToReadIsNoTrouble(t *testing.T) {
	t.Parallel()
	_, brokers := fake(t, 1)
	produce(t, brokers, events(0, 0)...)
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
	eventually(t, "the end", func() bool { return i.atTheEnd(1) })
	for begin := time.Now(); time.Since(begin) < callTime+500*time.Millisecond; time.Sleep(10 * time.Millisecond) {
		if s := i.Status()[0]; !i.atTheEnd(1) || s.LastError != "" {
			t.Fatalf("after %v it is %s: %s", time.Since(begin), s.State, s.LastError)
		}
	}
}
