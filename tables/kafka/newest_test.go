package kafka

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"gridgate/tables"
)

// offsets reads the column offset of all letters that a store shows.
func offsets(t *testing.T, s *Store) []int64 {
	t.Helper()
	n, err := s.Table(t.Context(), tableName)
	if err != nil {
		t.Fatal(err)
	}
	c := columns[colOffset]
	p, refused := n.Compile(tables.Query{From: &tables.Scan{Snapshot: n}, Output: []tables.Expr{&tables.Col{Index: colOffset, Name: c.Name, Typ: c.Type}}})
	if refused != nil {
		t.Fatal(refused)
	}
	r, err := p.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []int64
	for {
		var b tables.Batch
		if err := r.Next(t.Context(), &b); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Cols[0].Ints[:b.N]...)
	}
}

// writeLetters writes n letters with values of so many bytes, each a batch of
// its own in Kafka. Nine of ten go to the first partition.
func writeLetters(t *testing.T, brokers []string, n, size int) {
	t.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	written := 0
	w := &kafka.Writer{
		Addr: kafka.TCP(brokers...), Topic: topic, RequiredAcks: kafka.RequireAll, BatchSize: 1, Transport: transport,
		Balancer: kafka.BalancerFunc(func(_ kafka.Message, partitions ...int) int {
			written++
			if written%10 == 0 {
				return partitions[len(partitions)-1]
			}
			return partitions[0]
		}),
	}
	defer w.Close()
	value := bytes.Repeat([]byte("x"), size)
	var messages []kafka.Message
	for i := range n {
		l := letter(i)
		l.Value = value
		messages = append(messages, l.Message())
	}
	if err := w.WriteMessages(context.WithoutCancel(t.Context()), messages...); err != nil {
		t.Fatal(err)
	}
}

// meter counts what comes from Kafka.
type meter struct {
	net.Conn
	read *atomic.Int64
}

func (m meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.read.Add(int64(n))
	return n, err
}

// TestOnlyTheEndOfTheTopicIsRead: the topic may be a million times as long.
func TestOnlyTheEndOfTheTopicIsRead(t *testing.T) {
	const letters, size, newest = 200, 20_000, 5
	brokers := fake(t, 1)
	writeLetters(t, brokers, letters, size)
	var read atomic.Int64
	dialer := &kafka.Dialer{Timeout: 10 * time.Second, DialFunc: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return meter{conn, &read}, err
	}}
	found := offsets(t, New(Config{Brokers: brokers, Topic: topic, Newest: newest, Dialer: dialer}))
	if len(found) != newest || found[0] != letters-1 {
		t.Errorf("letters of offsets %v", found)
	}
	if most := int64(newest+1)*size + 20_000; read.Load() > most { // and what Kafka answers else
		t.Errorf("%d bytes were read for %d letters of %d bytes", read.Load(), newest, size)
	}
}

// TestWhatOneQueryHoldsIsBounded has more in the newest letters than that, and
// even in one of their partitions.
func TestWhatOneQueryHoldsIsBounded(t *testing.T) {
	const letters, size, most = 80, 1_000_000, holdBytes / 1_000_000
	brokers := fake(t, 2)
	writeLetters(t, brokers, letters, size)
	s := New(Config{Brokers: brokers, Topic: topic})
	found := offsets(t, s)
	if len(found) > most || len(found) < most-1 {
		t.Errorf("%d letters of %d bytes are held, want %d", len(found), size, most)
	}
	for i, offset := range found {
		if offset != int64(letters-1-i) {
			t.Fatalf("letter %d is of offset %d", i, offset)
		}
	}
	// Nor is it more while one partition is read.
	if held, err := tail(t.Context(), &s.config, brokers[0], 0); err != nil || len(held) > most {
		t.Errorf("%d letters of the first partition are held, %v", len(held), err)
	}
}
