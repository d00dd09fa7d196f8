package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gridgate/cmd/gridgate/internal/config"
)

// TestSessionZone asks a whole gateway in a session of Copenhagen's, in both
// protocols and with arguments, which are the session's wall clock's times.
func TestSessionZone(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	feed(t, g,
		`{"event_id": "a", "station": "DK1", "time": "2026-10-25T00:30:00Z", "value": 1}`,
		`{"event_id": "b", "station": "DK1", "time": "2026-10-25T01:30:00.25Z", "value": 2}`,
		`{"event_id": "c", "station": "DK1", "time": "2026-10-25T22:59:59Z", "value": 3}`)
	conn, err := connect(t, g).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "SET SESSION time_zone = 'europe/copenhagen'"); err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		sql  string
		args []any
		want []string
	}{
		{"SELECT _id, ts FROM readings WHERE station = 'DK1' AND ts >= '2026-10-25' AND ts < '2026-10-26'", nil,
			[]string{"a|2026-10-25 02:30:00.000", "b|2026-10-25 02:30:00.250", "c|2026-10-25 23:59:59.000"}},
		{"SELECT _id, ts FROM readings WHERE station = ? AND ts >= ? AND ts < ?", []any{"DK1", "2026-10-25", "2026-10-26"},
			[]string{"a|2026-10-25 02:30:00.000", "b|2026-10-25 02:30:00.250", "c|2026-10-25 23:59:59.000"}},
		// The driver sends a time.Time as its own wall clock (loc=UTC) shows it.
		{"SELECT _id, HOUR(ts) FROM readings WHERE ts > ?", []any{time.Date(2026, 10, 25, 3, 0, 0, 0, time.UTC)}, []string{"c|23"}},
		{"SELECT kind, ts FROM latest_readings WHERE station = ?", []any{"DK1"}, []string{"|2026-10-25 23:59:59.000"}},
		{"SELECT DATE_FORMAT(ts, '%H') AS hour, COUNT(*) FROM readings WHERE station = ? GROUP BY hour ORDER BY hour", []any{"DK1"},
			[]string{"02|2", "23|1"}},
		{"SELECT UNIX_TIMESTAMP(ts), FROM_UNIXTIME(?) FROM readings WHERE _id = 'b'", []any{1792891800},
			[]string{"1792891800.250|2026-10-25 02:30:00"}},
	} {
		rows, err := conn.QueryContext(t.Context(), q.sql, q.args...)
		if err != nil {
			t.Errorf("%s: %v", q.sql, err)
			continue
		}
		var got []string
		for _, r := range readAll(t, rows) {
			got = append(got, strings.Join(r, "|"))
		}
		slices.Sort(got)
		if !slices.Equal(got, q.want) {
			t.Errorf("%s\ngot  %q\nwant %q", q.sql, got, q.want)
		}
	}
}
