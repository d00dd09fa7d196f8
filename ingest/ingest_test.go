package ingest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shuffled are n events, each sent twice, in random order.
func shuffled(n int) []kafka.Message {
	var out []kafka.Message
	for i := range n {
		m := kafka.Message{Value: fmt.Appendf(nil, `{"id": "e%d"}`, i)}
		out = append(out, m, m)
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// TestEveryRecordReachesEveryStore has a second member join and leave in the
// middle.
func TestEveryRecordReachesEveryStore(t *testing.T) {
	_, brokers := fake(t, 4)
	const n = 10_000
	documents, latest := newMemorySink(), newMemorySink()
	slow := func() error { time.Sleep(2 * time.Millisecond); return nil }
	documents.fail, latest.fail = slow, slow
	config := Config{Brokers: brokers, Stores: []Store{group("documents", documents), group("latest", latest)}, BatchRecords: 100}
	records := shuffled(n)
	produce(t, brokers, records[:n]...)
	first := start(t, config)
	eventually(t, "some records", func() bool { return documents.count() > 500 })
	second := start(t, config)
	produce(t, brokers, records[n:]...)
	eventually(t, "a partition of the second member", func() bool {
		return slices.ContainsFunc(second.Status(), func(s PartitionStatus) bool { return s.Store == "documents" && s.Partition >= 0 })
	})
	second.stop()
	eventually(t, "all records in both", func() bool { return documents.count() == n && latest.count() == n })
	for _, store := range []string{"documents", "latest"} {
		eventually(t, "all committed for "+store, func() bool { return total(committed(t, brokers, "test-"+store, 4)) == 2*n })
	}
	eventually(t, "a status without lag", func() bool {
		rows := first.Status()
		return len(rows) == 8 && !slices.ContainsFunc(rows, func(s PartitionStatus) bool {
			return s.State != StateRunning || s.Committed != s.End || s.Lag != 0
		})
	})
}

func TestAStoreThatIsDownLosesNothingAndDelaysItselfOnly(t *testing.T) {
	_, brokers := fake(t, 2)
	var down atomic.Bool
	down.Store(true)
	sick, well := newMemorySink(), newMemorySink()
	sick.fail = func() error {
		if down.Load() {
			return errors.New("connection refused")
		}
		return nil
	}
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("sick", sick), group("well", well)}})
	produce(t, brokers, shuffled(500)...)
	eventually(t, "all in the other store", func() bool { return well.count() == 500 })
	eventually(t, "the status says why", func() bool {
		return slices.ContainsFunc(i.Status(), func(s PartitionStatus) bool {
			return s.Store == "sick" && s.State == StateWaiting && strings.Contains(s.LastError, "connection refused") && s.End > s.Committed
		})
	})
	if done := total(committed(t, brokers, "test-sick", 2)); done != 0 {
		t.Errorf("%d committed while the store was down", done)
	}
	down.Store(false)
	eventually(t, "all in the store that came back", func() bool { return sick.count() == 500 })
	eventually(t, "all committed", func() bool { return total(committed(t, brokers, "test-sick", 2)) == 1000 })
}

func TestNothingIsCommittedBeforeItIsDurable(t *testing.T) {
	_, brokers := fake(t, 2)
	s := newMemorySink()
	start(t, Config{Brokers: brokers, Stores: []Store{group("documents", s)}, BatchRecords: 10})
	var producing sync.WaitGroup
	producing.Go(func() { produce(t, brokers, shuffled(1000)...) })
	eventually(t, "all committed", func() bool {
		done := committed(t, brokers, "test-documents", 2)
		s.mu.Lock()
		defer s.mu.Unlock()
		for p, offset := range done {
			if offset > s.ended[p] {
				t.Fatalf("partition %d: committed %d, durable %d", p, offset, s.ended[p])
			}
		}
		return total(done) == 2000
	})
	producing.Wait()
}

