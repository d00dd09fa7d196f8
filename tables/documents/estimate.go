package documents

import (
	"math"
	"slices"
	"sort"

	"github.com/tidwall/btree"

	"gridgate/tables"
)

var _ tables.Estimator = (*plan)(nil)

// Estimate is how many documents Open's walk would look at: the listed ones, those
// of the stations in the range of time, or all. It is unknown where the argument
// that says which is missing.
func (p *plan) Estimate(args tables.Args) tables.Estimate {
	e := tables.Estimate{Rows: -1, Bytes: -1}
	switch {
	case p.ids.Any():
		if ids, err := p.ids.Values(args); err == nil {
			e.Rows = int64(len(ids))
		}
	case p.stations.Any():
		if !p.times.Any() {
			e.Hint = "a range of ts would make it read less"
		}
		stations, err := p.stations.Values(args)
		if err != nil {
			break
		}
		least, greatest, err := p.times.Bounds(args)
		if err != nil {
			break
		}
		stations = slices.DeleteFunc(stations, func(s string) bool { return s == "" })
		e.Rows = count(p.store.at(), stations, least, greatest)
	default:
		e.Rows = int64(p.all)
		e.Hint = "a condition on station, and a range of ts, would make it read less"
		if top, limited := p.query.Top(); limited && !p.times.Any() {
			e.Rows = min(e.Rows, top)
		}
	}
	return e
}

// countedStations is of how many stations the documents are counted; the others
// are taken to have as many on average.
const countedStations = 64

// count is how many documents of the stations lie in [least, greatest].
func count(tree *btree.BTreeG[*Document], stations []string, least, greatest int64) int64 {
	if least > greatest {
		return 0
	}
	counted := stations[:min(len(stations), countedStations)]
	n := 0
	for _, s := range counted {
		end := &Document{Station: s + "\x00", TS: math.MinInt64} // the next station there may be
		if greatest < math.MaxInt64 {
			end = &Document{Station: s, TS: greatest + 1}
		}
		n += rank(tree, end) - rank(tree, &Document{Station: s, TS: least})
	}
	if len(counted) == 0 {
		return 0
	}
	return int64(n) * int64(len(stations)) / int64(len(counted))
}

// rank is how many documents stand before d. The tree counts its nodes' items.
func rank(tree *btree.BTreeG[*Document], d *Document) int {
	return sort.Search(tree.Len(), func(i int) bool {
		at, _ := tree.GetAt(i)
		return !before(at, d)
	})
}
