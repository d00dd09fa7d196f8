package kafka

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	fetchBytes = 1 << 20
	fetchWait  = 100 * time.Millisecond
	// holdBytes is how much of keys and values one query holds; the newest
	// letters are kept.
	holdBytes = 64 << 20
)

// newest reads the newest letters, newest first.
func newest(ctx context.Context, c *Config) ([]Letter, error) {
	partitions, broker, err := partitionsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	var all []Letter
	for _, p := range partitions {
		letters, err := tail(ctx, c, broker, p.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, letters...)
	}
	slices.SortStableFunc(all, func(a, b Letter) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.Offset, a.Offset))
	})
	all = once(all)
	all = all[:min(len(all), c.Newest)]
	held := 0
	for i := range all {
		if held += len(all[i].Key) + len(all[i].Value); held > holdBytes && i > 0 {
			return all[:i], nil
		}
	}
	return all, nil
}

// once keeps of each record's letters of one store the newest: what is read
// again, after a crash or by a store that begins anew, is buried again.
func once(letters []Letter) []Letter {
	type origin struct {
		store, topic string
		partition    int
		offset       int64
	}
	seen := make(map[origin]bool, len(letters))
	return slices.DeleteFunc(letters, func(l Letter) bool {
		o := origin{l.Store, l.Topic, l.Partition, l.Offset}
		again := seen[o]
		seen[o] = true
		return again
	})
}

// partitionsOf asks the first broker that answers; none where there is no such
// topic.
func partitionsOf(ctx context.Context, c *Config) (partitions []kafka.Partition, broker string, err error) {
	for _, broker = range c.Brokers {
		partitions, err = c.Dialer.LookupPartitions(ctx, "tcp", broker, c.Topic)
		if errors.Is(err, kafka.UnknownTopicOrPartition) {
			return nil, broker, nil
		}
		if err == nil {
			return partitions, broker, nil
		}
	}
	return nil, "", err
}

// tail reads the last records of a partition.
func tail(ctx context.Context, c *Config, broker string, partition int) ([]Letter, error) {
	conn, err := c.Dialer.DialLeader(ctx, "tcp", broker, c.Topic, partition)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// Whatever conn waits for, it ends with ctx.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	first, last, err := conn.ReadOffsets()
	if err != nil {
		return nil, err
	}
	next := max(first, last-int64(c.Newest))
	var letters []Letter
	for held := 0; next < last; {
		if _, err := conn.Seek(next, kafka.SeekAbsolute|kafka.SeekDontCheck); err != nil {
			return nil, err
		}
		batch := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: fetchBytes, MaxWait: fetchWait})
		before := next
		for {
			m, err := batch.ReadMessage()
			if err != nil {
				break // the end of the batch; Close says whether it was more
			}
			letters = append(letters, letterOf(&m))
			next = m.Offset + 1
			for held += len(m.Key) + len(m.Value); held > holdBytes && len(letters) > 1; letters = letters[1:] {
				held -= len(letters[0].Key) + len(letters[0].Value)
			}
		}
		next = max(next, batch.Offset())
		if err := batch.Close(); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, kafka.RequestTimedOut) {
			return nil, err
		}
		if next == before {
			// The offset at the end may belong to no readable record, such as
			// the end of a transaction.
			break
		}
	}
	return letters, nil
}
