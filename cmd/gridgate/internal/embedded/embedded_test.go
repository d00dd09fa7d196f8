package embedded

import (
	"bytes"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

// TestTheTopicsStaySmall sends more than a partition may hold, and lets records
// be forgotten before an offset.
func TestTheTopicsStaySmall(t *testing.T) {
	const bound = 1 << 20
	k, err := startKafka("records", "dead", bound)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	conn, err := kafka.DialLeader(t.Context(), "tcp", k.Brokers()[0], "records", 2)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	const size, n = 100 << 10, 30
	for range n {
		if _, err := conn.WriteMessages(kafka.Message{Value: bytes.Repeat([]byte("x"), size)}); err != nil {
			t.Fatal(err)
		}
	}
	offsets := func() (first, last int64) {
		t.Helper()
		first, last, err := conn.ReadOffsets()
		if err != nil {
			t.Fatal(err)
		}
		return first, last
	}
	if first, last := offsets(); first != 0 || last != n {
		t.Fatalf("offsets %d to %d", first, last)
	}
	k.ApplyRetention()
	first, last := offsets()
	if kept := (last - first) * size; last != n || kept > bound+size || kept < bound/2 {
		t.Errorf("offsets %d to %d: %d bytes are kept, and %d is the bound", first, last, kept, bound)
	}
	if err := k.Trim(2, n-3); err != nil {
		t.Error(err)
	}
	if first, last := offsets(); first != n-3 || last != n {
		t.Errorf("after Trim, offsets %d to %d", first, last)
	}
	if err := k.Trim(2, 1); err != nil { // long forgotten
		t.Error(err)
	}
}
