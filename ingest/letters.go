package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	layout "gridgate/tables/kafka"
)

// letters writes to the dead-letter topic. It is safe for concurrent use.
type letters struct {
	topic  string
	writer *kafka.Writer
	client *kafka.Client

	mu   sync.Mutex
	made bool // the topic is there
}

// The sizes of a dead letter.
const (
	maxLetters = 64 << 20 // bytes in one request, and so of one letter
	cutLetter  = 64 << 10 // bytes that are kept of a value that Kafka finds too large
)

func newLetters(client *kafka.Client, topic string) *letters {
	return &letters{
		topic: topic, client: client,
		writer: &kafka.Writer{
			Addr: client.Addr, Topic: topic, Transport: client.Transport, RequiredAcks: kafka.RequireAll, Balancer: kafka.CRC32Balancer{},
			BatchTimeout: 10 * time.Millisecond, BatchBytes: maxLetters, MaxAttempts: 1, // who calls tries again
			WriteTimeout: callTime, ReadTimeout: callTime,
		},
	}
}

// write returns when all letters are in the topic. Of those that Kafka finds
// too large, only the value's beginning is.
func (l *letters) write(ctx context.Context, dead []layout.Letter) error {
	if err := l.make(ctx); err != nil {
		return err
	}
	messages := make([]kafka.Message, len(dead))
	for i := range dead {
		messages[i] = dead[i].Message()
	}
	err := l.writer.WriteMessages(ctx, messages...)
	if !tooLarge(err) {
		return err
	}
	// Which of them was too large is not always said: they go one by one.
	for i := range dead {
		err := l.writer.WriteMessages(ctx, dead[i].Message())
		if tooLarge(err) && len(dead[i].Value) > cutLetter {
			short := dead[i]
			short.Whole, short.Value = len(short.Value), short.Value[:cutLetter]
			err = l.writer.WriteMessages(ctx, short.Message())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tooLarge reports whether a message was too large for Kafka, or for the
// writer.
func tooLarge(err error) bool {
	var large kafka.MessageTooLargeError
	var several kafka.WriteErrors
	if errors.As(err, &several) {
		for _, e := range several {
			if tooLarge(e) {
				return true
			}
		}
	}
	return errors.As(err, &large) || errors.Is(err, kafka.MessageSizeTooLarge)
}

// make makes the topic, once, where it is not there. Where that is not allowed
// writing says what is wrong.
func (l *letters) make(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := l.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: l.topic, NumPartitions: 1, ReplicationFactor: -1}},
	})
	if err != nil {
		return err
	}
	if err := answer.Errors[l.topic]; err != nil && !errors.Is(err, kafka.TopicAlreadyExists) && !errors.Is(err, kafka.TopicAuthorizationFailed) {
		return err
	}
	l.made = true
	return nil
}

// close may be called when nobody writes any more.
func (l *letters) close() {
	_ = l.writer.Close() // everything written was waited for
}
