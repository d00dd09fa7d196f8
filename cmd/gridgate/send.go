package main

import (
	"context"
	"math"
	"slices"
	"time"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
	"gridgate/cmd/gridgate/internal/producer"
	"gridgate/ingest"
	"gridgate/ingest/kafkaclient"
)

// What the gateway itself sends to Kafka: the demo's readings, and a file.
const (
	demoHistory = 5 * time.Minute // of readings that the demo begins with
	fileTime    = 5 * time.Second // that a file of records may take before the gateway is ready without it
	maxBacklog  = 32 << 20        // bytes that the embedded Kafka may be ahead of the stores while a file is sent: less than it holds
)

// sendOwn begins to send what the command line asks for. inside says that Kafka
// is embedded.
func (g *Gateway) sendOwn(cfg config.Config, l *live, inside bool) {
	if cfg.Text.Demo {
		p := producer.New(l.brokers, cfg.Kafka.Topic)
		g.onClose(p.Close)
		g.background(func(ctx context.Context) {
			f := demo.NewFeed(demo.FeedStations, uint64(time.Now().UnixNano()))
			for ctx.Err() == nil {
				if err := f.Run(ctx, demoHistory, p.Send); err != nil {
					g.log.Warn().Err(err).Msg("the demo's readings can't be sent; they go on in a moment")
					kafkaclient.Sleep(ctx, time.Second)
				}
			}
		})
	}
	if file := cfg.Ingest.File; file != "" {
		l.fileSent = make(chan struct{})
		g.background(func(ctx context.Context) {
			defer close(l.fileSent)
			sender := producer.New(l.brokers, cfg.Kafka.Topic)
			if inside {
				sender.Before = func(ctx context.Context) { l.awaitBacklog(ctx, sender.MeanSize()) }
			}
			err := sender.SendFile(ctx, file)
			var unknown error
			if l.fileEnds, unknown = sender.Ends(ctx); unknown != nil {
				g.log.Debug().Err(unknown).Msg("whether the stores have the file is not known")
			}
			_ = sender.Close() // of what was sent Send has said how it ended
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

// awaitBacklog waits until the stores are not too far behind the embedded Kafka,
// whose memory is the gateway's. size is a record's.
func (l *live) awaitBacklog(ctx context.Context, size int64) {
	for ctx.Err() == nil && size > 0 && l.behind() > maxBacklog/size {
		kafkaclient.Sleep(ctx, 20*time.Millisecond)
	}
}

// behind is how many records the slowest store lacks, as far as is known: one
// that is not connected yet may lack any number.
func (l *live) behind() int64 {
	lacks := map[string]int64{}
	var most int64
	for _, s := range l.feed.Status() {
		if s.Partition == ingest.NoPartition {
			return math.MaxInt64
		}
		lacks[s.Store] += max(0, s.End-max(s.Committed, 0))
		most = max(most, lacks[s.Store])
	}
	return most
}

// awaitFile waits until the stores have the file of records, so that whoever
// connects sees all of it, but not for ever: it may be large, or a pipe.
func (l *live) awaitFile(ctx context.Context) {
	if l.fileSent == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	select {
	case <-l.fileSent:
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil && !haveAll(l.feed.Status(), l.fileEnds) {
		kafkaclient.Sleep(ctx, 10*time.Millisecond)
	}
}

// haveAll reports whether every store has the records before some offsets.
func haveAll(status []ingest.PartitionStatus, ends map[int]int64) bool {
	return !slices.ContainsFunc(status, func(s ingest.PartitionStatus) bool {
		return s.Partition == ingest.NoPartition || s.Committed < ends[s.Partition]
	})
}
