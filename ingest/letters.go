package ingest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/semaphore"

	"gridgate/ingest/kafkaclient"
	layout "gridgate/tables/kafka"
)

// letters writes to the dead-letter topic. It is safe for concurrent use.
type letters struct {
	topic  string
	writer *kafka.Writer
	client *kafka.Client

	writing *semaphore.Weighted // to one, which guards made
	made    bool                // the topic is there
}

// The sizes of dead letters, in bytes.
const (
	maxLetter = 64 << 20 // of one letter
	cutLetter = 64 << 10 // what is kept of a value, and of a key, that Kafka finds too large
	cutError  = 4 << 10  // and of the error
)

func newLetters(client *kafka.Client, topic string) *letters {
	return &letters{
		topic: topic, client: client, writing: semaphore.NewWeighted(1),
		writer: &kafka.Writer{
			Addr: client.Addr, Topic: topic, Transport: client.Transport, RequiredAcks: kafka.RequireAll, Balancer: kafka.CRC32Balancer{},
			BatchTimeout: 10 * time.Millisecond, BatchBytes: maxLetter, MaxAttempts: 1, // who calls tries again
			WriteTimeout: callTime, ReadTimeout: callTime,
		},
	}
}

// write returns when all letters are in the topic, each as whole as Kafka takes
// it.
func (l *letters) write(ctx context.Context, dead []layout.Letter) error {
	// One caller at a time: the writer joins what several write at once, and
	// what Kafka finds too large would not be one caller's own.
	if err := l.writing.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.writing.Release(1)
	if err := l.make(ctx); err != nil {
		return err
	}
	for some := range kafkaclient.Requests(dead, len(dead), (*layout.Letter).Size) {
		if err := l.writeSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// writeSome writes letters in one request or, where Kafka finds that too large,
// one by one.
func (l *letters) writeSome(ctx context.Context, dead []layout.Letter) error {
	messages := make([]kafka.Message, len(dead))
	for i := range dead {
		messages[i] = dead[i].Message()
	}
	err := l.writer.WriteMessages(ctx, messages...)
	if !kafkaclient.TooLarge(err) {
		return err
	}
	if len(dead) > 1 {
		for i := range dead {
			if err := l.writeSome(ctx, dead[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	// A letter that can't be written at all would stop its partition for ever.
	for _, shorten := range []func(*layout.Letter){shortValue, shortened, bare} {
		shorten(&dead[0])
		if err = l.writer.WriteMessages(ctx, dead[0].Message()); !kafkaclient.TooLarge(err) {
			return err
		}
	}
	return err
}

// shortValue keeps the beginning of a letter's value.
func shortValue(l *layout.Letter) { cutValue(l, cutLetter) }

func cutValue(l *layout.Letter, keep int) {
	l.Whole = max(l.Whole, len(l.Value))
	l.Value = l.Value[:min(len(l.Value), keep)]
}

// shortened keeps of the key its beginning too, and no headers of the record's
// own.
func shortened(l *layout.Letter) {
	l.Key, l.Headers = l.Key[:min(len(l.Key), cutLetter)], nil
}

// bare keeps where the record stands, and why it is here.
func bare(l *layout.Letter) {
	cutValue(l, 0)
	l.Key = nil
	l.Error = strings.ToValidUTF8(l.Error[:min(len(l.Error), cutError)], "")
}

// make makes the topic, once, where it is not there. Where that is not allowed
// writing says what is wrong.
func (l *letters) make(ctx context.Context) error {
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
