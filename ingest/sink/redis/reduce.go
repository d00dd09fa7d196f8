package redis

import (
	"fmt"
	"slices"
	"time"

	"gridgate/ingest"
	layout "gridgate/tables/redis"
)

// stationReadings is what a batch has for one station.
type stationReadings struct {
	name   string
	latest map[string]reading // by kind
	recent []reading          // the newest, each identity once
}

type reading struct {
	id    string
	entry *layout.Entry
}

// reduce leaves of a batch what matters: of each (station, kind) the newest, and
// of each station as many recent ones as are kept.
func (s *Sink) reduce(batch []ingest.Reading) ([]*stationReadings, ingest.Written) {
	var written ingest.Written
	var stations []*stationReadings
	byName := map[string]*stationReadings{}
	future := s.config.Now().Add(s.config.MaxFuture).UnixMicro()
	for i := range batch {
		r := &batch[i]
		switch {
		case r.Station == "":
			written.Skipped, written.SkippedBecause = written.Skipped+1, "it has no station"
			continue
		case r.Timed == ingest.TimeMissing:
			written.Skipped, written.SkippedBecause = written.Skipped+1, "it has no time that can be read"
			continue
		case r.Timed == ingest.TimeOutOfRange:
			written.Rejected = append(written.Rejected, ingest.Rejected{Index: i, Why: "its time is out of the range of TIMESTAMP, so it can't be the latest reading"})
			continue
		case r.TS > future:
			written.Rejected = append(written.Rejected, ingest.Rejected{Index: i, Why: fmt.Sprintf(
				"its time, %s, is more than %v in the future, so it can't be the latest reading", time.UnixMicro(r.TS).UTC().Format(time.RFC3339Nano), s.config.MaxFuture)})
			continue
		}
		st := byName[r.Station]
		if st == nil {
			st = &stationReadings{name: r.Station, latest: map[string]reading{}}
			byName[r.Station] = st
			stations = append(stations, st)
		}
		this := reading{r.ID, entryOf(r)}
		if old, ok := st.latest[r.Kind]; !ok || this.entry.Newer(old.entry) {
			st.latest[r.Kind] = this
		}
		st.recent = append(st.recent, this)
	}
	for _, st := range stations {
		st.recent = newest(st.recent, s.config.Recent)
	}
	return stations, written
}

func entryOf(r *ingest.Reading) *layout.Entry {
	return &layout.Entry{
		TS: r.TS, Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Kind: r.Kind, Value: r.Value, HasValue: r.HasValue,
		Unit: r.Unit, IngestedAt: r.IngestedAt, Doc: r.Doc,
	}
}

// newest keeps the n newest readings. Of an event that came in several versions
// the newest counts, as in the script.
func newest(all []reading, n int) []reading {
	at := make(map[string]int, len(all))
	events := all[:0]
	for _, r := range all {
		i, again := at[r.id]
		switch {
		case !again:
			at[r.id] = len(events)
			events = append(events, r)
		case r.entry.Newer(events[i].entry):
			events[i] = r
		}
	}
	slices.SortFunc(events, func(a, b reading) int { return b.entry.Compare(a.entry) })
	return events[:min(n, len(events))]
}
