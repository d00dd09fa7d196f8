package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
	"gridgate/cmd/gridgate/internal/embedded"
	"gridgate/cmd/gridgate/internal/producer"
	"gridgate/ingest"
	"gridgate/ingest/decode"
	documentsink "gridgate/ingest/sink/documents"
	redissink "gridgate/ingest/sink/redis"
	"gridgate/tables"
	"gridgate/tables/documents"
	"gridgate/tables/kafka"
	redistables "gridgate/tables/redis"
	"gridgate/tables/status"
)

// The times of the feed.
const (
	redisTime   = 3 * time.Second // for one answer of Redis's
	trimEvery   = 5 * time.Second // the embedded Kafka's memory
	demoHistory = 5 * time.Minute // of readings that the demo begins with
)

// live is what follows the feed from Kafka: the stores, and what fills them.
type live struct {
	stores   []tables.Store
	status   feedStatus
	embedded []string // what is not configured, for the log
	brokers  []string
}

// openLive opens the stores that Kafka feeds, and starts to feed them. What is
// not configured is embedded. That a configured system is down is no error.
func (g *Gateway) openLive(cfg config.Config) (*live, error) {
	l := &live{brokers: cfg.Kafka.Brokers}
	kafkaInside, err := g.openKafka(cfg, l)
	if err != nil {
		return nil, err
	}
	client, volatile, err := g.openRedis(cfg, l)
	if err != nil {
		return nil, err
	}
	latest, err := redistables.New(redistables.Config{Client: client, Prefix: cfg.Redis.Prefix})
	if err != nil {
		return nil, err
	}
	latestSink, err := redissink.New(redissink.Config{
		Client: client, Prefix: cfg.Redis.Prefix, Recent: cfg.Ingest.Recent, MaxFuture: cfg.Ingest.MaxFuture,
	})
	if err != nil {
		return nil, err
	}
	collection := documents.New(documents.Config{MaxBytes: int64(cfg.Documents.MaxBytes), Log: g.log})
	l.embedded = append(l.embedded, "documents")
	origin := ""
	if kafkaInside != nil && !volatile {
		// The embedded Kafka counts from 0 in every process, and Redis still has
		// the readings of earlier ones.
		origin = rand.Text()[:8] + ":"
	}
	decoder, err := decode.New(decode.Config{Fields: decode.Fields(cfg.Ingest.Fields), Origin: origin})
	if err != nil {
		return nil, fmt.Errorf("ingest.fields: %w", err)
	}
	feed, err := ingest.New(ingest.Config{
		Brokers: l.brokers, Topic: cfg.Kafka.Topic, DeadLetterTopic: cfg.Ingest.DeadLetterTopic, Decoder: decoder, Log: g.log,
		Stores: fed(cfg.Ingest, map[string]ingest.Store{
			"documents": {Sink: documentsink.New(collection), Volatile: true},
			"latest":    {Sink: latestSink, Volatile: volatile},
		}),
	})
	if err != nil {
		return nil, err
	}
	g.background(feed.Run)
	if kafkaInside != nil {
		g.background(func(ctx context.Context) { trim(ctx, kafkaInside, feed, g.log) })
	}
	g.produce(cfg, l)
	l.status = feedStatus{feed}
	l.stores = []tables.Store{
		collection, latest, status.New(l.status),
		kafka.New(kafka.Config{Brokers: l.brokers, Topic: cfg.Ingest.DeadLetterTopic}),
	}
	return l, nil
}

// fed are the stores that the configuration wants to be fed.
func fed(c config.Ingest, all map[string]ingest.Store) []ingest.Store {
	var out []ingest.Store
	for _, name := range c.Stores {
		s := all[name]
		s.Name, s.Group = name, c.Group+"-"+name
		out = append(out, s)
	}
	return out
}

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

// openRedis connects to Redis; volatile says that it is embedded.
func (g *Gateway) openRedis(cfg config.Config, l *live) (client redis.UniversalClient, volatile bool, err error) {
	redis.SetLogger(redisLog{g.log})
	addr := cfg.Redis.Addr
	if addr == "" {
		var stop func()
		if addr, stop, err = embedded.Redis(); err != nil {
			return nil, false, err
		}
		g.onClose(func() error { stop(); return nil })
		l.embedded = append(l.embedded, "Redis at "+addr)
	}
	client = redisClient(addr)
	g.onClose(client.Close)
	return client, cfg.Redis.Addr == "", nil
}

func redisClient(addr string) redis.UniversalClient {
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{addr}, ClientName: "gridgate", ContextTimeoutEnabled: true,
		DialTimeout: redisTime, ReadTimeout: redisTime, WriteTimeout: redisTime, MaxRetries: 1,
	})
}

// redisLog is go-redis's log; what matters comes back as errors too.
type redisLog struct{ log zerolog.Logger }

// Printf implements go-redis's logger.
func (r redisLog) Printf(_ context.Context, format string, v ...any) {
	r.log.Debug().Str("from", "go-redis").Msgf(format, v...)
}

// produce sends what the command line asks for: the demo's readings, a file.
func (g *Gateway) produce(cfg config.Config, l *live) {
	if !cfg.Text.Demo && cfg.Ingest.File == "" {
		return
	}
	p := producer.New(l.brokers, cfg.Kafka.Topic)
	g.onClose(p.Close)
	if cfg.Text.Demo {
		g.background(func(ctx context.Context) {
			f := demo.NewFeed(demo.FeedStations, uint64(time.Now().UnixNano()))
			for ctx.Err() == nil {
				if err := f.Run(ctx, demoHistory, p.Send); err != nil {
					g.log.Warn().Err(err).Msg("the demo's readings can't be sent; they go on in a moment")
					pause(ctx, time.Second)
				}
			}
		})
	}
	if file := cfg.Ingest.File; file != "" {
		g.background(func(ctx context.Context) {
			sender := producer.New(l.brokers, cfg.Kafka.Topic)
			err := sender.SendFile(ctx, file)
			_ = sender.Close() // everything sent was waited for
			switch {
			case ctx.Err() != nil:
			case err != nil:
				g.log.Error().Err(err).Int64("sent", sender.Sent()).Msg("the file of records was not sent to its end")
			default:
				g.log.Info().Str("file", file).Int64("records", sender.Sent()).Msg("the file of records was sent; ingest_status shows how far the stores are")
			}
		})
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// background runs f until the gateway is closed, which waits for it.
func (g *Gateway) background(f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { f(ctx) })
	g.onClose(func() error {
		cancel()
		group.Wait()
		return nil
	})
}

// trim lets the embedded Kafka forget what every store has.
func trim(ctx context.Context, k *embedded.Kafka, feed *ingest.Ingest, log zerolog.Logger) {
	for ctx.Err() == nil {
		pause(ctx, trimEvery)
		done := map[int]int64{}
		for _, s := range feed.Status() {
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

// feedStatus is the ingest's status as rows of ingest_status.
type feedStatus struct{ feed *ingest.Ingest }

// Status implements status.Source.
func (f feedStatus) Status() []status.Row {
	var rows []status.Row
	for _, s := range f.feed.Status() {
		rows = append(rows, status.Row{
			Store: s.Store, Topic: s.Topic, Partition: s.Partition, Committed: s.Committed, End: s.End, LagSeconds: s.Lag.Seconds(),
			Records: s.Records, Skipped: s.Skipped, Duplicates: s.Duplicates, DeadLetters: s.DeadLetters, Evicted: s.Evicted,
			State: string(s.State), LastError: s.LastError, UpdatedAt: s.UpdatedAt.UnixMicro(),
		})
	}
	return rows
}
