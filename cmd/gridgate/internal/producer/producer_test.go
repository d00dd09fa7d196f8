package producer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const topic = "records"

// fake starts a Kafka whose topic takes at most so many bytes in one request.
func fake(t *testing.T, maxBytes int) (brokers []string) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "1048588"}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.CreateTopic(topic, 1, map[string]string{"max.message.bytes": fmt.Sprint(maxBytes)}); err != nil {
		t.Fatal(err)
	}
	return c.ListenAddrs()
}

// records are the lengths of all records of the topic, in order.
func records(t *testing.T, brokers []string) (lengths []int) {
	t.Helper()
	conn, err := kafka.DialLeader(t.Context(), "tcp", brokers[0], topic, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	first, last, err := conn.ReadOffsets()
	if err != nil {
		t.Fatal(err)
	}
	for at := first; at < last; {
		if _, err := conn.Seek(at, kafka.SeekAbsolute); err != nil {
			t.Fatal(err)
		}
		b := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: 40 << 20, MaxWait: 100 * time.Millisecond})
		for {
			m, err := b.ReadMessage()
			if err != nil {
				break
			}
			lengths = append(lengths, len(m.Value))
			at = m.Offset + 1
		}
		b.Close()
	}
	return lengths
}

func sendFile(t *testing.T, brokers []string, content []byte) (sent int64, err error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	p := New(brokers, topic)
	defer p.Close()
	err = p.SendFile(t.Context(), name)
	return p.Sent(), err
}

// TestAFileOfOrdinaryLines: together they are more than Kafka takes at once.
func TestAFileOfOrdinaryLines(t *testing.T) {
	brokers := fake(t, 1<<20)
	line := strings.Repeat("x", 5000) + "\n"
	if sent, err := sendFile(t, brokers, []byte(strings.Repeat(line, 1000))); sent != 1000 || err != nil {
		t.Fatal(sent, err)
	}
	if got := records(t, brokers); len(got) != 1000 || slices.Max(got) != 5000 {
		t.Errorf("%d records", len(got))
	}
}

// TestLinesThatAreTooLargeAreLeftOut: all others are sent, and which were not is
// said.
func TestLinesThatAreTooLargeAreLeftOut(t *testing.T) {
	small, medium, large := "s\n", strings.Repeat("m", 50_000)+"\n", strings.Repeat("l", maxRecord+1)+"\n"
	for _, c := range []struct {
		name  string
		max   int
		text  string
		want  []int
		first int64
		count int64
	}{
		{"for the topic", 20_000, small + small + medium + small + medium, []int{1, 1, 1}, 3, 2},
		{"for the producer", 1 << 20, small + large + small, []int{1, 1}, 2, 1},
		{"at the end", 1 << 20, small + strings.TrimSuffix(large, "\n"), []int{1}, 2, 1},
	} {
		brokers := fake(t, c.max)
		sent, err := sendFile(t, brokers, []byte(c.text))
		var lines *Lines
		if !errors.As(err, &lines) || lines.First != c.first || lines.Count != c.count || sent != int64(len(c.want)) {
			t.Errorf("%s: %d sent, %v", c.name, sent, err)
		}
		if got := records(t, brokers); !slices.Equal(got, c.want) {
			t.Errorf("%s: records of %v bytes, want %v", c.name, got, c.want)
		}
	}
}

func TestLinesThatAreNoRecords(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	const text = "\uFEFFone\r\n\r\n \t \nthree\n\nlast"
	fmt.Fprint(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"plain": []byte(text), "gzip": packed.Bytes()} {
		brokers := fake(t, 1<<20)
		sent, err := sendFile(t, brokers, content)
		if got := records(t, brokers); sent != 3 || err != nil || !slices.Equal(got, []int{3, 5, 4}) {
			t.Errorf("%s: %d sent, %v; records of %v bytes", name, sent, err, got)
		}
	}
	if _, err := sendFile(t, fake(t, 1<<20), packed.Bytes()[:packed.Len()-8]); err == nil {
		t.Error("a file that is cut short is taken for a whole one")
	}
	if sent, err := sendFile(t, []string{"127.0.0.1:1"}, nil); sent != 0 || err != nil {
		t.Error("an empty file:", sent, err)
	}
	if sent, err := sendFile(t, []string{"127.0.0.1:1"}, []byte("a")); sent != 0 || err == nil {
		t.Error("without Kafka:", sent, err)
	}
}

// TestAKafkaThatHangsKeepsNobodyFromEnding: it accepts connections and says
// nothing.
func TestAKafkaThatHangsKeepsNobodyFromEnding(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := New([]string{l.Addr().String()}, topic)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if err := p.Send(ctx, kafka.Message{Value: []byte("x")}); !errors.Is(err, context.Canceled) {
		t.Errorf("Send says %v", err)
	}
	_ = p.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Send and Close took %v", took)
	}
}

// TestWhatMayPassIsTriedAgain: Kafka has no leader for a while.
func TestWhatMayPassIsTriedAgain(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	refused := 0
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if refused++; refused > 2 {
			return nil, nil, false
		}
		c.KeepControl()
		answer := r.ResponseKind().(*kmsg.ProduceResponse)
		partition := kmsg.NewProduceResponseTopicPartition()
		partition.ErrorCode = int16(kafka.NotLeaderForPartition)
		of := kmsg.NewProduceResponseTopic()
		of.Topic, of.Partitions = topic, append(of.Partitions, partition)
		answer.Topics = append(answer.Topics, of)
		return answer, nil, true
	})
	p := New(c.ListenAddrs(), topic)
	defer p.Close()
	if err := p.Send(t.Context(), kafka.Message{Value: []byte("one")}, kafka.Message{Value: []byte("three")}); err != nil || p.Sent() != 2 {
		t.Errorf("%d sent, %v", p.Sent(), err)
	}
	if got := records(t, c.ListenAddrs()); refused != 3 || !slices.Equal(got, []int{3, 5}) {
		t.Errorf("refused %d times; records of %v bytes", refused, got)
	}
}
