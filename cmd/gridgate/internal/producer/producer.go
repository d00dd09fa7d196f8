// Package producer sends records to Kafka: generated readings, or the lines of a
// file.
package producer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

// Producer sends to one topic. It is safe for concurrent use.
type Producer struct {
	writer    *kafka.Writer
	transport *kafka.Transport
	client    *kafka.Client
	topic     string
	sent      atomic.Int64

	// Before, where it is set, is called before SendFile sends some of the
	// lines; it may wait, no longer than its context.
	Before func(context.Context)
}

const (
	callTime   = 10 * time.Second
	batchSize  = 1000
	batchBytes = 32 << 20 // and so the largest record
)

// New makes a producer. Kafka is not asked yet. Close frees it.
func New(brokers []string, topic string) *Producer {
	t := &kafka.Transport{DialTimeout: callTime}
	addr := kafka.TCP(brokers...)
	return &Producer{
		topic: topic, transport: t, client: &kafka.Client{Addr: addr, Transport: t, Timeout: callTime},
		writer: &kafka.Writer{
			Addr: addr, Topic: topic, Transport: t, RequiredAcks: kafka.RequireAll, BatchSize: batchSize, BatchBytes: batchBytes,
			BatchTimeout: 10 * time.Millisecond, Balancer: kafka.CRC32Balancer{}, WriteTimeout: callTime, ReadTimeout: callTime,
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

// Send returns when Kafka has the records.
func (p *Producer) Send(ctx context.Context, messages ...kafka.Message) error {
	if err := p.writer.WriteMessages(ctx, messages...); err != nil {
		return fmt.Errorf("sending %d records to the topic %s: %w", len(messages), p.topic, first(err))
	}
	p.sent.Add(int64(len(messages)))
	return nil
}

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

// SendFile sends each line of a file as one record; empty lines are none. "-"
// is the standard input. It stops at the first error, and soon after ctx's end.
func (p *Producer) SendFile(ctx context.Context, name string) error {
	in, err := open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := p.sendLines(ctx, in); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (p *Producer) sendLines(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<20)
	var batch []kafka.Message
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if p.Before != nil {
			p.Before(ctx)
		}
		err := p.Send(ctx, batch...)
		batch, size = nil, 0
		return err
	}
	for n := 1; ; n++ {
		line, err := readLine(lines)
		if n == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if len(line) > 0 {
			batch = append(batch, kafka.Message{Value: line})
			size += len(line)
		}
		if len(batch) == batchSize || size > batchBytes/2 || err != nil {
			if sendErr := flush(); sendErr != nil {
				return fmt.Errorf("line %d: %w", n, sendErr)
			}
		}
		if err != nil {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// byteOrderMark begins files that were written on Windows; it is no part of
// their first line.
var byteOrderMark = []byte("\uFEFF")

// readLine reads a line of its own memory, without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > batchBytes {
			return nil, fmt.Errorf("it is longer than %d bytes", batchBytes)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		return line, err
	}
}

// Close waits for what is under way.
func (p *Producer) Close() error {
	err := p.writer.Close()
	p.transport.CloseIdleConnections()
	return err
}
