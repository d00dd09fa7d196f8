package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gridgate/tables"
	"gridgate/tables/scan"
)

// snapshot is one of the tables; the columns never change.
type snapshot struct {
	store *Store
	table table
}

// Name implements tables.Snapshot.
func (n *snapshot) Name() string { return n.table.name() }

// Columns implements tables.Snapshot.
func (n *snapshot) Columns() []tables.Column { return n.table.columns() }

// Version is constant: the columns never change.
func (n *snapshot) Version() uint64 { return 1 }

// Rows is a guess from the number of stations that the last full read met:
// Redis is not asked. Before one, that there are few is nearly always right.
func (n *snapshot) Rows() (uint64, bool) {
	stations := uint64(n.store.stations.Load())
	if stations == 0 {
		stations = assumedStations
	}
	if n.table == recent {
		return stations * assumedRecent, true
	}
	return stations * assumedKinds, true
}

// What Rows assumes.
const (
	assumedStations = 50
	assumedKinds    = 2   // of each station
	assumedRecent   = 100 // readings of each station
)

// Compile takes columns, conditions on station, kind and ts, and LIMIT where
// nothing stays in the gateway.
func (n *snapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	read, refused := scan.Columns(&q, scan.Takes{Limit: true})
	if refused != nil {
		return nil, refused
	}
	p := &plan{store: n.store, table: n.table, query: q, read: read, types: scan.Types(n.Columns(), read),
		stations: scan.TextKeys{Column: colStation}, kinds: scan.TextKeys{Column: colKind}, times: scan.TimeRange{Column: colTS}}
	for i, e := range q.Where {
		if !p.stations.Add(e) && !p.kinds.Add(e) && !p.times.Add(e) {
			return nil, scan.RefuseWhere(i)
		}
	}
	return p, nil
}

// A plan is a compiled query.
type plan struct {
	store    *Store
	table    table
	query    tables.Query
	read     []int // columns of the result
	types    []tables.Type
	stations scan.TextKeys
	kinds    scan.TextKeys
	times    scan.TimeRange
}

// shownKeys is how many stations a command names.
const shownKeys = 3

// Command is the commands that Redis gets. What a command does not say by its
// own words is added as a condition.
func (p *plan) Command(args tables.Args) (string, error) {
	keys := p.store.keys
	which, stations := "*", []string{"*"}
	if p.stations.Any() {
		which = "?"
		if named, err := p.stations.Values(args); err == nil {
			stations = named
			if len(stations) > shownKeys {
				stations = append(slices.Clone(stations[:shownKeys]), fmt.Sprintf("... %d more", len(named)-shownKeys))
			}
		} else {
			stations = []string{which}
		}
	}
	var commands []string
	if !p.stations.Any() {
		commands = append(commands, "SSCAN "+keys.Stations())
	}
	for _, s := range stations {
		if p.table == latest {
			commands = append(commands, p.latestCommand(keys.Latest(s), args))
		} else {
			commands = append(commands, "ZREVRANGEBYSCORE "+keys.Recent(s)+" "+p.boundsCommand(args)+"; HMGET "+keys.RecentDocs(s)+" and what it gave")
		}
	}
	return strings.Join(commands, "; ") + ": " + tables.FormatQuery(&p.query, args), nil
}

// latestCommand reads a station's hash, or the kinds that are asked for.
func (p *plan) latestCommand(key string, args tables.Args) string {
	if !p.kinds.Any() {
		return "HGETALL " + key
	}
	kinds, err := p.kinds.Values(args)
	if err != nil {
		return "HMGET " + key + " ?"
	}
	for i, k := range kinds {
		kinds[i] = strconv.Quote(k)
	}
	return "HMGET " + key + " " + strings.Join(kinds, " ")
}

// boundsCommand is a range of time as Redis gets it.
func (p *plan) boundsCommand(args tables.Args) string {
	least, greatest, err := p.times.Bounds(args)
	if err != nil {
		return "? ?"
	}
	return score(greatest) + " " + score(least)
}

// Recheck is empty: every conjunct is exact.
func (p *plan) Recheck() []int { return nil }

// Deterministic is false where a clock or a LIMIT is read.
func (p *plan) Deterministic() bool {
	return p.query.Limit == nil && p.query.Offset == 0 && !slices.Contains(p.read, colAge)
}

// Open asks nothing yet. The error says that an argument is missing.
func (p *plan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &rows{plan: p, skip: p.query.Offset, left: -1, now: p.store.now().UnixMicro()}
	if p.query.Limit != nil {
		r.left = *p.query.Limit
	}
	var err error
	if r.least, r.greatest, err = p.times.Bounds(args); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	if p.kinds.Any() {
		if r.kinds, err = p.kinds.Values(args); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
		r.isKind = make(map[string]bool, len(r.kinds))
		for _, k := range r.kinds {
			r.isKind[k] = true
		}
	}
	if p.stations.Any() {
		if r.stations, err = p.stations.Values(args); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
		r.scanned = true // there are no others
	} else {
		r.seen = map[string]bool{}
	}
	if r.least > r.greatest || p.kinds.Any() && len(r.kinds) == 0 {
		r.stations, r.scanned = nil, true
	}
	r.working, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r, nil
}
