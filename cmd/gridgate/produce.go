package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
	"gridgate/cmd/gridgate/internal/producer"
	"gridgate/ingest/kafkaclient"
)

// produceCommand is `gridgate produce`.
type produceCommand struct {
	configFlag
	Brokers  []string `help:"Kafka's addresses (kafka.brokers)." placeholder:"HOST:PORT"`
	Topic    string   `help:"The topic (kafka.topic)." placeholder:"NAME"`
	File     string   `help:"Send the lines of this file, each a record; - is the standard input." placeholder:"FILE" xor:"what"`
	Rate     float64  `help:"Generate readings, so many a second in all." placeholder:"N" xor:"what"`
	Stations int      `help:"How many stations the readings are of." default:"6" placeholder:"N"`
	Count    int64    `help:"Stop after so many readings; 0: at Ctrl-C." default:"0" placeholder:"N"`
}

// The bounds of what is generated: more would be a slip of the finger.
const (
	maxRate     = 10_000_000
	maxStations = 1_000_000
)

// Run sends until everything is sent, or ctx ends.
func (c *produceCommand) Run(ctx context.Context, s streams) error {
	flags := map[string]string{}
	if c.Topic != "" {
		flags["kafka.topic"] = c.Topic
	}
	cfg, err := config.Load(config.Sources{File: c.Config, Environ: s.environ, Flags: flags})
	if err != nil {
		return err
	}
	brokers := cfg.Kafka.Brokers
	if len(c.Brokers) > 0 {
		brokers = c.Brokers
	}
	switch {
	case len(brokers) == 0:
		return errors.New("no Kafka is configured: give --brokers, or kafka.brokers in the configuration; a gateway with an embedded Kafka says its address when it starts")
	case c.File == "" && c.Rate == 0:
		return errors.New("there is nothing to send: give --file FILE, or --rate N")
	case c.File == "" && !(c.Rate > 0 && c.Rate <= maxRate): // NaN neither
		return fmt.Errorf("--rate must be above 0 and at most %d", maxRate)
	case c.Stations < 1 || c.Stations > maxStations:
		return fmt.Errorf("--stations must be 1 to %d", maxStations)
	case c.Count < 0:
		return errors.New("--count must not be negative")
	case c.File != "" && c.Count > 0:
		return errors.New("--count is for --rate; a file is sent whole")
	}
	p := producer.New(brokers, cfg.Kafka.Topic)
	if err := p.Check(ctx); err != nil {
		return errors.Join(err, p.Close())
	}
	began := time.Now()
	stop := progress(s.err, p)
	if c.File != "" {
		err = p.SendFile(ctx, c.File)
	} else {
		err = generate(ctx, p, c.Rate, c.Stations, c.Count)
	}
	err = errors.Join(err, p.Close())
	stop()
	if ctx.Err() != nil {
		err = nil // told to stop
	}
	fmt.Fprintf(s.out, "%d records sent to %s in %v\n", p.Sent(), cfg.Kafka.Topic, time.Since(began).Round(time.Millisecond))
	return err
}

// generate sends readings at a rate, in small steps.
func generate(ctx context.Context, p *producer.Producer, rate float64, stations int, count int64) error {
	const step = 50 * time.Millisecond
	feed := demo.NewFeed(stations, uint64(time.Now().UnixNano()))
	began := time.Now()
	tick := time.NewTicker(step)
	defer tick.Stop()
	for sent := int64(0); count == 0 || sent < count; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		due := int64(time.Since(began).Seconds() * rate)
		if count > 0 {
			due = min(due, count)
		}
		for sent < due {
			n := min(due-sent, 1000)
			now := time.Now()
			batch := feed.Some(int(n), int(sent%int64(stations)), now)
			if err := p.Send(ctx, batch...); err != nil {
				return err
			}
			sent += n
		}
	}
	return nil
}

// progress shows on a terminal how many records were sent, until stop is called.
func progress(w io.Writer, p *producer.Producer) (stop func()) {
	if !isTerminal(w) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		last := p.Sent()
		for {
			kafkaclient.Sleep(ctx, time.Second)
			now := p.Sent()
			if ctx.Err() != nil {
				fmt.Fprint(w, "\r\033[K")
				return
			}
			fmt.Fprintf(w, "\r\033[K%d records sent, %d a second", now, now-last)
			last = now
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}
