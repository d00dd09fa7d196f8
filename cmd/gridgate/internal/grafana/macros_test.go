package grafana

import (
	"testing"
	"time"
)

var hour = Range{From: time.Unix(1787184000, 999e6), To: time.Unix(1787187600, 0), Interval: 30 * time.Second}

func TestMacros(t *testing.T) {
	for in, want := range map[string]string{
		"$__time(ts)":                            "UNIX_TIMESTAMP(ts) as time_sec",
		"$__timeEpoch(ts)":                       "UNIX_TIMESTAMP(ts) as time_sec",
		"$__timeFilter(ts)":                      "ts BETWEEN FROM_UNIXTIME(1787184000) AND FROM_UNIXTIME(1787187600)",
		"ts > $__timeFrom()":                     "ts > FROM_UNIXTIME(1787184000)",
		"ts < $__timeTo()":                       "ts < FROM_UNIXTIME(1787187600)",
		"$__timeGroup(ts, '5m')":                 "UNIX_TIMESTAMP(ts) DIV 300 * 300",
		"$__timeGroup(ts,1h)":                    "UNIX_TIMESTAMP(ts) DIV 3600 * 3600",
		`$__timeGroup(ts,"1d", previous)`:        "UNIX_TIMESTAMP(ts) DIV 86400 * 86400",
		"$__timeGroupAlias(ts,$__interval,NULL)": `UNIX_TIMESTAMP(ts) DIV 30 * 30 AS "time"`,
		"$__unixEpochFilter(epoch)":              "epoch >= 1787184000 AND epoch <= 1787187600",
		"$__unixEpochFrom()..$__unixEpochTo()":   "1787184000..1787187600",
		"$__unixEpochNanoFilter(n)":              "n >= 1787184000999000000 AND n <= 1787187600000000000",
		"$__unixEpochNanoFrom()":                 "1787184000999000000",
		"$__unixEpochGroup(epoch,'2w',0)":        "epoch DIV 1209600 * 1209600",
		"$__unixEpochGroupAlias(epoch,'5m')":     `epoch DIV 300 * 300 AS "time"`,
		"$__interval $__interval_ms":             "30s 30000",
		// The argument ends at the first closing parenthesis.
		"$__timeFilter(DATE(ts))": "DATE(ts BETWEEN FROM_UNIXTIME(1787184000) AND FROM_UNIXTIME(1787187600))",
		"no macro, $1":            "no macro, $1",
	} {
		got, _, err := hour.Expand(in)
		if err != nil || got != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestARangeBefore1970(t *testing.T) {
	r := Range{From: time.Unix(-315619200, 0), To: time.Unix(1787187600, 0)}
	got, _, err := r.Expand("$__timeFilter(ts)")
	const want = "ts BETWEEN DATE_ADD(FROM_UNIXTIME(0), INTERVAL -315619200 SECOND) AND FROM_UNIXTIME(1787187600)"
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestFills(t *testing.T) {
	for in, want := range map[string]Fill{
		"$__timeGroup(ts,'5m')":             {},
		"$__timeGroup(ts,'5m',NULL)":        {FillNull, 0, 5 * time.Minute},
		"$__timeGroupAlias(ts,1h,previous)": {FillPrevious, 0, time.Hour},
		"$__unixEpochGroup(n,'1m', 1.5)":    {FillValue, 1.5, time.Minute},
	} {
		if _, got, err := hour.Expand(in); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
}

func TestWhatGrafanaRefuses(t *testing.T) {
	for _, in := range []string{
		"$__nonsense(ts)", "$__timeGroup(ts)", "$__timeGroup(ts,'5 minutes')", "$__timeGroup(ts,'100ms')", "$__timeGroup(ts,'5m',none)",
		"SHOW  GRANTS", "SELECT current_user()", "select 1,USER()",
	} {
		if got, _, err := hour.Expand(in); err == nil {
			t.Errorf("%s: got %s", in, got)
		}
	}
}

func TestIntervalTexts(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1ms", 250 * time.Millisecond: "250ms", 90 * time.Second: "1m", 2 * time.Hour: "2h", 25 * time.Hour: "1d", 366 * day: "1y",
	} {
		if got := intervalText(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func TestVariables(t *testing.T) {
	v := Variables{
		"one": {Values: []string{"it's"}}, "some": {Values: []string{"a", "it's"}, Multi: true}, "single": {Values: []string{"7"}, Multi: true},
	}
	for in, want := range map[string]string{
		"'$one'": "'it''s'", "${one}": "it''s", "[[one]]": "it''s", "${one:sqlstring}": "'it''s'", "${one:raw}": "it's",
		"IN ($some)": "IN ('a','it''s')", "${some:sqlstring}": "'a','it''s'", "${some:csv}": "a,it's", "[[some:csv]]": "a,it's",
		"$single": "'7'", "${single:csv}": "7",
		"$someone $__timeFilter(ts)": "$someone $__timeFilter(ts)",
		"$__from ${__to}":            "1787184000999 1787187600000",
		"'${__from:date:iso}'":       "'2026-08-20T00:00:00.999Z'", "${__to:date}": "2026-08-20T01:00:00.000Z", "${__from:date:seconds}": "1787184000",
		"$__interval/$__interval_ms": "30s/30000",
	} {
		if got, err := v.Put(in, hour); err != nil || got != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", in, got, err, want)
		}
	}
	if got, err := v.Put("${one:nonsense}", hour); err == nil {
		t.Errorf("got %s", got)
	}
	if got, err := v.With("some", "b").Put("$some $one", hour); err != nil || got != "'b' it''s" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestEpochs(t *testing.T) {
	want := time.Unix(1787184000, 0).UTC()
	for _, n := range []float64{1787184000, 1787184000000, 1787184000000000000} {
		if got := Epoch(n); !got.Equal(want) {
			t.Errorf("%v: got %v", n, got)
		}
	}
	if got := Epoch(1787184000.25); !got.Equal(want.Add(250 * time.Millisecond)) {
		t.Errorf("got %v", got)
	}
}
