package ingest

import (
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// endsIn is how soon an ingest ends; a second or so is promised, and a busy
// machine may add some. Without being cut short, calls of Kafka take 10 s.
const endsIn = 3 * time.Second

// TestItEndsSoonWhereKafkaHangs has Kafka fall silent at each of the requests
// that an ingest has in its life.
func TestItEndsSoonWhereKafkaHangs(t *testing.T) {
	for _, test := range []struct {
		doing   string
		request int16
	}{
		{"looking for the topic", metadataRequest},
		{"looking for the group's coordinator", findCoordinatorRequest},
		{"joining the group", joinGroupRequest},
		{"being given partitions", syncGroupRequest},
		{"asking for what was committed", offsetFetchRequest},
		{"asking for the ends of a partition", listOffsetsRequest},
		{"fetching", fetchRequest},
		{"making the dead-letter topic", createTopicsRequest},
		{"writing dead letters", produceRequest},
		{"committing", offsetCommitRequest},
	} {
		t.Run(test.doing, func(t *testing.T) {
			t.Parallel()
			kafkas, _, brokers := silentFake(t, 1)
			produce(t, brokers, kafka.Message{Value: []byte(`{"id": "1"}`)}, kafka.Message{Value: []byte("nonsense")})
			kafkas.fallsOn(test.request)
			i := start(t, Config{Brokers: brokers, Stores: []Store{group("documents", newMemorySink())}})
			select {
			case <-kafkas.fell:
			case <-time.After(30 * time.Second):
				t.Fatal("that request never came")
			}
			endsSoon(t, i)
		})
	}
}

// TestItEndsSoonWhereKafkaHangsAtTheEnd has Kafka fall silent when the ingest
// takes its leave.
func TestItEndsSoonWhereKafkaHangsAtTheEnd(t *testing.T) {
	for doing, request := range map[string]int16{"leaving the group": leaveGroupRequest, "removing the group": deleteGroupsRequest} {
		t.Run(doing, func(t *testing.T) {
			t.Parallel()
			kafkas, _, brokers := silentFake(t, 1)
			produce(t, brokers, events(0, 0)...)
			volatile := group("documents", newMemorySink())
			volatile.Volatile = true
			i := start(t, Config{Brokers: brokers, Stores: []Store{volatile}})
			eventually(t, "the end", func() bool { return i.atTheEnd(1) })
			kafkas.fallsOn(request)
			endsSoon(t, i)
			if !kafkas.is() {
				t.Error("that request never came")
			}
		})
	}
}

func endsSoon(t *testing.T, i *started) {
	t.Helper()
	begin := time.Now()
	i.stop()
	if took := time.Since(begin); took > endsIn {
		t.Errorf("it ended after %v", took)
	}
}
