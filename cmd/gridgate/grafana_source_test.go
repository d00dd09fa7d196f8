package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"gridgate/cmd/gridgate/internal/grafana"
)

// TestGrafanaBuilder sends what the query editor of Grafana asks for its lists,
// and what it builds from them. It knows column types by these names only.
func TestGrafanaBuilder(t *testing.T) {
	d := startGrafanaDemo(t)
	db := d.client(t, "+00:00", nil)
	numbers, texts := "double float int bigint", "text tinytext mediumtext longtext varchar char"
	for _, q := range []struct {
		name, sql string
		want      []string
	}{
		{"data sets", "SELECT DISTINCT TABLE_SCHEMA from information_schema.TABLES where TABLE_TYPE != 'SYSTEM VIEW' ORDER BY TABLE_SCHEMA", []string{"grid"}},
		{"tables of a data set", "SELECT table_name FROM information_schema.tables WHERE table_schema = 'grid' ORDER BY table_name",
			[]string{"dead_letters", "ingest_status", "latest_readings", "readings", "recent_readings", "text_lines", "words"}},
		{"tables of the data source's", "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY table_name",
			[]string{"dead_letters", "ingest_status", "latest_readings", "readings", "recent_readings", "text_lines", "words"}},
		{"columns", "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'grid' AND table_name = 'readings' ORDER BY column_name",
			[]string{"_doc|json", "_id|varchar", "ingested_at|timestamp", "kind|varchar", "station|varchar", "ts|timestamp", "unit|varchar", "value|double"}},
		{"columns of a time", "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = database() AND table_name = 'readings'" +
			" AND data_type IN ('timestamp','datetime','bigint','int','double','float') ORDER BY column_name",
			[]string{"ingested_at|timestamp", "ts|timestamp", "value|double"}},
		{"what is there of all types", "SELECT DISTINCT data_type FROM information_schema.columns WHERE table_schema = 'grid' AND data_type NOT IN ('" +
			strings.ReplaceAll(numbers+" "+texts+" timestamp", " ", "','") + "') ORDER BY data_type", []string{"json"}},
		{"built: a table", "SELECT AVG(value), `station` FROM grid.readings GROUP BY `station` LIMIT 2 ", nil},
		{"built: a table of all", "SELECT * FROM grid.text_lines LIMIT 50 ", nil},
		{"built: conditions", "SELECT word FROM grid.words WHERE (pos >= 2 AND word LIKE 'a%') LIMIT 5 ", nil},
		{"built: sorted", "SELECT COUNT(word) AS \"n\", dt FROM grid.words WHERE word = 'mw' GROUP BY dt ORDER BY dt ASC LIMIT 50 ", nil},
		{"built: functions of its own", "SELECT STDDEV(value), VARIANCE(value), kind FROM grid.readings GROUP BY kind LIMIT 50 ", nil},
	} {
		got := rowsOf(t, db, q.sql)
		slices.Sort(got) // where _ stands among letters is the collation's, and nothing to Grafana
		if q.want == nil && len(got) == 0 || q.want != nil && !slices.Equal(got, q.want) {
			t.Errorf("%s\ngot  %q\nwant %q", q.sql, got, q.want)
		}
	}
}

