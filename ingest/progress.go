package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// This file is what a volatile store leaves behind in Kafka: it reads everything
// again at every start, but a record becomes a dead letter only once. How far
// the dead letters are written is committed by a group that never has members.

// lettersGroup is that group.
func (c *consumer) lettersGroup() string { return c.store.Group + "-dead-letters" }

// readLettersBefore asks how far the dead letters of the partition, which ends at
// end, are written. It is asked before any are: another gateway may write them
// too, and two that do so at the same moment both do.
func (p *partition) readLettersBefore(ctx context.Context, end int64) (before int64, err error) {
	topic := p.consumer.ingest.config.Topic
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := p.consumer.ingest.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{
		GroupID: p.consumer.lettersGroup(), Topics: map[string][]int{topic: {p.id}},
	})
	if err == nil {
		err = answer.Error
	}
	if errors.Is(err, kafka.GroupIdNotFound) {
		return 0, nil // nothing was ever committed; a real Kafka says so with offsets
	}
	if err == nil {
		for _, o := range answer.Topics[topic] { // the one that was asked for
			if err = o.Error; err == nil && o.CommittedOffset <= end { // else the topic was made anew
				before = o.CommittedOffset
			}
		}
	}
	if err != nil {
		return 0, fmt.Errorf("asking for the progress of the dead letters of partition %d: %w", p.id, err)
	}
	return before, nil
}

// commitLetters commits that the dead letters of records before next are
// written. Where that fails they may be written again after the next start.
func (p *partition) commitLetters(ctx context.Context, next int64) {
	topic := p.consumer.ingest.config.Topic
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := p.consumer.ingest.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: p.consumer.lettersGroup(), GenerationID: -1, // no member's
		Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: p.id, Offset: next}}},
	})
	if err == nil {
		for _, o := range answer.Topics[topic] {
			err = o.Error
		}
	}
	if err != nil {
		p.consumer.log.Debug().Err(err).Int("partition", p.id).Msg("the progress of the dead letters is not committed")
	}
}

// lookAtEnd asks where the partition ends, for the status, while its store
// can't take what was read.
func (p *partition) lookAtEnd(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	conn, err := p.dial(ctx)
	if err != nil {
		return // it is asked again
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if end, err := conn.ReadLastOffset(); err == nil {
		p.update(func(s *PartitionStatus) { s.End = max(s.End, end) })
	}
}