func TestWhatCannotBeUsedIsADeadLetterOfEachStore(t *testing.T) {
	_, brokers := fake(t, 1)
	a, b := newMemorySink(), newMemorySink()
	b.reject = func(r *Reading) string {
		if r.ID == "unwanted" {
			return "it is unwanted"
		}
		return ""
	}
	panics := true
	a.fail = func() error {
		if panics {
			panics = false
			panic("a mistake in the sink")
		}
		return nil
	}
	large := fmt.Sprintf(`{"id": "large", "x": %q}`, strings.Repeat("x", 10<<20))
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("a", a), group("b", b)}, BatchBytes: 1 << 20})
	for _, value := range []string{`{"id": "1"}`, `nonsense`, `panic`, `{"id": "unwanted"}`, large, strings.Repeat("y", 10<<20), `{"id": "2"}`} {
		produce(t, brokers, kafka.Message{Key: []byte("k"), Value: []byte(value), Headers: []kafka.Header{{Key: "own", Value: []byte("h")}}})
	}
	for _, store := range []string{"a", "b"} {
		eventually(t, "all committed for "+store, func() bool { return total(committed(t, brokers, "test-"+store, 1)) == 7 })
	}
	if a.count() != 4 || b.count() != 3 {
		t.Errorf("a has %d, b %d", a.count(), b.count())
	}
	want := []string{
		"a decoding it ended in a panic: a mistake in the decoder",
		"a it is no JSON: invalid character 'o' in literal null (expecting 'u')",
		"a it is no JSON: invalid character 'y' looking for beginning of value",
		"b decoding it ended in a panic: a mistake in the decoder",
		"b it is no JSON: invalid character 'o' in literal null (expecting 'u')",
		"b it is no JSON: invalid character 'y' looking for beginning of value",
		"b it is unwanted",
	}
	if got := buried(t, brokers); !slices.Equal(got, want) {
		t.Errorf("dead letters:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, s := range i.Status() {
		if want := map[string]int64{"a": 3, "b": 4}[s.Store]; s.DeadLetters != want || s.Records != 7 {
			t.Errorf("status of %s: %d dead of %d", s.Store, s.DeadLetters, s.Records)
		}
	}
}

// TestAVolatileStoreReadsEverything starts twice, as a process that is
// restarted: the second must see all that the first saw.
func TestAVolatileStoreReadsEverything(t *testing.T) {
	_, brokers := fake(t, 2)
	produce(t, brokers, shuffled(100)...)
	for range 2 {
		s := newMemorySink()
		volatile := group("documents", s)
		volatile.Volatile = true
		i := start(t, Config{Brokers: brokers, Stores: []Store{volatile}})
		eventually(t, "everything", func() bool { return s.count() == 100 })
		i.stop()
	}
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&kafka.Client{Addr: kafka.TCP(brokers...), Transport: transport}).ListGroups(t.Context(), &kafka.ListGroupsRequest{})
	if err != nil || len(answer.Groups) > 0 {
		t.Errorf("groups stay: %v, %v", answer, err)
	}
}

// TestAVolatileStoreWritesDeadLettersOnce starts three times; the last time
// there is a new one.
func TestAVolatileStoreWritesDeadLettersOnce(t *testing.T) {
	_, brokers := fake(t, 1)
	produce(t, brokers, kafka.Message{Value: []byte("nonsense")}, kafka.Message{Value: []byte(`{"id": "good"}`)})
	for n, dead := range []int64{1, 1, 2} {
		if n == 2 {
			produce(t, brokers, kafka.Message{Value: []byte("more nonsense")})
		}
		volatile := group("documents", newMemorySink())
		volatile.Volatile = true
		i := start(t, Config{Brokers: brokers, Stores: []Store{volatile}})
		eventually(t, "all read", func() bool {
			s := i.Status()[0]
			return s.Records == dead+1 && s.DeadLetters == dead && s.Committed == s.End
		})
		i.stop()
		if got := buried(t, brokers); int64(len(got)) != dead {
			t.Errorf("start %d: dead letters %q, want %d", n, got, dead)
		}
	}
}

// TestTheStatusOfAStoreThatIsDownMovesOn: its lag is what people watch then.
func TestTheStatusOfAStoreThatIsDownMovesOn(t *testing.T) {
	_, brokers := fake(t, 1)
	sick := newMemorySink()
	sick.fail = func() error { return errors.New("connection refused") }
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	i := start(t, Config{Brokers: brokers, Stores: []Store{group("sick", sick)}, Now: now})
	produce(t, brokers, shuffled(1)...)
	eventually(t, "it waits", func() bool { return i.Status()[0].State == StateWaiting })
	produce(t, brokers, shuffled(500)...)
	eventually(t, "the partition's new end", func() bool { s := i.Status()[0]; return s.End == 1002 && s.Committed == 0 })
	ahead.Store(int64(time.Hour))
	if lag := i.Status()[0].Lag; lag < time.Hour || lag > time.Hour+time.Minute {
		t.Errorf("an hour later the lag is %v", lag)
	}
}

func TestWithoutKafkaTheStatusSaysSoAndItEnds(t *testing.T) {
	i := start(t, Config{Brokers: []string{"127.0.0.1:1"}, Stores: []Store{group("documents", newMemorySink())}})
	eventually(t, "an error in the status", func() bool {
		s := i.Status()
		return len(s) == 1 && s[0].Partition == NoPartition && s[0].State == StateConnecting && strings.Contains(s[0].LastError, "refused")
	})
	begin := time.Now()
	i.stop()
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("it ended after %v", took)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	_, err := New(Config{Topic: "t", DeadLetterTopic: "t", Stores: []Store{{Name: "a"}, {Name: "a"}}})
	for _, part := range []string{"no brokers", "no decoder", "is the topic itself", `store "a" has no`, `"a" is there twice`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}
