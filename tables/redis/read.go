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

// more asks Redis once: for more stations, when there are none left to ask
// for, and for the readings of some.
func (r *rows) more() answer {
	if len(r.stations) == 0 && !r.scanned {
		if err := r.scan(); err != nil {
			return answer{err: err}
		}
	}
	n := min(batchStations, len(r.stations))
	stations := r.stations[:n]
	r.stations = r.stations[n:]
	a := answer{end: r.scanned && len(r.stations) == 0}
	switch {
	case n == 0:
	case r.plan.table == latest:
		a.rows, a.err = r.latest(stations)
	default:
		a.rows, a.err = r.recent(stations)
	}
	return a
}

// scan asks for some more stations. It may come back with none.
func (r *rows) scan() error {
	key := r.plan.store.keys.Stations()
	some, cursor, err := r.plan.store.client.SScan(r.working, key, r.cursor, "", batchStations).Result()
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
	if len(r.seen) > maxStations {
		return &tables.LimitExceeded{Store: storeName, What: "stations", Limit: maxStations, Hint: "name stations in the WHERE clause"}
	}
	return nil
}

// latest reads the newest readings of stations, in one round trip.
func (r *rows) latest(stations []string) ([]found, error) {
	keys := r.plan.store.keys
	pipe := r.plan.store.client.Pipeline()
	hashes := make([]*redis.MapStringStringCmd, len(stations))
	for i, s := range stations {
		hashes[i] = pipe.HGetAll(r.working, keys.Latest(s))
	}
	_, _ = pipe.Exec(r.working) // each command has its own error
	var out []found
	for i, s := range stations {
		hash, err := hashes[i].Result()
		if err != nil {
			return nil, r.failed("reading the latest readings", keys.Latest(s), err)
		}
		for _, kind := range slices.Sorted(maps.Keys(hash)) {
			text := hash[kind]
			e, err := Decode(text)
			if err != nil {
				return nil, &tables.DataError{Store: storeName, Where: "key " + keys.Latest(s) + ", field " + strconv.Quote(kind), Err: err}
			}
			out = append(out, found{s, e})
		}
	}
	return out, nil
}

// recent reads the recent readings of stations, newest first, in two round
// trips: identities, and what they stand for.
func (r *rows) recent(stations []string) ([]found, error) {
	keys := r.plan.store.keys
	bounds := &redis.ZRangeBy{Min: score(r.least), Max: score(r.greatest)}
	pipe := r.plan.store.client.Pipeline()
	ranges := make([]*redis.StringSliceCmd, len(stations))
	for i, s := range stations {
		ranges[i] = pipe.ZRevRangeByScore(r.working, keys.Recent(s), bounds)
	}
	_, _ = pipe.Exec(r.working) // each command has its own error
	pipe = r.plan.store.client.Pipeline()
	bodies := make([]*redis.SliceCmd, len(stations))
	for i, s := range stations {
		ids, err := ranges[i].Result()
		if err != nil {
			return nil, r.failed("reading the recent readings", keys.Recent(s), err)
		}
		if len(ids) > 0 {
			bodies[i] = pipe.HMGet(r.working, keys.RecentDocs(s), ids...)
		}
	}
	if pipe.Len() == 0 {
		return nil, nil
	}
	_, _ = pipe.Exec(r.working)
	var out []found
	for i, s := range stations {
		if bodies[i] == nil {
			continue
		}
		texts, err := bodies[i].Result()
		if err != nil {
			return nil, r.failed("reading the recent readings", keys.RecentDocs(s), err)
		}
		for n, text := range texts {
			body, ok := text.(string)
			if !ok {
				continue // trimmed between the two
			}
			e, err := Decode(body)
			if err != nil {
				return nil, &tables.DataError{Store: storeName, Where: "key " + keys.RecentDocs(s) + ", field " + strconv.Quote(ranges[i].Val()[n]), Err: err}
			}
			out = append(out, found{s, e})
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
