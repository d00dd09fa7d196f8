package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
)

// An Ingest feeds stores from one topic.
type Ingest struct {
	config    Config
	status    *registry
	network   *kafkaclient.Network
	transport *kafka.Transport
	client    *kafka.Client // for all but consuming
	letters   *letters
}

// New makes an Ingest. It asks nothing of Kafka.
func New(c Config) (*Ingest, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	n := kafkaclient.NewNetwork(callTime)
	t := &kafka.Transport{Dial: n.Dial, DialTimeout: callTime}
	client := &kafka.Client{Addr: kafka.TCP(c.Brokers...), Transport: t, Timeout: callTime}
	return &Ingest{
		config: c, status: newRegistry(c.Topic, c.Stores, c.Now), network: n, transport: t, client: client,
		letters: newLetters(client, c.DeadLetterTopic),
	}, nil
}

// Status is the state of every store and partition. It may be called at any
// time, by several goroutines.
func (i *Ingest) Status() []PartitionStatus { return i.status.all() }

// Run feeds the stores until ctx ends, and then ends within a second or so,
// whatever Kafka does. It is called once. Nothing that Kafka, a record or a
// store does makes it return earlier: what goes wrong is tried again, and said
// in Status and in the log.
func (i *Ingest) Run(ctx context.Context) {
	var group sync.WaitGroup
	for _, s := range i.config.Stores {
		c := newConsumer(i, s)
		group.Go(func() { c.run(ctx) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		group.Wait()
		i.letters.close()
		i.transport.CloseIdleConnections()
	}()
	<-ctx.Done()
	select {
	case <-done:
	case <-time.After(leaveTime):
		i.network.Cut()
		<-done
	}
	i.network.Cut()
}

// dialer opens connections that end with the Ingest.
func (i *Ingest) dialer() *kafka.Dialer {
	return &kafka.Dialer{Timeout: callTime, DialFunc: i.network.Dial}
}
