package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	topic = "INGESTION"
	dead  = "INGESTION.dead-letters"
)

// fake starts a Kafka in this process.
func fake(t testing.TB, partitions int32, options ...kfake.Opt) (*kfake.Cluster, []string) {
	t.Helper()
	options = append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic), kfake.GroupMinSessionTimeout(time.Second),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0", "message.max.bytes": "20971520"}),
	}, options...)
	c, err := kfake.NewCluster(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, c.ListenAddrs()
}

// produce writes records and waits until Kafka has them.
func produce(t testing.TB, brokers []string, messages ...kafka.Message) {
	t.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{
		Addr: kafka.TCP(brokers...), Topic: topic, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond,
		Balancer: &kafka.RoundRobin{}, BatchBytes: 32 << 20, Transport: transport,
	}
	defer w.Close()
	if err := w.WriteMessages(context.WithoutCancel(t.Context()), messages...); err != nil {
		t.Fatal(err)
	}
}

// event is what the tests' records hold.
type event struct {
	ID string `json:"id"`
}

type jsonDecoder struct{}

func (jsonDecoder) Decode(rec *Record, out *Reading) error {
	if string(rec.Value) == "panic" {
		panic("a mistake in the decoder")
	}
	var e event
	if err := json.Unmarshal(rec.Value, &e); err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	out.ID = e.ID
	return nil
}

// memorySink counts how often each reading came.
type memorySink struct {
	mu     sync.Mutex
	seen   map[string]int
	fail   func() error // may be nil
	reject func(r *Reading) string
	ended  map[int]int64 // by partition: the offset after what is durable
}

func newMemorySink() *memorySink {
	return &memorySink{seen: map[string]int{}, ended: map[int]int64{}}
}

func (s *memorySink) Write(ctx context.Context, batch []Reading) (w Written, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return w, err
		}
	}
	for i := range batch {
		if s.reject != nil {
			if why := s.reject(&batch[i]); why != "" {
				w.Rejected = append(w.Rejected, Rejected{i, why})
				continue
			}
		}
		s.seen[batch[i].ID]++
		s.ended[batch[i].Partition] = max(s.ended[batch[i].Partition], batch[i].Offset+1)
	}
	return w, ctx.Err()
}

func (s *memorySink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// started is an Ingest that ends with the test, or by stop.
type started struct {
	*Ingest
	stop func()
}

func start(t testing.TB, c Config) *started {
	t.Helper()
	c.Topic, c.DeadLetterTopic = topic, dead
	if c.Decoder == nil {
		c.Decoder = jsonDecoder{}
	}
	if c.Log.GetLevel() == zerolog.TraceLevel {
		c.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	}
	i, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		i.Run(ctx)
	}()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Error("the ingest does not end")
		}
	})
	t.Cleanup(stop)
	return &started{i, stop}
}

func group(store string, sink Sink) Store {
	return Store{Name: store, Group: "test-" + store, Sink: sink}
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	within(t, 30*time.Second, what, is)
}

func within(t testing.TB, limit time.Duration, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not in %v: %s", limit, what)
}

// committed are the offsets of a group by partition.
func committed(t testing.TB, brokers []string, group string, partitions int) map[int]int64 {
	t.Helper()
	var ids []int
	for i := range partitions {
		ids = append(ids, i)
	}
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	c := &kafka.Client{Addr: kafka.TCP(brokers...), Transport: transport}
	answer, err := c.OffsetFetch(t.Context(), &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: ids}})
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]int64{}
	for _, p := range answer.Topics[topic] {
		out[p.Partition] = p.CommittedOffset
	}
	return out
}

func total(offsets map[int]int64) (sum int64) {
	for _, o := range offsets {
		sum += max(o, 0)
	}
	return sum
}

// buried are the dead letters as "store error" lines, sorted.
func buried(t testing.TB, brokers []string) []string {
	t.Helper()
	conn, err := kafka.DialLeader(t.Context(), "tcp", brokers[0], dead, 0)
	if err != nil {
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, last, err := conn.ReadOffsets()
	if err != nil || last == 0 {
		return nil
	}
	if _, err := conn.Seek(0, kafka.SeekAbsolute); err != nil {
		t.Fatal(err)
	}
	var out []string
	for int64(len(out)) < last {
		b := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: 32 << 20, MaxWait: 100 * time.Millisecond})
		for {
			m, err := b.ReadMessage()
			if err != nil {
				break
			}
			out = append(out, headerOf(&m, "gridgate.store")+" "+headerOf(&m, "gridgate.error"))
		}
		b.Close()
	}
	slices.Sort(out)
	return out
}
