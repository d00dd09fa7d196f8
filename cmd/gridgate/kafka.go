package main

import (
	"context"
	"maps"
	"time"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/embedded"
	"gridgate/ingest"
	"gridgate/ingest/kafkaclient"
)

// trimEvery is how often the embedded Kafka, whose memory is the gateway's,
// forgets what every store has.
const trimEvery = time.Second

func (g *Gateway) openKafka(cfg config.Config, l *live) (*embedded.Kafka, error) {
	if len(cfg.Kafka.Brokers) > 0 {
		return nil, nil
	}
	k, err := embedded.StartKafka(cfg.Kafka.Topic, cfg.Ingest.DeadLetterTopic)
	if err != nil {
		return nil, err
	}
	g.onClose(func() error { k.Close(); return nil })
	l.brokers = k.Brokers()
	l.embedded = append(l.embedded, "Kafka at "+l.brokers[0])
	return k, nil
}

// trim lets the embedded Kafka forget what every store has, and what is beyond
// its bounds, until ctx ends.
func (l *live) trim(ctx context.Context, k *embedded.Kafka, log zerolog.Logger) {
	for ctx.Err() == nil {
		kafkaclient.Sleep(ctx, trimEvery)
		for partition, offset := range inEveryStore(l.feed.Status()) {
			if err := k.Trim(partition, offset); err != nil {
				log.Debug().Err(err).Send()
			}
		}
		k.ApplyRetention()
	}
}

// inEveryStore is, by partition, the offset before which every store has all
// records; none where there are none.
func inEveryStore(status []ingest.PartitionStatus) map[int]int64 {
	done := map[int]int64{}
	for _, s := range status {
		if s.Partition == ingest.NoPartition {
			return nil // it has nothing yet and needs everything
		}
		if before, ok := done[s.Partition]; !ok || s.Committed < before {
			done[s.Partition] = s.Committed
		}
	}
	maps.DeleteFunc(done, func(_ int, offset int64) bool { return offset <= 0 })
	return done
}
