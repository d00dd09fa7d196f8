package ingest

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
	layout "gridgate/tables/kafka"
)

// A batch is records of a partition on their way into the store.
type batch struct {
	partition *partition
	end       int64 // the partition's, -1: not known
	records   []Record
	bytes     int
}

func (b *batch) add(m *kafka.Message) {
	r := Record{Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Time, Key: m.Key, Value: m.Value}
	for _, h := range m.Headers {
		r.Headers = append(r.Headers, Header{h.Key, h.Value})
		b.bytes += len(h.Key) + len(h.Value)
	}
	b.records = append(b.records, r)
	b.bytes += len(m.Key) + len(m.Value)
}

// flush makes the records durable, in the store or as dead letters, and then
// commits. The errors are ctx's and errGenerationOver.
func (b *batch) flush(ctx context.Context) error {
	if len(b.records) == 0 {
		return nil
	}
	p := b.partition
	first, last := &b.records[0], &b.records[len(b.records)-1]
	p.update(func(s *PartitionStatus) { s.End, s.since = max(b.end, s.End), p.timeOf(first) })
	readings, origins, dead := b.decode()
	written, err := b.write(ctx, readings)
	if err != nil {
		return err
	}
	for _, r := range written.Rejected {
		dead = append(dead, b.letter(origins[r.Index], r.Why))
	}
	if err := b.writeDeadLetters(ctx, dead); err != nil {
		return err
	}
	p.next = last.Offset + 1
	p.movedAt = time.Now()
	p.update(func(s *PartitionStatus) {
		s.Records += int64(len(b.records))
		s.Skipped += int64(written.Skipped)
		s.Duplicates += int64(written.Duplicates)
		s.DeadLetters += int64(len(dead))
		s.Evicted += int64(written.Evicted)
		s.State, s.End, s.since = StateRunning, max(s.End, p.next), p.timeOf(last)
	})
	b.say(written, dead)
	b.records, b.bytes = b.records[:0:0], 0
	return p.commitNext()
}

// decode makes readings of the records; origins says of which. What can't be
// decoded is dead.
func (b *batch) decode() (readings []Reading, origins []int, dead []layout.Letter) {
	readings = make([]Reading, 0, len(b.records))
	for i := range b.records {
		var r Reading
		if err := b.decodeOne(&b.records[i], &r); err != nil {
			dead = append(dead, b.letter(i, err.Error()))
			continue
		}
		readings, origins = append(readings, r), append(origins, i)
	}
	return readings, origins, dead
}

func (b *batch) decodeOne(rec *Record, r *Reading) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoding it ended in a panic: %v", p)
			b.partition.consumer.log.Debug().Str("stack", string(debug.Stack())).Err(err).Send()
		}
	}()
	if err := b.partition.consumer.ingest.config.Decoder.Decode(rec, r); err != nil {
		return err
	}
	r.Topic, r.Partition, r.Offset = rec.Topic, rec.Partition, rec.Offset
	return nil
}

func (b *batch) letter(record int, why string) layout.Letter {
	r := &b.records[record]
	l := layout.Letter{
		Store: b.partition.consumer.store.Name, Topic: r.Topic, Partition: r.Partition, Offset: r.Offset,
		Time: r.Time, Error: why, Key: r.Key, Value: r.Value,
	}
	for _, h := range r.Headers {
		l.Headers = append(l.Headers, kafka.Header{Key: h.Name, Value: h.Value})
	}
	return l
}

// write puts readings into the store. While the store is down it tries again,
// until ctx ends.
func (b *batch) write(ctx context.Context, readings []Reading) (w Written, err error) {
	if len(readings) == 0 {
		return Written{}, nil
	}
	err = b.retry(ctx, "writing to the store", func() (err error) {
		w, err = b.writeOnce(ctx, readings)
		return err
	})
	return w, err
}

func (b *batch) writeOnce(ctx context.Context, readings []Reading) (w Written, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("writing %d readings ended in a panic: %v", len(readings), p)
			b.partition.consumer.log.Debug().Str("stack", string(debug.Stack())).Err(err).Send()
		}
	}()
	return b.partition.consumer.store.Sink.Write(ctx, readings)
}

// writeDeadLetters writes those that no earlier process has written.
func (b *batch) writeDeadLetters(ctx context.Context, dead []layout.Letter) error {
	if len(dead) == 0 {
		return nil
	}
	p := b.partition
	write := func() error { return p.consumer.ingest.letters.write(ctx, dead) }
	if !p.consumer.store.Volatile {
		return b.retry(ctx, writingLetters, write)
	}
	next := b.records[len(b.records)-1].Offset + 1
	err := b.retry(ctx, writingLetters, func() error {
		before, err := p.readLettersBefore(ctx, max(b.end, next))
		dead = slices.DeleteFunc(slices.Clone(dead), func(l layout.Letter) bool { return l.Offset < before })
		return err
	})
	if err != nil || len(dead) == 0 {
		return err
	}
	if err := b.retry(ctx, writingLetters, write); err != nil {
		return err
	}
	p.commitLetters(ctx, next)
	return nil
}

const writingLetters = "writing dead letters"

// retry does something until it succeeds. The error is ctx's.
func (b *batch) retry(ctx context.Context, doing string, do func() error) error {
	pause := newBackoff()
	for waited := false; ; waited = true {
		err := do()
		if err == nil {
			if waited {
				b.partition.consumer.log.Info().Int("partition", b.partition.id).Msg(doing + " works again")
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = fmt.Errorf("%s: %w", doing, err)
		b.partition.update(func(s *PartitionStatus) { s.State, s.LastError = StateWaiting, err.Error() })
		if !waited {
			b.partition.consumer.log.Warn().Err(err).Int("partition", b.partition.id).Msg("the ingest waits, and tries again")
		}
		kafkaclient.Sleep(ctx, pause.NextBackOff())
		b.partition.lookAtEnd(ctx)
	}
}
