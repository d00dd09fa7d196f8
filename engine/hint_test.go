package engine_test

import "testing"

// TestZoneHint: a hint's time zone is the statement's, and the session's own is
// there again afterwards, also after an error, and rows that nobody has read.
func TestZoneHint(t *testing.T) {
	f := newFixture(t, memory())
	f.must("SET time_zone = 'Europe/Copenhagen'")
	zone := func(query string) string {
		rows, err := f.query(query)
		if err != nil {
			t.Fatal(err)
		}
		return rows[0][0]
	}
	for query, want := range map[string]string{
		"SELECT /*+ SET_VAR(time_zone = '-05:00') */ @@time_zone":                       "-05:00",
		"SELECT /*+ SET_VAR(sort_buffer_size=1) set_var( TIME_ZONE=utc) */ @@time_zone": "UTC",
		`SELECT /*+ SET_VAR(time_zone="+2:00") */ @@time_zone UNION SELECT 'x'`:         "+02:00",
		"(SELECT /*+ SET_VAR(time_zone='SYSTEM') */ @@time_zone) UNION SELECT 'x'":      "SYSTEM",
		"SELECT /*+ SET_VAR(time_zone='+02:00') */ HOUR(ts) FROM readings LIMIT 1":      "12",
		"SELECT /*+ SET_VAR(time_zone='Nowhere') */ @@time_zone":                        "Europe/Copenhagen",
		"SELECT /* SET_VAR(time_zone='-05:00') */ @@time_zone":                          "Europe/Copenhagen",
	} {
		if got := zone(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
		if got := zone("SELECT @@time_zone"); got != "Europe/Copenhagen" {
			t.Errorf("after %s the zone is %s", query, got)
		}
	}
	if _, err := f.query("SELECT /*+ SET_VAR(time_zone='-05:00') */ nothing FROM readings"); err == nil {
		t.Error("no error")
	}
	if got := zone("SELECT @@time_zone"); got != "Europe/Copenhagen" {
		t.Errorf("after an error the zone is %s", got)
	}
}
