package ingest

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// startVolatile is a process whose store begins empty.
func startVolatile(t *testing.T, brokers []string) (*memorySink, *started) {
	t.Helper()
	s := newMemorySink()
	volatile := group("documents", s)
	volatile.Volatile = true
	return s, start(t, Config{Brokers: brokers, Stores: []Store{volatile}})
}

// TestEachProcessFillsItsVolatileStore has two at once. In one group each would
// have half.
func TestEachProcessFillsItsVolatileStore(t *testing.T) {
	_, brokers := fake(t, 2)
	produce(t, brokers, events(0, 49)...)
	a, first := startVolatile(t, brokers)
	b, second := startVolatile(t, brokers)
	within(t, 10*time.Second, "everything in both", func() bool { return a.count() == 50 && b.count() == 50 })
	produce(t, brokers, events(50, 99)...)
	within(t, 10*time.Second, "what came later in both", func() bool { return a.count() == 100 && b.count() == 100 })
	if names := groups(t, brokers); len(names) != 2 || slices.Contains(names, "test-documents") {
		t.Errorf("the groups are %q", names)
	}
	first.stop()
	if names := groups(t, brokers); len(names) != 1 {
		t.Errorf("the groups are %q after one process has ended", names)
	}
	produce(t, brokers, events(100, 149)...)
	within(t, 10*time.Second, "what came after the other had ended", func() bool { return b.count() == 150 })
	second.stop()
	if names := groups(t, brokers); len(names) != 0 {
		t.Errorf("the groups are %q after both processes have ended", names)
	}
}

// TestAVolatileStoreReadsEverythingAfterACrash has the first process leave its
// group behind.
func TestAVolatileStoreReadsEverythingAfterACrash(t *testing.T) {
	c, brokers := fake(t, 2)
	produce(t, brokers, events(0, 49)...)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{deleteGroupsRequest}, Count: 1})
	before, crashed := startVolatile(t, brokers)
	eventually(t, "everything", func() bool { return before.count() == 50 })
	crashed.stop()
	if names := groups(t, brokers); len(names) != 1 {
		t.Errorf("the groups are %q, want that of the first process", names)
	}
	after, _ := startVolatile(t, brokers)
	within(t, 10*time.Second, "everything again", func() bool { return after.count() == 50 })
}
