package main

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine/difftest"
)

// liveChecks is how many statements are generated over the tables that Kafka
// feeds.
const liveChecks = "1000"

var (
	stations = []string{"'DK1'", "'dk1'", "'Ø}{'", "'DK1 '", "'nobody'", "''"}
	times    = []string{
		"'2026-01-01 10:00:01.25'", "'2026-01-01 12:00:01.25'", "'2026-01-01 12:00:03.75'", "'2026-01-01 10:00:02'", "'2026-01-01'", "TIMESTAMP '2026-01-01 10:00:05.000'",
		"FROM_UNIXTIME(1767261602)", "'2026-01-01T10:00:03.750000'", "'2038-01-19 03:14:07'",
		"'2026-03-29 02:30:00'", "'2026-10-25 02:30:00'", "FROM_UNIXTIME(1792891800)", "DATE '2026-10-25'", "'2026-10-25 01:30:00+00:00'",
	}
	ofReading = []difftest.Column{
		{Name: "station", Type: difftest.Text, Literals: stations, Key: true},
		{Name: "ts", Type: difftest.Time, Literals: times, Key: true},
		{Name: "kind", Type: difftest.Text, Literals: []string{"'power'", "''", "'Power'"}, Key: true},
		{Name: "value", Type: difftest.Double, Literals: []string{"0.25", "-0.5", "1", "0", "1e300", "0.0", "5e-324"}},
		{Name: "unit", Type: difftest.Text, Literals: []string{"'MW'", "'kV'"}},
		{Name: "_doc", Type: difftest.JSON, Literals: stations},
	}
	// age_seconds, ingested_at and updated_at are of their moment, and left out.
	liveTables = difftest.Generator{Tables: []difftest.Table{
		{Name: "readings", More: true, Columns: append([]difftest.Column{
			{Name: "_id", Type: difftest.Text, Literals: []string{"'e1'", "'e10'", "'e'"}, Key: true},
		}, ofReading...)},
		{Name: "latest_readings", More: true, Columns: ofReading},
		{Name: "recent_readings", More: true, Columns: ofReading},
		{Name: "dead_letters", More: true, Columns: []difftest.Column{
			{Name: "store", Type: difftest.Text, Literals: []string{"'documents'", "'latest'"}},
			{Name: "partition_offset", Literals: []string{"0", "3", "10"}},
			{Name: "record_value", Type: difftest.Text, Literals: []string{"'nonsense 1'", "'nonsense 2'"}},
			{Name: "record_key", Type: difftest.Text, Literals: []string{"'k'"}},
		}},
		{Name: "ingest_status", More: true, Columns: []difftest.Column{
			{Name: "store", Type: difftest.Text, Literals: []string{"'documents'", "'latest'"}},
			{Name: "partition_id", Literals: []string{"0", "1", "3"}},
			{Name: "records", Literals: []string{"0", "5"}},
			{Name: "last_error", Type: difftest.Text, Literals: []string{"''"}},
		}},
		textTables.Tables[0],
	}}
)

// liveRecords are records of every kind: without a station, a value or a unit, at
// one time, in hours in which clocks change, and some that are none.
func liveRecords() []string {
	begin := time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC)
	var out []string
	for i := range 60 {
		r := fmt.Sprintf(`{"event_id": "e%d", "time": %q`, i, begin.Add(time.Duration(i/4)*1250*time.Millisecond).Format(time.RFC3339Nano))
		if i%7 != 6 {
			r += fmt.Sprintf(`, "station": %q`, []string{"DK1", "dk1", "Ø}{", "DK1 ", "DK2"}[i%5])
		}
		if i%5 != 4 {
			value := fmt.Sprint(float64(i%9-4) / 4)
			if i%10 == 3 { // at the edges of a DOUBLE
				value = []string{"-0.0", "1e300", "5e-324", "9007199254740993", "0.123456789"}[i/10%5]
			}
			r += `, "value": ` + value
		}
		r += fmt.Sprintf(`, "kind": %q`, []string{"power", "", "Power"}[i%3])
		if i%2 == 0 {
			r += `, "unit": "MW"`
		}
		out = append(out, r+"}")
		if i%20 == 0 {
			out = append(out, fmt.Sprintf("nonsense %d", i/20))
		}
	}
	for i := range 12 { // around 01:00 UTC, when European clocks change
		day := []string{"2026-03-29", "2026-10-25"}[i%2]
		out = append(out, fmt.Sprintf(`{"event_id": "c%d", "time": "%sT%02d:30:00Z", "station": "DK1", "kind": "clock", "value": %d}`, i, day, i/4, i))
	}
	return out
}

// TestLiveDifferential runs generated statements over the tables that Kafka
// feeds, and words, with pushdown on and off, in sessions in several time zones.
func TestLiveDifferential(t *testing.T) {
	fixedInCI(t)
	if err := flag.Set("rapid.checks", liveChecks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", "100") })
	g := startGateway(t, servingConfig(config.Text{Location: differentialArchive(t)}))
	feed(t, g, liveRecords()...)
	for _, zone := range []string{"UTC", "+02:00", "Europe/Copenhagen"} {
		t.Run(strings.ReplaceAll(zone, "/", " "), func(t *testing.T) {
			run := runner(t, connect(t, g), "SET time_zone = '"+zone+"'")
			difftest.Check(t, difftest.Config{Generator: liveTables, Run: run, Tolerance: 1e-9})
		})
	}
}
