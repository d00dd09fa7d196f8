package redis

import "gridgate/tables"

var _ tables.Estimator = (*plan)(nil)

// Estimate is roughly how many readings the query asks Redis for: what Rows
// guesses, or the named stations' share of it. It is unknown where the argument
// that names them is missing.
func (p *plan) Estimate(args tables.Args) tables.Estimate {
	e := tables.Estimate{Rows: -1, Bytes: -1}
	perStation := int64(assumedKinds)
	if p.table == recent {
		perStation = assumedRecent
	}
	switch {
	case p.stations.Any():
		stations, err := p.stations.Values(args)
		if err != nil {
			return e
		}
		if p.table == latest && p.kinds.Any() {
			if kinds, err := p.kinds.Values(args); err == nil {
				perStation = int64(len(kinds))
			}
		}
		e.Rows = int64(len(stations)) * perStation
	default:
		stations := p.store.stations.Load()
		if stations == 0 {
			stations = assumedStations
		}
		e.Rows = stations * perStation
		e.Hint = "a condition on station would make it read less"
	}
	if top, limited := p.query.Top(); limited && !p.times.Any() && !p.kinds.Any() {
		e.Rows = min(e.Rows, top)
	}
	return e
}
