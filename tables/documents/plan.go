package documents

import (
	"context"
	"fmt"
	"slices"

	"gridgate/tables"
	"gridgate/tables/scan"
)

// snapshot is the table; its columns never change.
type snapshot struct {
	store *Store
	rows  uint64
}

// Name implements tables.Snapshot.
func (n *snapshot) Name() string { return tableName }

// Columns implements tables.Snapshot.
func (n *snapshot) Columns() []tables.Column { return columns }

// Version is constant: the columns never change.
func (n *snapshot) Version() uint64 { return 1 }

// Rows is how many documents there were.
func (n *snapshot) Rows() (uint64, bool) { return n.rows, true }

// Compile takes columns, conditions on _id, station and ts, and LIMIT where
// nothing stays in the gateway.
func (n *snapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	read, refused := scan.Columns(&q, scan.Takes{Limit: true})
	if refused != nil {
		return nil, refused
	}
	p := &plan{store: n.store, all: n.rows, query: q, read: read, types: scan.Types(columns, read),
		ids: scan.TextKeys{Column: colID}, stations: scan.TextKeys{Column: colStation}, times: scan.TimeRange{Column: colTS}}
	for i, e := range q.Where {
		if !p.ids.Add(e) && !p.stations.Add(e) && !p.times.Add(e) {
			return nil, scan.RefuseWhere(i)
		}
	}
	return p, nil
}

// A plan is a compiled query.
type plan struct {
	store    *Store
	all      uint64 // documents that there were
	query    tables.Query
	read     []int // columns of the result
	types    []tables.Type
	ids      scan.TextKeys
	stations scan.TextKeys
	times    scan.TimeRange
}

// Command says how the rows are found, and the query.
func (p *plan) Command(args tables.Args) (string, error) {
	how := "read all of memory"
	switch {
	case p.ids.Any():
		how = "look up _id in memory"
	case p.stations.Any() && p.times.Any():
		how = "walk the station's range of time in memory"
	case p.stations.Any():
		how = "walk the station in memory"
	}
	return how + ": " + tables.FormatQuery(&p.query, args), nil
}

// Recheck is empty: every conjunct is exact.
func (p *plan) Recheck() []int { return nil }

// Deterministic implements tables.Plan: which rows a LIMIT gives depends on
// what is there.
func (p *plan) Deterministic() bool { return p.query.Limit == nil && p.query.Offset == 0 }

// Open takes the collection as it is now. The error says that an argument is
// missing.
func (p *plan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	least, greatest, err := p.times.Bounds(args)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	r := &rows{plan: p, skip: p.query.Offset, left: -1}
	if p.query.Limit != nil {
		r.left = *p.query.Limit
	}
	r.wanted = func(d *Document) bool { return d.TS >= least && d.TS <= greatest }
	var stations []string
	if p.stations.Any() {
		if stations, err = p.stations.Values(args); err != nil {
			return nil, fmt.Errorf("documents: %w", err)
		}
		// The empty station stands for NULL, which equals nothing.
		stations = slices.DeleteFunc(stations, func(s string) bool { return s == "" })
		slices.Sort(stations)
	}
	switch {
	case p.ids.Any():
		ids, err := p.ids.Values(args)
		if err != nil {
			return nil, fmt.Errorf("documents: %w", err)
		}
		inTime := r.wanted
		r.wanted = func(d *Document) bool {
			return inTime(d) && (!p.stations.Any() || slices.Contains(stations, d.Station))
		}
		r.source = listed(p.store.find(ids))
	case p.stations.Any():
		r.source = &walk{tree: p.store.at(), stations: stations, least: least, greatest: greatest}
	default:
		r.source = &walk{tree: p.store.at(), all: true}
	}
	return r, nil
}
