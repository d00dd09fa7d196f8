package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/segmentio/kafka-go"
)

// feedStation is a station that measures something.
type feedStation struct {
	name, kind string
	size       float64 // MW
	swing      float64 // how much of it follows the time of day
}

var feedStations = []feedStation{
	{"Horns Rev", "wind", 400, 0.1}, {"Anholt", "wind", 380, 0.1}, {"Kvilldal", "hydro", 1200, 0.3},
	{"Forsmark", "nuclear", 3200, 0}, {"Espoo", "consumption", 900, 0.4}, {"Audorf", "exchange", 700, 0.6},
}

// FeedStations is how many stations the feed of the demo has.
var FeedStations = len(feedStations)

// A Feed makes readings of stations. It is used by one goroutine.
type Feed struct {
	stations []feedStation
	random   *rand.Rand
}

// NewFeed makes a feed of n stations.
func NewFeed(n int, seed uint64) *Feed {
	f := &Feed{random: rand.New(rand.NewPCG(seed, 1))}
	for i := range n {
		s := feedStations[i%len(feedStations)]
		if i >= len(feedStations) {
			s.name = fmt.Sprintf("%s %d", s.name, 1+i/len(feedStations))
		}
		f.stations = append(f.stations, s)
	}
	return f
}

// payload is the part of a record that is JSON in text, as the stations send it.
type payload struct {
	SensorID string  `json:"sensor_id"`
	Modality string  `json:"modality"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Temporal string  `json:"temporal_aspect"`
}

type record struct {
	Payload       string  `json:"payload"`
	CorrelationID string  `json:"correlation_id"`
	CreatedAt     float64 `json:"created_at"`
	SchemaVersion int     `json:"schema_version"`
}

// Reading is one reading of station i at a time, as a record for Kafka.
func (f *Feed) Reading(i int, at time.Time) kafka.Message {
	s := &f.stations[i%len(f.stations)]
	day := float64(at.UTC().Hour()*3600+at.UTC().Minute()*60+at.UTC().Second()) / 86400
	value := s.size * (0.6 + s.swing*math.Sin(2*math.Pi*(day-0.25)) + 0.02*f.random.NormFloat64())
	inner, _ := json.Marshal(payload{s.name, s.kind, math.Round(value*10) / 10, "MW", "real_time"})
	outer, _ := json.Marshal(record{string(inner), fmt.Sprintf("%016x", f.random.Uint64()), float64(at.UnixMilli()) / 1000, 1})
	return kafka.Message{Key: []byte(s.name), Value: outer}
}

// Run sends one reading a second of each station until ctx ends, and at first
// those of the minutes before. The error is send's, or nil at ctx's end.
func (f *Feed) Run(ctx context.Context, before time.Duration, send func(context.Context, ...kafka.Message) error) error {
	now := time.Now().Truncate(time.Second)
	for at := now.Add(-before); at.Before(now); {
		var some []kafka.Message
		for ; at.Before(now) && len(some) < 600; at = at.Add(time.Second) {
			some = append(some, f.all(at)...)
		}
		if err := send(ctx, some...); err != nil {
			return orEnded(ctx, err)
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case at := <-tick.C:
			if err := send(ctx, f.all(at)...); err != nil {
				return orEnded(ctx, err)
			}
		}
	}
}

// Some are n readings at a time, beginning with station first.
func (f *Feed) Some(n, first int, at time.Time) []kafka.Message {
	out := make([]kafka.Message, n)
	for i := range out {
		out[i] = f.Reading(first+i, at)
	}
	return out
}

func (f *Feed) all(at time.Time) []kafka.Message {
	return f.Some(len(f.stations), 0, at)
}

func orEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
