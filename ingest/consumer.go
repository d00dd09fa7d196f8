package ingest

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"
	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
)

// consumer feeds one store: it is a member of the store's consumer group.
type consumer struct {
	ingest *Ingest
	store  Store
	group  string
	log    zerolog.Logger

	failing time.Time // since when Kafka can't be reached; zero: it can
	said    bool      // that it can't, in the log
	dead    counted   // records that became dead letters
	skipped counted
}

// sayAfter is how long Kafka has to be out of reach for the log to say so: a
// rebalance is none of an operator's business.
const sayAfter = 3 * time.Second

func newConsumer(i *Ingest, s Store) *consumer {
	c := &consumer{ingest: i, store: s, group: s.Group, log: i.config.Log.With().Str("store", s.Name).Logger()}
	if s.Volatile {
		c.group += "-" + rand.Text()
	}
	return c
}

// run is a member of the group until ctx ends.
func (c *consumer) run(ctx context.Context) {
	if !c.awaitTopic(ctx) {
		return
	}
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: c.group, Brokers: c.ingest.config.Brokers, Dialer: c.ingest.dialer(), Topics: []string{c.ingest.config.Topic},
		StartOffset: kafka.FirstOffset, WatchPartitionChanges: true, JoinGroupBackoff: time.Second,
		SessionTimeout: sessionTimeout, RebalanceTimeout: sessionTimeout, HeartbeatInterval: sessionTimeout / 5,
		Timeout: callTime,
	})
	if err != nil { // a mistake in the settings above
		c.ingest.status.disconnected(c.store.Name, err)
		c.log.Error().Err(err).Msg("the ingest of this store does not run")
		return
	}
	for ctx.Err() == nil {
		began := time.Now()
		generation, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			c.failed("joining the consumer group "+c.group, err)
		default:
			c.reached()
			c.start(generation)
		}
		// A generation that ends at once must not make a tight loop.
		if wait := time.Second/4 - time.Since(began); wait > 0 {
			kafkaclient.Sleep(ctx, wait)
		}
	}
	_ = group.Close() // waits for the partitions, and leaves the group
	if c.store.Volatile {
		c.deleteGroup()
	}
}

// start begins with the partitions of a generation.
func (c *consumer) start(g *kafka.Generation) {
	offsets := map[int]int64{}
	assigned := g.Assignments[c.ingest.config.Topic]
	for _, a := range assigned {
		offsets[a.ID] = a.Offset
	}
	c.ingest.status.assigned(c.store.Name, offsets)
	c.log.Debug().Str("group", c.group).Int32("generation", g.ID).Any("offsets", offsets).Msg("partitions assigned")
	var committing sync.Mutex // kafka-go's coordinator takes one commit at a time
	commit := func(partition int, next int64) error {
		committing.Lock()
		defer committing.Unlock()
		return g.CommitOffsets(map[string]map[int]int64{c.ingest.config.Topic: {partition: next}})
	}
	for _, a := range assigned {
		p := &partition{consumer: c, id: a.ID, next: a.Offset, committed: a.Offset, commit: commit}
		g.Start(p.run)
	}
}

// awaitTopic waits until the topic is there; false: ctx has ended. A group over
// a topic that is not there would rebalance without end.
func (c *consumer) awaitTopic(ctx context.Context) bool {
	pause := newBackoff()
	for ctx.Err() == nil {
		err := c.lookUp(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			c.failed("looking for the topic "+c.ingest.config.Topic, err)
		}
		kafkaclient.Sleep(ctx, pause.NextBackOff())
	}
	return false
}

func (c *consumer) lookUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var err error
	for _, broker := range c.ingest.config.Brokers {
		var partitions []kafka.Partition
		partitions, err = c.ingest.dialer().LookupPartitions(ctx, "tcp", broker, c.ingest.config.Topic)
		if err == nil && len(partitions) == 0 {
			err = kafka.UnknownTopicOrPartition
		}
		if err == nil {
			return nil
		}
	}
	return err
}

// failed notes what went wrong with the store's consumer as a whole.
func (c *consumer) failed(doing string, err error) {
	err = fmt.Errorf("%s: %w", doing, err)
	c.ingest.status.disconnected(c.store.Name, err)
	if c.failing.IsZero() {
		c.failing = time.Now()
	}
	if !c.said && time.Since(c.failing) >= sayAfter {
		c.said = true
		c.log.Warn().Err(err).Strs("brokers", c.ingest.config.Brokers).Msg("the store is not fed; it is tried again until it works, and ingest_status shows how it stands")
		return
	}
	c.log.Debug().Err(err).Msg("the ingest is not connected; it tries again")
}

// reached notes that the store's consumer is in its group.
func (c *consumer) reached() {
	if c.said {
		c.log.Info().Msg("the store is fed again")
	}
	c.failing, c.said = time.Time{}, false
}

// deleteGroup removes the group that was this process's alone. Where that
// fails, Kafka forgets it after its retention of offsets.
func (c *consumer) deleteGroup() {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime/2)
	defer cancel()
	if _, err := c.ingest.client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{c.group}}); err != nil {
		c.log.Debug().Err(err).Str("group", c.group).Msg("the consumer group of this process stays")
	}
}

// newBackoff paces attempts at what may come back.
func newBackoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 50*time.Millisecond, 5*time.Second
	return b
}
