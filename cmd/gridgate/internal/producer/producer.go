// Package producer sends records to Kafka: generated readings, or the lines of a
// file.
package producer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
)

// Producer sends to one topic. It is safe for concurrent use.
type Producer struct {
	writer    *kafka.Writer
	network   *kafkaclient.Network
	transport *kafka.Transport
	client    *kafka.Client
	topic     string
	sent      atomic.Int64
	bytes     atomic.Int64 // of records given to Kafka, got or not

	// Before, where it is set, is called before SendFile sends some of the
	// lines; it may wait, no longer than its context.
	Before func(context.Context)
}

// Lines are the numbers, from 1, of lines of a file that were not sent, with the
// reason of the first.
type Lines struct {
	Count int64
	First int64
	Err   error
}

// Error implements error.
func (l *Lines) Error() string {
	if l.Count == 1 {
		return fmt.Sprintf("line %d was not sent: %v", l.First, l.Err)
	}
	return fmt.Sprintf("%d lines were not sent, the first is line %d: %v", l.Count, l.First, l.Err)
}

// Unwrap is the reason of the first.
func (l *Lines) Unwrap() error { return l.Err }

const (
	callTime  = 10 * time.Second
	batchSize = 1000     // records in one request
	maxRecord = 32 << 20 // bytes of a record, which then is alone
	attempts  = 7        // at what may work in a moment, within about 4 s
	closeTime = time.Second / 2
)

// New makes a producer. Kafka is not asked yet. Close frees it.
func New(brokers []string, topic string) *Producer {
	n := kafkaclient.NewNetwork(callTime)
	t := &kafka.Transport{Dial: n.Dial, DialTimeout: callTime}
	addr := kafka.TCP(brokers...)
	return &Producer{
		topic: topic, network: n, transport: t, client: &kafka.Client{Addr: addr, Transport: t, Timeout: callTime},
		writer: &kafka.Writer{
			Addr: addr, Topic: topic, Transport: t, RequiredAcks: kafka.RequireAll, BatchSize: batchSize, BatchBytes: maxRecord + 1<<10,
			BatchTimeout: 10 * time.Millisecond, Balancer: kafka.CRC32Balancer{}, WriteTimeout: callTime, ReadTimeout: callTime,
			MaxAttempts: 1, // sendSome tries again: it stops when it is told to
		},
	}
}

// Check says whether the topic can be written to.
func (p *Producer) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	m, err := p.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{p.topic}})
	if err != nil {
		return fmt.Errorf("reaching Kafka at %s: %w", p.writer.Addr, err)
	}
	for _, t := range m.Topics {
		if t.Error != nil {
			return fmt.Errorf("the topic %s: %w", p.topic, t.Error)
		}
	}
	return nil
}

// Ends are the offsets, by partition, before which the topic's records are now.
func (p *Producer) Ends(ctx context.Context) (map[int]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	m, err := p.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{p.topic}})
	if err != nil {
		return nil, fmt.Errorf("asking for the partitions of %s: %w", p.topic, err)
	}
	var asked []kafka.OffsetRequest
	for _, t := range m.Topics {
		for _, of := range t.Partitions {
			asked = append(asked, kafka.LastOffsetOf(of.ID))
		}
	}
	answer, err := p.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{p.topic: asked}})
	if err != nil {
		return nil, fmt.Errorf("asking for the ends of %s: %w", p.topic, err)
	}
	ends := map[int]int64{}
	for _, o := range answer.Topics[p.topic] {
		if o.Error != nil {
			return nil, fmt.Errorf("asking for the end of partition %d of %s: %w", o.Partition, p.topic, o.Error)
		}
		ends[o.Partition] = o.LastOffset
	}
	return ends, nil
}

// CheckGroup says whether a consumer group may be joined, as far as its
// coordinator tells.
func (p *Producer) CheckGroup(ctx context.Context, group string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := p.client.FindCoordinator(ctx, &kafka.FindCoordinatorRequest{Key: group, KeyType: kafka.CoordinatorKeyTypeConsumer})
	if err == nil {
		err = answer.Error
	}
	if err != nil {
		return fmt.Errorf("the consumer group %s: %w", group, err)
	}
	return nil
}

// Send returns when Kafka has the records. Where it does not take all of them
// the error is that of the first, and Sent counts the others.
func (p *Producer) Send(ctx context.Context, messages ...kafka.Message) error {
	for some := range kafkaclient.Requests(messages, batchSize, size) {
		if err := p.sendSome(ctx, some); err != nil {
			return fmt.Errorf("sending %d records to the topic %s: %w", len(some), p.topic, first(err))
		}
	}
	return nil
}

// sendSome sends records in one request a partition, and counts those that
// Kafka has got. What may work in a moment is tried again. The error is ctx's,
// or kafka.WriteErrors with an error or nil for each record.
func (p *Producer) sendSome(ctx context.Context, messages []kafka.Message) error {
	for i := range messages {
		p.bytes.Add(int64(size(&messages[i])))
	}
	errs := make(kafka.WriteErrors, len(messages))
	left := make([]int, len(messages)) // of messages
	for i := range left {
		left[i] = i
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, time.Second
	for n := 1; ; n++ {
		some := make([]kafka.Message, len(left))
		for i, at := range left {
			some[i] = messages[at]
		}
		err := p.writer.WriteMessages(ctx, some...)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var again []int
		for i, at := range left {
			switch errs[at] = errorOf(err, i); {
			case errs[at] == nil:
				p.sent.Add(1)
			case mayPass(errs[at]):
				again = append(again, at)
			}
		}
		if left = again; len(left) == 0 || n == attempts {
			break
		}
		kafkaclient.Sleep(ctx, pause.NextBackOff())
	}
	if errs.Count() == 0 {
		return nil
	}
	return errs
}

// errorOf is what a Writer's error says of message i.
func errorOf(err error, i int) error {
	var each kafka.WriteErrors
	if errors.As(err, &each) {
		return each[i]
	}
	return err // of all
}

// mayPass reports whether a record may be taken in a moment: all errors of the
// network, and those that Kafka says so of.
func mayPass(err error) bool {
	var answered kafka.Error
	if errors.As(err, &answered) {
		return answered.Temporary()
	}
	return !kafkaclient.TooLarge(err)
}

// size is about how many bytes a record has in a request.
func size(m *kafka.Message) int { return len(m.Key) + len(m.Value) + 64 }

// first is the first of several errors.
func first(err error) error {
	var several kafka.WriteErrors
	if errors.As(err, &several) {
		for _, e := range several {
			if e != nil {
				return e
			}
		}
	}
	return err
}

// Sent is how many records Kafka has got.
func (p *Producer) Sent() int64 { return p.sent.Load() }

// MeanSize is about how many bytes a record has.
func (p *Producer) MeanSize() int64 { return p.bytes.Load() / max(1, p.sent.Load()) }

// Close waits for what is under way, for a moment: where a Send was told to stop,
// kafka-go goes on with its request.
func (p *Producer) Close() error {
	closed := make(chan error, 1)
	go func() { closed <- p.writer.Close() }()
	var err error
	select {
	case err = <-closed:
	case <-time.After(closeTime):
		p.network.Cut()
		err = <-closed
	}
	p.transport.CloseIdleConnections()
	p.network.Cut()
	return err
}
