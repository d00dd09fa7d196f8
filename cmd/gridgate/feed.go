package main

import (
	"context"
	"fmt"
	"slices"

	"gridgate/cmd/gridgate/internal/config"
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

// live is what follows the feed from Kafka: the stores, and what fills them.
type live struct {
	stores   []tables.Store
	feed     *ingest.Ingest
	status   feedStatus
	embedded []string // what is not configured, for the log
	brokers  []string
	fileSent chan struct{} // closed when the file of records was sent; nil: there is none
	fileEnds map[int]int64 // where the topic's partitions then ended
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
	decoder, err := decode.New(decode.Config{Fields: decode.Fields(cfg.Ingest.Fields)})
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
	l.feed, l.status = feed, feedStatus{feed}
	l.stores = []tables.Store{status.New(l.status), kafka.New(kafka.Config{Brokers: l.brokers, Topic: cfg.Ingest.DeadLetterTopic})}
	// An embedded store that nobody feeds stays empty, so it has no tables.
	if slices.Contains(cfg.Ingest.Stores, "documents") {
		l.stores, l.embedded = append(l.stores, collection), append(l.embedded, "documents")
	}
	if slices.Contains(cfg.Ingest.Stores, "latest") || !volatile {
		l.stores = append(l.stores, latest)
	}
	g.background(feed.Run)
	if kafkaInside != nil {
		g.background(func(ctx context.Context) { l.trim(ctx, kafkaInside, g.log) })
	}
	g.sendOwn(cfg, l, kafkaInside != nil)
	return l, nil
}

// has reports whether a store's tables are there.
func (l *live) has(store string) bool {
	return slices.ContainsFunc(l.stores, func(s tables.Store) bool { return s.Name() == store })
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
