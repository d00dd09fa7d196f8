// Package embedded starts stand-ins for Redis and Kafka in this process, on
// loopback, for when none is configured. The gateway talks to them as it would
// to the real ones. What they hold lives as long as the process.
package embedded

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
)

// Redis starts a Redis and returns its address.
func Redis() (addr string, stop func(), err error) {
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return "", nil, fmt.Errorf("starting the embedded Redis: %w", err)
	}
	return m.Addr(), m.Close, nil
}

// Partitions is how many partitions the topic of readings has.
const Partitions = 4

// The greatest size of the topics of the embedded Kafka, which is memory of this
// process, in bytes of a partition. What stores did not take before that is
// lost, and the ingest says so.
const (
	topicBytes = 128 << 20
	deadBytes  = 64 << 20
	// Memory is freed a segment at a time.
	segmentBytes = 4 << 20
)

// maxMessage is the largest record that the embedded Kafka takes.
const maxMessage = "33554432"

// Kafka is an embedded Kafka.
type Kafka struct {
	cluster *kfake.Cluster
	topic   string
}

// StartKafka starts a Kafka with the topic of readings and that of dead letters.
func StartKafka(topic, deadLetters string) (*Kafka, error) {
	return startKafka(topic, deadLetters, topicBytes)
}

func startKafka(topic, deadLetters string, topicBytes int) (*Kafka, error) {
	c, err := kfake.NewCluster(
		kfake.NumBrokers(1), kfake.ClusterID("gridgate"), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) { return net.Listen(network, "127.0.0.1:0") }),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0", "message.max.bytes": maxMessage}),
	)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded Kafka: %w", err)
	}
	// Dead letters are read by people, who look at the newest; records of the
	// topic stay until every store has them (Trim).
	for name, of := range map[string]struct {
		partitions int32
		bytes      int
	}{topic: {Partitions, topicBytes}, deadLetters: {1, deadBytes}} {
		configs := map[string]string{
			"max.message.bytes": maxMessage, "segment.bytes": strconv.Itoa(segmentBytes), "retention.bytes": strconv.Itoa(of.bytes),
		}
		if err := c.CreateTopic(name, of.partitions, configs); err != nil {
			c.Close()
			return nil, fmt.Errorf("making the topic %s of the embedded Kafka: %w", name, err)
		}
	}
	return &Kafka{c, topic}, nil
}

// Brokers are the addresses.
func (k *Kafka) Brokers() []string { return k.cluster.ListenAddrs() }

// Trim forgets the records of a partition before an offset, for its memory is
// the process's.
func (k *Kafka) Trim(partition int, offset int64) error {
	err := k.cluster.DeleteRecords(k.topic, int32(partition), offset)
	if err != nil && !strings.Contains(err.Error(), "OFFSET_OUT_OF_RANGE") {
		return fmt.Errorf("forgetting the records of partition %d before %d: %w", partition, offset, err)
	}
	return nil
}

// ApplyRetention forgets the oldest records beyond the topics' bounds.
func (k *Kafka) ApplyRetention() { k.cluster.ApplyRetention() }

// Close ends it, with everything in it.
func (k *Kafka) Close() { k.cluster.Close() }
