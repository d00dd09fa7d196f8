// Package redis makes readings the latest and the recent ones of their station.
package redis

import (
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"gridgate/ingest"
	"gridgate/tables"
	layout "gridgate/tables/redis"
)

// DefaultMaxFuture is how far a clock may run ahead when nobody says.
const DefaultMaxFuture = 5 * time.Minute

// Config of a Sink.
type Config struct {
	Client    redis.UniversalClient // stays the caller's
	Prefix    string                // of all keys; empty: the layout's
	Recent    int                   // readings kept of each station; 0: the layout's
	MaxFuture time.Duration         // 0: DefaultMaxFuture
	Now       func() time.Time      // nil: time.Now
}

// Sink writes to Redis. It is safe for concurrent use.
type Sink struct {
	config Config
	keys   layout.Keys
	alone  bool // each script call may touch one station only
}

var _ ingest.Sink = (*Sink)(nil)

// New makes a sink. Redis is not asked yet.
func New(c Config) (*Sink, error) {
	if c.Prefix == "" {
		c.Prefix = layout.DefaultPrefix
	}
	if strings.ContainsAny(c.Prefix, "{}") {
		return nil, errors.New("the prefix of Redis keys must not have braces: they say which part of a key decides on its slot")
	}
	if c.Recent <= 0 {
		c.Recent = layout.DefaultRecent
	}
	if c.MaxFuture <= 0 {
		c.MaxFuture = DefaultMaxFuture
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	_, cluster := c.Client.(*redis.ClusterClient)
	return &Sink{config: c, keys: layout.Keys{Prefix: c.Prefix}, alone: cluster}, nil
}

//go:embed script.lua
var text string

var script = redis.NewScript(text)

// Write makes the readings the latest and recent ones, where they are. Readings
// without a station or a time are skipped; those whose time is in the future,
// or out of TIMESTAMP's range, are rejected: one wrong clock would be the
// latest for ever. The error is *tables.Outage.
func (s *Sink) Write(ctx context.Context, batch []ingest.Reading) (ingest.Written, error) {
	stations, written := s.reduce(batch)
	if len(stations) == 0 {
		return written, nil
	}
	// In another slot, and so by itself and first: a station without readings
	// gives no row.
	names := make([]any, len(stations))
	for i, st := range stations {
		names[i] = st.name
	}
	if err := s.config.Client.SAdd(ctx, s.keys.Stations(), names...).Err(); err != nil {
		return ingest.Written{}, s.outage("writing "+s.keys.Stations(), err)
	}
	for _, c := range s.calls(stations) {
		if err := script.Run(ctx, s.config.Client, c.keys, c.args...).Err(); err != nil {
			return ingest.Written{}, s.outage(fmt.Sprintf("writing the readings of %d stations", len(c.keys)/3), err)
		}
	}
	return written, nil
}

func (s *Sink) outage(doing string, err error) error {
	if strings.Contains(err.Error(), "WRONGTYPE") { // a script's error has other words around it
		doing += ", where a key of the prefix " + s.config.Prefix + " holds something else: remove it, or choose another redis.prefix"
	}
	return &tables.Outage{Store: "redis", Doing: doing, Err: err}
}

// A call is one call of the script.
type call struct {
	keys  []string
	args  []any
	bytes int
}

// The size of one call: the server does nothing else meanwhile, for about 10 ms.
const (
	maxReadings = 250
	maxBytes    = 1 << 20
)

// calls are the calls that write the stations' readings.
func (s *Sink) calls(stations []*stationReadings) []call {
	var calls []call
	var readings int
	for _, st := range stations {
		n := len(st.latest) + len(st.recent)
		if len(calls) == 0 || s.alone || readings+n > maxReadings || calls[len(calls)-1].bytes > maxBytes {
			calls = append(calls, call{args: []any{s.config.Recent}})
			readings = 0
		}
		readings += n
		c := &calls[len(calls)-1]
		c.keys = append(c.keys, s.keys.Latest(st.name), s.keys.Recent(st.name), s.keys.RecentDocs(st.name))
		add := func(args ...any) {
			c.args = append(c.args, args...)
			if entry, ok := args[len(args)-1].(string); ok {
				c.bytes += len(entry)
			}
		}
		add(len(st.latest))
		for kind, r := range st.latest {
			add(kind, r.entry.Encode())
		}
		add(len(st.recent))
		for _, r := range st.recent {
			add(r.id, r.entry.TS, r.entry.Encode())
		}
	}
	return calls
}
