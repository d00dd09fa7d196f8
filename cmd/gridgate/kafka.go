package main

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/embedded"
	"gridgate/ingest"
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
		pause(ctx, trimEvery)
		done := map[int]int64{}
		for _, s := range l.feed.Status() {
			if before, ok := done[s.Partition]; !ok || s.Committed < before {
				done[s.Partition] = s.Committed
			}
		}
		if _, waiting := done[ingest.NoPartition]; waiting {
			continue // a store that has nothing yet needs everything
		}
		for partition, offset := range done {
			if offset <= 0 {
				continue
			}
			if err := k.Trim(partition, offset); err != nil {
				log.Debug().Err(err).Send()
			}
		}
		k.ApplyRetention()
	}
}