// TestGrafanaMacros sends each macro of the MySQL data source, those too that no
// dashboard of ours uses. The range holds all readings.
func TestGrafanaMacros(t *testing.T) {
	d := startGrafanaDemo(t)
	const epochs = " FROM (SELECT UNIX_TIMESTAMP(ts) AS epoch, FLOOR(UNIX_TIMESTAMP(ts)) * 1000000000 AS nano, station, value FROM readings) AS e"
	all := []string{fmt.Sprint(len(d.readings))}
	before1970 := d.Range
	before1970.From = time.Unix(-315619200, 0)
	for _, zone := range []string{"+00:00", "+02:00"} {
		db := d.client(t, zone, nil)
		for _, q := range []struct {
			sql  string
			in   grafana.Range
			want []string // nil: any row
		}{
			{"SELECT COUNT(*) FROM readings WHERE $__timeFilter(ts)", d.Range, all},
			{"SELECT COUNT(*) FROM readings WHERE $__timeFilter(ts)", before1970, all},
			{"SELECT COUNT(*) FROM readings WHERE ts > $__timeFrom() AND ts < $__timeTo()", d.Range, all},
			{"SELECT COUNT(*) FROM readings WHERE UNIX_TIMESTAMP(ts) BETWEEN $__unixEpochFrom() AND $__unixEpochTo()", d.Range, all},
			{"SELECT COUNT(*)" + epochs + " WHERE $__unixEpochFilter(epoch)", d.Range, all},
			{"SELECT COUNT(*)" + epochs + " WHERE $__unixEpochNanoFilter(nano)", d.Range, all},
			{"SELECT COUNT(*)" + epochs + " WHERE nano > $__unixEpochNanoFrom() AND nano < $__unixEpochNanoTo()", d.Range, all},
			{"SELECT SUM(n) FROM (SELECT $__unixEpochGroupAlias(epoch,'5m',0), COUNT(*) AS n" + epochs + " GROUP BY 1) AS g", d.Range, all},
			{"SELECT SUM(n) FROM (SELECT $__timeGroup(ts,'1d') AS time, COUNT(*) AS n FROM readings GROUP BY time) AS g", d.Range, all},
			{"SELECT SUM(n) FROM (SELECT $__timeGroup(ts,$__interval) AS time, COUNT(*) AS n FROM readings GROUP BY $__timeGroup(ts,$__interval)) AS g", d.Range, all},
			{"SELECT $__time(ts), value FROM readings WHERE station = 'Anholt' ORDER BY ts LIMIT 1", d.Range, nil},
			{"SELECT $__timeEpoch(ts), value FROM readings WHERE station = 'Anholt' ORDER BY time_sec LIMIT 1", d.Range, nil},
			{"SELECT $__unixEpochGroup(epoch,$__interval) AS time, station AS metric, AVG(value) AS value" + epochs + " GROUP BY 1, 2 ORDER BY 1", d.Range, nil},
			{"SELECT $__interval_ms", d.Range, []string{"30000"}},
		} {
			text, _, err := q.in.Expand(q.sql)
			if err != nil {
				t.Fatal(err)
			}
			if got := rowsOf(t, db, text); q.want == nil && len(got) == 0 || q.want != nil && !slices.Equal(got, q.want) {
				t.Errorf("%s, %s: got %q, want %q", zone, text, got, q.want)
			}
		}
	}
}

// TestGrafanaTimeout ends a panel's statement as Grafana does, by closing its
// socket: the statement stops, and the data source goes on.
func TestGrafanaTimeout(t *testing.T) {
	d := startGrafanaDemo(t)
	db := d.client(t, "+00:00", nil)
	sql, _, err := d.Expand("SELECT $__timeGroupAlias(r.ts,$__interval), COUNT(*) AS n FROM readings AS r" +
		" JOIN words AS a ON a.pos > r.value JOIN words AS b ON b.pos <> a.pos WHERE $__timeFilter(r.ts) GROUP BY 1 ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	watch := d.client(t, "", nil)
	running := func() bool {
		return slices.ContainsFunc(rowsOf(t, watch, "SELECT info FROM information_schema.processlist WHERE info IS NOT NULL"), func(p string) bool { return strings.Contains(p, "JOIN words AS a") })
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := askAs(ctx, db, sql)
		ended <- err
	}()
	eventually(t, "the statement runs", running)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the statement's end: %v", err)
	}
	within(t, 2*time.Second, "stopping", func() { eventually(t, "the statement has stopped", func() bool { return !running() }) })
	if got := rowsOf(t, db, "SELECT 1"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("afterwards: %q", got)
	}
}

// TestGrafanaFiles holds what the files of deploy/grafana say of each other.
func TestGrafanaFiles(t *testing.T) {
	source, err := grafana.ReadSource(grafanaFiles, "provisioning/datasources/gridgate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := source.Settings
	if source.Type != "mysql" || source.UID != grafanaSource || s.Database != "grid" || s.Timezone != "+00:00" || s.MaxOpenConns <= 0 || s.MaxIdleConns > s.MaxOpenConns {
		t.Errorf("the data source: %+v", source)
	}
	content, err := os.ReadFile("../../deploy/grafana/provisioning/dashboards/gridgate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var provider struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type string
			Options    struct{ Path string }
		}
	}
	if err := yaml.Unmarshal(content, &provider); err != nil || provider.APIVersion != 1 || len(provider.Providers) != 1 ||
		provider.Providers[0].Type != "file" || !path.IsAbs(provider.Providers[0].Options.Path) {
		t.Errorf("the dashboards' provider: %+v, %v", provider, err)
	}
	files, err := os.ReadDir("../../deploy/grafana/dashboards")
	if err != nil {
		t.Fatal(err)
	}
	uids := map[string]bool{}
	for _, f := range files {
		d, err := grafana.ReadDashboard(grafanaFiles, "dashboards/"+f.Name(), grafanaSource)
		if err != nil {
			t.Error(err)
			continue
		}
		// 38 is Grafana 10.0's; newer ones bring it up to theirs, older ones would not know it.
		if d.SchemaVersion != 38 || d.UID != "gridgate-"+strings.TrimSuffix(f.Name(), ".json") || uids[d.UID] || d.Title == "" || len(d.Statements) == 0 {
			t.Errorf("%s: %+v", f.Name(), d)
		}
		uids[d.UID] = true
	}
}
