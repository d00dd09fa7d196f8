package redis

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"gridgate/tables"
)

// more asks Redis for more stations, when there are none left to ask for, and
// for the readings of some.
func (r *rows) more() answer {
	ctx, cancel := context.WithTimeout(r.working, r.plan.store.timeout)
	defer cancel()
	if len(r.stations) == 0 && len(r.bodies) == 0 && !r.scanned {
		if err := r.scan(ctx); err != nil {
			return answer{err: err}
		}
	}
	var a answer
	if r.plan.table == latest {
		a.rows, a.err = r.latest(ctx, r.takeStations(batchStations))
	} else {
		if len(r.bodies) == 0 {
			a.err = r.ranges(ctx, r.takeStations(recentStations))
		}
		if a.err == nil {
			a.rows, a.err = r.recent(ctx)
		}
	}
	a.end = r.scanned && len(r.stations) == 0 && len(r.bodies) == 0
	return a
}

// takeStations takes up to n stations off those to be asked for.
func (r *rows) takeStations(n int) []string {
	n = min(n, len(r.stations))
	taken := r.stations[:n]
	r.stations = r.stations[n:]
	return taken
}

// scan asks for some more stations. It may come back with none.
func (r *rows) scan(ctx context.Context) error {
	key := r.plan.store.keys.Stations()
	some, cursor, err := r.plan.store.client.SScan(ctx, key, r.cursor, "", scanStations).Result()
	if err != nil {
		return r.failed("reading the stations", key, err)
	}
	r.cursor, r.scanned = cursor, cursor == 0
	for _, s := range some {
		if !r.seen[s] {
			r.seen[s] = true
			r.stations = append(r.stations, s)
		}
	}
	if r.scanned {
		r.plan.store.stations.Store(int64(len(r.seen)))
	}
	if len(r.seen) > maxStations {
		return &tables.LimitExceeded{Store: storeName, What: "stations", Limit: maxStations, Hint: "name stations in the WHERE clause"}
	}
	return nil
}

// latest reads the newest readings of stations, in one round trip.
func (r *rows) latest(ctx context.Context, stations []string) ([]found, error) {
	if len(stations) == 0 {
		return nil, nil
	}
	keys := r.plan.store.keys
	pipe := r.plan.store.client.Pipeline()
	hashes := make([]func() (map[string]string, error), len(stations))
	for i, s := range stations {
		if r.kinds == nil {
			hashes[i] = pipe.HGetAll(ctx, keys.Latest(s)).Result
		} else {
			hashes[i] = fields(r.kinds, pipe.HMGet(ctx, keys.Latest(s), r.kinds...))
		}
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	var out []found
	for i, s := range stations {
		hash, err := hashes[i]()
		if err != nil {
			return nil, r.failed("reading the latest readings", keys.Latest(s), err)
		}
		for _, kind := range slices.Sorted(maps.Keys(hash)) {
			e, err := Decode(hash[kind])
			if err != nil {
				return nil, &tables.DataError{Store: storeName, Where: "key " + keys.Latest(s) + ", field " + strconv.Quote(kind), Err: err}
			}
			out = append(out, found{s, e})
		}
	}
	return out, nil
}

// fields is the result of HMGET as that of HGETALL.
func fields(names []string, c *redis.SliceCmd) func() (map[string]string, error) {
	return func() (map[string]string, error) {
		values, err := c.Result()
		hash := map[string]string{}
		for i, v := range values {
			if text, ok := v.(string); ok {
				hash[names[i]] = text
			}
		}
		return hash, err
	}
}

// body is what is still to be asked for of a station: recent readings by their
// identities, newest first.
type body struct {
	station string
	ids     []string
}

// ranges asks for the identities of the recent readings of stations, in one
// round trip.
func (r *rows) ranges(ctx context.Context, stations []string) error {
	if len(stations) == 0 {
		return nil
	}
	keys := r.plan.store.keys
	bounds := &redis.ZRangeBy{Min: score(r.least), Max: score(r.greatest)}
	pipe := r.plan.store.client.Pipeline()
	ranges := make([]*redis.StringSliceCmd, len(stations))
	for i, s := range stations {
		ranges[i] = pipe.ZRevRangeByScore(ctx, keys.Recent(s), bounds)
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	for i, s := range stations {
		members, err := ranges[i].Result()
		if err != nil {
			return r.failed("reading the recent readings", keys.Recent(s), err)
		}
		ids := make([]string, len(members))
		for j, m := range members {
			ids[j] = MemberID(m)
		}
		if len(ids) > 0 {
			r.bodies = append(r.bodies, body{s, ids})
		}
	}
	return nil
}

// recent reads some of the readings in bodies, in one round trip.
func (r *rows) recent(ctx context.Context) ([]found, error) {
	var asked []body
	for left := recentBodies; left > 0 && len(r.bodies) > 0; {
		b := &r.bodies[0]
		n := min(left, len(b.ids))
		asked = append(asked, body{b.station, b.ids[:n]})
		left -= n
		if b.ids = b.ids[n:]; len(b.ids) == 0 {
			r.bodies = r.bodies[1:]
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	keys := r.plan.store.keys
	pipe := r.plan.store.client.Pipeline()
	answers := make([]*redis.SliceCmd, len(asked))
	for i, b := range asked {
		answers[i] = pipe.HMGet(ctx, keys.RecentDocs(b.station), b.ids...)
	}
	_, _ = pipe.Exec(ctx)
	var out []found
	for i, b := range asked {
		texts, err := answers[i].Result()
		if err != nil {
			return nil, r.failed("reading the recent readings", keys.RecentDocs(b.station), err)
		}
		for n, text := range texts {
			encoded, ok := text.(string)
			if !ok {
				continue // trimmed between the two, or somebody else's member
			}
			e, err := Decode(encoded)
			if err != nil {
				return nil, &tables.DataError{Store: storeName, Where: "key " + keys.RecentDocs(b.station) + ", field " + strconv.Quote(b.ids[n]), Err: err}
			}
			out = append(out, found{b.station, e})
		}
	}
	return out, nil
}

// score is a bound of a range, which a DOUBLE holds exactly as long as it is a
// time at all.
func score(us int64) string {
	switch {
	case us == math.MinInt64:
		return "-inf"
	case us == math.MaxInt64:
		return "+inf"
	}
	return strconv.FormatInt(us, 10)
}

// failed types an error of Redis's.
func (r *rows) failed(doing, key string, err error) error {
	var answered redis.Error
	switch {
	case errors.Is(err, context.Canceled) && r.working.Err() != nil:
		return err
	case errors.As(err, &answered) && redis.HasErrorPrefix(err, "WRONGTYPE"):
		return &tables.DataError{Store: storeName, Where: "key " + key, Err: err}
	}
	return &tables.Outage{Store: storeName, Doing: doing + " (" + key + ")", Err: err}
}
