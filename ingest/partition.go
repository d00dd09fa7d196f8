package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
)

// partition feeds the store from one partition, for one generation of the
// group. It is used by one goroutine.
type partition struct {
	consumer  *consumer
	id        int
	next      int64 // the offset to read next; kafka.FirstOffset: nothing was ever committed
	committed int64
	commit    func(partition int, next int64) error
	movedAt   time.Time // when next last moved
}

// errGenerationOver says that the partition may be another member's now.
var errGenerationOver = errors.New("the group has to be joined again")

// run feeds until the generation is over. Returning earlier would end it.
func (p *partition) run(ctx context.Context) {
	pause := newBackoff()
	for ctx.Err() == nil {
		began := time.Now()
		err := p.consume(ctx)
		if ctx.Err() != nil || errors.Is(err, errGenerationOver) {
			p.consumer.log.Debug().Err(err).Int("partition", p.id).Msg("reading ends")
			return
		}
		p.update(func(s *PartitionStatus) { s.State, s.LastError = StateConnecting, err.Error() })
		p.consumer.log.Debug().Err(err).Int("partition", p.id).Msg("reading is interrupted; it is tried again")
		if time.Since(began) > pause.MaxInterval {
			pause.Reset()
		}
		kafkaclient.Sleep(ctx, pause.NextBackOff())
	}
}

// timeOf is a record's time or, where it has none, now.
func (p *partition) timeOf(r *Record) time.Time {
	if r.Time.IsZero() {
		return p.consumer.ingest.config.Now()
	}
	return r.Time
}

func (p *partition) update(change func(*PartitionStatus)) {
	p.consumer.ingest.status.update(p.consumer.store.Name, p.id, change)
}

// consume reads over one connection until something goes wrong.
func (p *partition) consume(ctx context.Context) error {
	conn, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Whatever conn waits for, it ends with ctx.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := p.position(conn); err != nil {
		return err
	}
	p.movedAt = time.Now()
	p.update(func(s *PartitionStatus) { s.State = StateRunning })
	for {
		if err := p.fetch(ctx, conn); err != nil {
			return err
		}
	}
}

// dial connects to the partition's leader, through the first broker that
// knows it.
func (p *partition) dial(ctx context.Context) (conn *kafka.Conn, err error) {
	config := &p.consumer.ingest.config
	for _, broker := range config.Brokers {
		conn, err = p.consumer.ingest.dialer().DialLeader(ctx, "tcp", broker, config.Topic, p.id)
		if err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("connecting to the leader of partition %d: %w", p.id, err)
}

// position makes next an offset that the partition has.
func (p *partition) position(conn *kafka.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(callTime)); err != nil {
		return err
	}
	first, last, err := conn.ReadOffsets()
	if err != nil {
		return fmt.Errorf("asking for the offsets of partition %d: %w", p.id, err)
	}
	switch {
	case p.next < 0:
		p.next = first
	case p.next < first:
		gone := fmt.Sprintf("records %d to %d were deleted before they were read", p.next, first-1)
		p.consumer.log.Error().Int("partition", p.id).Msg(gone)
		p.update(func(s *PartitionStatus) { s.LastError = gone })
		p.next = first
	case p.next > last:
		again := fmt.Sprintf("the partition ends at offset %d, but records before %d were read: it was made anew, and is read from its begin", last, p.next)
		p.consumer.log.Error().Int("partition", p.id).Msg(again)
		p.update(func(s *PartitionStatus) { s.LastError = again })
		p.next = first
	}
	p.update(func(s *PartitionStatus) {
		s.End = last
		if s.Committed < 0 { // there is nothing before it
			s.Committed = p.next
		}
	})
	return nil
}

// fetch asks once for records and puts them into the store. Without records it
// returns after fetchWait.
func (p *partition) fetch(ctx context.Context, conn *kafka.Conn) error {
	config := &p.consumer.ingest.config
	if _, err := conn.Seek(p.next, kafka.SeekAbsolute|kafka.SeekDontCheck); err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(callTime)); err != nil {
		return err
	}
	read := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: config.BatchBytes, MaxWait: fetchWait})
	batch := batch{partition: p, end: read.HighWaterMark()}
	for {
		m, err := read.ReadMessage()
		if err != nil {
			break // the end; Close says whether it was more than that
		}
		batch.add(&m)
		if len(batch.records) == config.BatchRecords || batch.bytes >= config.BatchBytes {
			if err := batch.flush(ctx); err != nil {
				read.Close()
				return err
			}
		}
	}
	after := read.Offset() // beyond offsets that have no record, too
	closed := read.Close()
	if err := batch.flush(ctx); err != nil {
		return err
	}
	switch {
	case errors.Is(closed, kafka.OffsetOutOfRange):
		return p.position(conn)
	case closed != nil && !errors.Is(closed, io.EOF) && !errors.Is(closed, kafka.RequestTimedOut): // neither is an error: nothing came
		return fmt.Errorf("reading partition %d at offset %d: %w", p.id, p.next, closed)
	}
	if after > p.next {
		p.next, p.movedAt = after, time.Now()
	}
	return p.idle(batch.end)
}

// idle follows every fetch: it watches over progress.
func (p *partition) idle(end int64) error {
	if p.next > p.committed && p.committed >= 0 { // beyond offsets that have no record
		if err := p.commitNext(); err != nil {
			return err
		}
	}
	if end >= 0 {
		p.update(func(s *PartitionStatus) {
			s.State, s.End = StateRunning, end
		})
	}
	if stuck := p.consumer.ingest.config.stuckTime; end > p.next && time.Since(p.movedAt) > stuck {
		return fmt.Errorf("partition %d has records up to offset %d, but none came after %d for %v", p.id, end, p.next, stuck)
	}
	return nil
}

// commitNext commits that everything before next is durable. When that fails,
// nothing is lost: the group is joined again, and what was not committed is read
// again.
func (p *partition) commitNext() error {
	if err := p.commit(p.id, p.next); err != nil {
		err = fmt.Errorf("committing offset %d of partition %d: %w", p.next, p.id, err)
		p.update(func(s *PartitionStatus) { s.State, s.LastError = StateConnecting, err.Error() })
		return errors.Join(errGenerationOver, err)
	}
	p.committed = p.next
	p.update(func(s *PartitionStatus) { s.Committed = p.next })
	return nil
}
