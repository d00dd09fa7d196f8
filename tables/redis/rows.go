package redis

import (
	"context"
	"io"

	"gridgate/tables"
	"gridgate/tables/scan"
)

const (
	// batchStations is how many stations' latest readings are asked for in one
	// round trip.
	batchStations = 256
	// scanStations is how many names SSCAN is asked for: few calls, of about a
	// millisecond each, because miniredis sorts the whole set in every one.
	scanStations = 5000
	// recentStations and recentBodies are how many stations, and how many of
	// their recent readings, are asked for in one: a station may have many, and
	// a document may be large.
	recentStations = 32
	recentBodies   = 1000
	// batchRows bounds what Next gives at once.
	batchRows = 1024
	// maxStations is how many stations one full read may meet: their names are
	// kept, since SSCAN may give one twice.
	maxStations = 5_000_000
)

// rows is a running query.
type rows struct {
	plan            *plan
	least, greatest int64    // of ts
	kinds           []string // nil: all; those of isKind
	isKind          map[string]bool
	now             int64 // microseconds, for age_seconds
	skip            int64 // of OFFSET
	left            int64 // of LIMIT; -1: none

	stations []string        // to be asked for
	scanned  bool            // no more stations will come
	cursor   uint64          // of SSCAN
	seen     map[string]bool // stations that SSCAN gave
	bodies   []body          // recent readings to be asked for

	found   []found // not given yet
	working context.Context
	cancel  context.CancelFunc
}

// found is a row.
type found struct {
	station string
	Entry
}

type answer struct {
	rows []found
	end  bool
	err  error
}

// Next implements tables.Rows.
func (r *rows) Next(ctx context.Context, b *tables.Batch) error {
	for len(r.found) == 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.left == 0 {
			return io.EOF
		}
		a, err := r.wait(ctx)
		if err != nil {
			return err
		}
		if r.take(a.rows); a.end && len(r.found) == 0 {
			return io.EOF
		}
	}
	n := min(batchRows, len(r.found))
	given := r.found[:n]
	r.found = r.found[n:]
	scan.Fill(b, r.plan.types, n, func(row, i int) tables.Value { return r.value(&given[row], r.plan.read[i]) })
	return nil
}

// wait reads more. A read that outlasts ctx is left to the store, since go-redis
// looks at a context's end only between commands; nothing is read after it.
func (r *rows) wait(ctx context.Context) (answer, error) {
	answers := make(chan answer, 1)
	r.plan.store.reads.Go(func() { answers <- r.more() })
	select {
	case a := <-answers:
		return a, a.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// take keeps the rows that pass, within OFFSET and LIMIT.
func (r *rows) take(more []found) {
	for _, f := range more {
		switch {
		case f.TS < r.least || f.TS > r.greatest || r.kinds != nil && !r.isKind[f.Kind]:
		case r.skip > 0:
			r.skip--
		case r.left != 0:
			r.found = append(r.found, f)
			if r.left > 0 {
				r.left--
			}
		}
	}
}

// value is column at of a row.
func (r *rows) value(f *found, at int) tables.Value {
	switch at {
	case colStation:
		return tables.Value{Type: name255, S: f.station}
	case colKind:
		return tables.Value{Type: name255, S: f.Kind}
	case colTS:
		return tables.Value{Type: tables.Timestamp(3), I: f.TS}
	case colValue:
		return tables.Value{Type: tables.Float64, Null: !f.HasValue, F: f.Value}
	case colUnit:
		return tables.Value{Type: name255, Null: f.Unit == "", S: f.Unit}
	case colIngestedAt:
		return tables.Value{Type: tables.Timestamp(3), I: f.IngestedAt}
	case colAge:
		return tables.Value{Type: tables.Float64, F: float64((r.now-f.TS)/1000) / 1000}
	default:
		return tables.Value{Type: tables.JSON, S: f.Doc}
	}
}

// Close implements tables.Rows. A read that still runs is left to the store.
func (r *rows) Close() error {
	r.cancel()
	r.found, r.left = nil, 0
	return nil
}
