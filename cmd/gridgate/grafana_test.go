package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	kafkago "github.com/segmentio/kafka-go"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
	"gridgate/cmd/gridgate/internal/grafana"
)

// grafanaFiles are the dashboards, and what Grafana is provisioned with.
var grafanaFiles = os.DirFS("../../deploy/grafana")

const (
	grafanaSource = "gridgate" // the data source's UID
	// The readings end some minutes before the test, so that whether a station
	// is silent does not change in its course.
	quiet   = 3 * time.Minute
	feeding = time.Hour
	every   = 10 * time.Second
)

// A grafanaDemo is a gateway over an archive and readings of the last hours,
// with a user for Grafana, and the time range of all dashboards.
type grafanaDemo struct {
	*Gateway
	archive    string
	readings   []kafkago.Message
	dashboards map[string]grafana.Dashboard // by the file's name without suffix
	grafana.Range
}

func startGrafanaDemo(t *testing.T) *grafanaDemo {
	t.Helper()
	d := &grafanaDemo{archive: t.TempDir(), dashboards: map[string]grafana.Dashboard{}}
	now := time.Now().Truncate(time.Second)
	if _, err := demo.Write(t.Context(), d.archive, demo.Options{Now: now, Days: 3}); err != nil {
		t.Fatal(err)
	}
	c := servingConfig(config.Text{Location: d.archive})
	c.Server.Users = []config.User{{Name: "grafana", Password: "secret", Databases: []string{config.Database}}}
	d.Gateway = startGateway(t, c)
	source := demo.NewFeed(demo.FeedStations, 7)
	records := []string{"nonsense 1", "nonsense 2"}
	for at := now.Add(-quiet - feeding); at.Before(now.Add(-quiet)); at = at.Add(every) {
		for _, m := range source.Some(demo.FeedStations, 0, at) {
			d.readings = append(d.readings, m)
			records = append(records, string(m.Value))
		}
	}
	feed(t, d.Gateway, records...)
	d.Range = grafana.Range{From: now.Add(-6 * time.Hour), To: time.Now().Add(2 * time.Second).Truncate(time.Second), Interval: 30 * time.Second}
	files, err := fs.Glob(grafanaFiles, "dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	for _, f := range files {
		if d.dashboards[strings.TrimSuffix(path.Base(f), ".json")], err = grafana.ReadDashboard(grafanaFiles, f, grafanaSource); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// client connects as Grafana's data source does: in the text protocol, with
// times parsed as UTC's, and the session's zone set where the data source has
// one.
func (d *grafanaDemo) client(t *testing.T, zone string, settings map[string]string) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = "grafana", "secret", "tcp", d.Info().Addr.String(), config.Database
	c.Collation, c.ParseTime, c.Loc = "utf8mb4_unicode_ci", true, time.UTC
	c.Params = map[string]string{}
	if zone != "" {
		c.Params["time_zone"] = "'" + zone + "'"
	}
	for name, value := range settings {
		c.Params[name] = value
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// A sentStatement is a statement as it is sent.
type sentStatement struct {
	grafana.Statement
	name string // unique
	sql  string
}

// sent are the statements of a dashboard: first those of its variables, all of
// whose values are chosen, then the others, a repeated panel's once for each
// value.
func (d *grafanaDemo) sent(t *testing.T, db *sql.DB, file string) []sentStatement {
	t.Helper()
	board := d.dashboards[file]
	chosen := grafana.Variables{}
	for name, v := range board.Texts {
		chosen[name] = v
	}
	var out []sentStatement
	add := func(s grafana.Statement, with grafana.Variables, detail string) sentStatement {
		text, err := with.Put(s.SQL, d.Range)
		if err == nil {
			text, _, err = d.Expand(text)
		}
		if err != nil {
			t.Fatalf("%s, %s: %v", file, s.Title, err)
		}
		out = append(out, sentStatement{s, fmt.Sprintf("%s: %s %q%s", file, s.Use, s.Title, detail), text})
		return out[len(out)-1]
	}
	for _, v := range board.Variables {
		s := add(v.Statement, chosen, "")
		a, err := askAs(t.Context(), db, s.sql)
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.name, err, s.sql)
		}
		var values []string
		for _, row := range a.rows {
			values = append(values, row[len(row)-1].String)
		}
		chosen[v.Name] = grafana.Variable{Values: values, Multi: v.Multi}
	}
	for _, s := range board.Statements {
		if s.Repeat == "" {
			add(s, chosen, "")
			continue
		}
		if len(chosen[s.Repeat].Values) == 0 {
			t.Fatalf("%s, %s: repeated by %s, which has no values", file, s.Title, s.Repeat)
		}
		for _, value := range chosen[s.Repeat].Values {
			add(s, chosen.With(s.Repeat, value), " "+value)
		}
	}
	return out
}

// all are the statements of all dashboards and of the alert rules.
func (d *grafanaDemo) all(t *testing.T, db *sql.DB) []sentStatement {
	t.Helper()
	var out []sentStatement
	for _, file := range d.files() {
		out = append(out, d.sent(t, db, file)...)
	}
	return append(out, d.alerts(t)...)
}

func (d *grafanaDemo) files() []string {
	var out []string
	for f := range d.dashboards {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

func (d *grafanaDemo) alerts(t *testing.T) []sentStatement {
	t.Helper()
	alerts, err := grafana.ReadAlerts(grafanaFiles, "provisioning/alerting/gridgate.yaml", grafanaSource)
	if err != nil || len(alerts) == 0 {
		t.Fatalf("%d alerts, %v", len(alerts), err)
	}
	var out []sentStatement
	for _, s := range alerts {
		text, _, err := d.Expand(s.SQL) // the browser has no hand in it
		if err != nil {
			t.Fatalf("%s: %v", s.Title, err)
		}
		out = append(out, sentStatement{s, fmt.Sprintf("%s %q", s.Use, s.Title), text})
	}
	return out
}

// An answer is a result as Grafana gets it.
type answer struct {
	columns, types []string
	rows           [][]sql.NullString
}

// askAs asks without a test to fail, for goroutines.
func askAs(ctx context.Context, db *sql.DB, query string) (answer, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return answer{}, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return answer{}, err
	}
	var a answer
	for _, c := range types {
		a.columns, a.types = append(a.columns, c.Name()), append(a.types, c.DatabaseTypeName())
	}
	for rows.Next() {
		row, to := make([]sql.NullString, len(types)), make([]any, len(types))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return answer{}, err
		}
		a.rows = append(a.rows, row)
	}
	return a, rows.Err()
}

// numeric are the types of which Grafana makes numbers. What it does not know,
// such as UNSIGNED BIGINT, it takes for text.
var numeric = []string{"DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INT", "SMALLINT", "TINYINT", "YEAR"}

var textual = []string{"CHAR", "VARCHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT"}

// check reports what Grafana could not use, or would show wrongly.
func (a answer) check(s grafana.Statement, r grafana.Range) error {
	at := map[string]int{}
	var numbers, texts, times []int
	for i, name := range a.columns {
		if _, ok := at[name]; ok {
			return fmt.Errorf("two columns are called %s", name)
		}
		at[name] = i
		switch {
		case name == "time" || name == "time_sec":
			times = append(times, i)
			if !slices.Contains(numeric, a.types[i]) {
				// Of a TIMESTAMP the text is in the session's zone, and Grafana reads it as UTC's.
				return fmt.Errorf("the time is %s, and not the number that is right in every zone", a.types[i])
			}
		case slices.Contains(numeric, a.types[i]):
			numbers = append(numbers, i)
		case slices.Contains(textual, a.types[i]):
			texts = append(texts, i)
		default:
			return fmt.Errorf("column %s is %s", name, a.types[i])
		}
	}
	if len(a.rows) == 0 {
		return fmt.Errorf("no rows")
	}
	if len(times) > 1 || len(times) == 0 && (s.Format == grafana.TimeSeries || s.Use == grafana.ForAnnotation) {
		return fmt.Errorf("%d columns of the time: %q", len(times), a.columns)
	}
	if err := a.checkTimes(times, r, s.Format == grafana.TimeSeries); err != nil {
		return err
	}
	labels := map[string]bool{}
	for n, row := range a.rows {
		var label []string
		for _, i := range slices.Concat(times, texts) {
			label = append(label, row[i].String)
		}
		l := strings.Join(label, "\x00")
		if labels[l] && (s.Format == grafana.TimeSeries || s.Use == grafana.ForAlert || s.Use == grafana.ForVariable) {
			return fmt.Errorf("row %d is of the same series and time as another", n)
		}
		labels[l] = true
	}
	switch _, hasText := at["__text"]; {
	case s.Use == grafana.ForVariable:
		if _, hasValue := at["__value"]; len(a.columns) != 1 && (len(a.columns) != 2 || !hasText || !hasValue || at["__value"] != 1) {
			return fmt.Errorf("a variable of %q", a.columns)
		}
	case s.Use == grafana.ForAnnotation:
		if i, ok := at["text"]; !ok || !slices.Contains(texts, i) || s.Format != grafana.Table {
			return fmt.Errorf("an annotation without a text: %q", a.columns)
		}
	case s.Use == grafana.ForAlert && s.Format == grafana.Table:
		if len(numbers) != 1 {
			return fmt.Errorf("an alert on a table with %d numbers", len(numbers))
		}
	case s.Format == grafana.TimeSeries:
		if i, ok := at["metric"]; len(numbers) == 0 || len(texts) > 1 || len(texts) == 1 && (!ok || texts[0] != i) {
			return fmt.Errorf("a series of %q, which are %q", a.columns, a.types)
		}
	}
	return nil
}

// checkTimes reports a time that is NULL or out of the range, or out of order
// where there has to be one. A day's time is its begin.
func (a answer) checkTimes(times []int, r grafana.Range, ordered bool) error {
	last := time.Time{}
	for n, row := range a.rows {
		for _, i := range times {
			v, err := strconv.ParseFloat(row[i].String, 64)
			if err != nil {
				return fmt.Errorf("row %d: the time is %v: %w", n, row[i], err)
			}
			t := grafana.Epoch(v)
			if t.Before(r.From.Truncate(24*time.Hour)) || t.After(r.To) {
				return fmt.Errorf("row %d: the time %v is not in the range %v to %v", n, t, r.From, r.To)
			}
			if ordered && t.Before(last) {
				return fmt.Errorf("row %d: %v after %v", n, t, last)
			}
			last = t
		}
	}
	return nil
}

// TestGrafana sends every statement of deploy/grafana in sessions of two time
// zones, as Grafana would: the rows have the form that Grafana wants, they are
// there, and they are the same in both zones and without any pushdown.
func TestGrafana(t *testing.T) {
	d := startGrafanaDemo(t)
	sessions := []struct {
		name string
		db   *sql.DB
	}{
		{"UTC", d.client(t, "+00:00", nil)},
		{"+02:00", d.client(t, "+02:00", nil)},
		{"Copenhagen", d.client(t, "Europe/Copenhagen", nil)},
		{"no zone of its own", d.client(t, "", nil)},
		{"without pushdown", d.client(t, "+02:00", map[string]string{"gridgate_pushdown": "'off'"})},
	}
	first := map[string]answer{}
	for _, in := range sessions {
		t.Run(in.name, func(t *testing.T) {
			if err := in.db.PingContext(t.Context()); err != nil { // Grafana's health check
				t.Fatal(err)
			}
			for _, s := range d.all(t, in.db) {
				got, err := askAs(t.Context(), in.db, s.sql)
				if err == nil {
					err = got.check(s.Statement, d.Range)
				}
				if err != nil {
					t.Errorf("%s: %v\n%s", s.name, err, s.sql)
					continue
				}
				want, ok := first[s.name]
				if !ok {
					first[s.name] = got
				} else if diff := difference(got, want); diff != "" {
					t.Errorf("%s: not as in the first session: %s\n%s", s.name, diff, s.sql)
				}
			}
		})
	}
	t.Run("values", func(t *testing.T) { d.checkValues(t, first) })
	t.Run("at once", func(t *testing.T) { d.checkAtOnce(t, first) })
}

// difference says how answers differ; numbers may by what sums of DOUBLE do.
func difference(got, want answer) string {
	if !slices.Equal(got.columns, want.columns) || !slices.Equal(got.types, want.types) || len(got.rows) != len(want.rows) {
		return fmt.Sprintf("%d rows of %q %q, not %d of %q %q", len(got.rows), got.columns, got.types, len(want.rows), want.columns, want.types)
	}
	for n := range got.rows {
		for i, g := range got.rows[n] {
			w := want.rows[n][i]
			if got.columns[i] == "age" || g == w {
				continue
			}
			gf, gerr := strconv.ParseFloat(g.String, 64)
			wf, werr := strconv.ParseFloat(w.String, 64)
			if got.types[i] != "DOUBLE" || gerr != nil || werr != nil || math.Abs(gf-wf) > 1e-9*math.Max(math.Abs(wf), 1) {
				return fmt.Sprintf("row %d, %s: %v, not %v", n, got.columns[i], g, w)
			}
		}
	}
	return ""
}

// checkValues compares series and totals with the records that were sent.
func (d *grafanaDemo) checkValues(t *testing.T, answers map[string]answer) {
	type key struct {
		at      int64
		station string
	}
	sum, n := map[key]float64{}, map[key]int{}
	last := map[string]float64{}
	for _, m := range d.readings {
		var outer struct {
			Payload   string
			CreatedAt float64 `json:"created_at"`
		}
		var inner struct {
			SensorID string `json:"sensor_id"`
			Value    float64
		}
		if err := json.Unmarshal(m.Value, &outer); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(outer.Payload), &inner); err != nil {
			t.Fatal(err)
		}
		k := key{int64(outer.CreatedAt) / 30 * 30, inner.SensorID}
		sum[k] += inner.Value
		n[k]++
		last[inner.SensorID] = inner.Value
	}
	average, count := answers[`readings: panel "Average by station"`], answers[`readings: panel "Readings in an interval"`]
	if len(average.rows) != len(n) || len(count.rows) != len(n) {
		t.Errorf("%d averages and %d counts of %d", len(average.rows), len(count.rows), len(n))
	}
	for _, a := range []struct {
		answer
		want func(key) float64
	}{
		{average, func(k key) float64 { return sum[k] / float64(n[k]) }},
		{count, func(k key) float64 { return float64(n[k]) }},
	} {
		for _, row := range a.rows {
			at, err := strconv.ParseInt(row[0].String, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			k := key{at, row[1].String}
			got, err := strconv.ParseFloat(row[2].String, 64)
			if want := a.want(k); err != nil || n[k] == 0 || math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s at %d: %v, %v, want %v", k.station, at, got, err, want)
			}
		}
	}
	latest := answers[`live: panel "Latest readings"`]
	if len(latest.rows) != len(last) {
		t.Errorf("%d latest readings of %d", len(latest.rows), len(last))
	}
	for _, row := range latest.rows {
		if got, err := strconv.ParseFloat(row[2].String, 64); err != nil || got != last[row[0].String] {
			t.Errorf("%v: %v, %v, want %v", row[0], got, err, last[row[0].String])
		}
	}
	for name, want := range map[string]string{
		`live: panel "Stations"`:            strconv.Itoa(demo.FeedStations),
		`live: panel "Silent for a minute"`: strconv.Itoa(demo.FeedStations),
		`ingest: panel "Records"`:           strconv.Itoa(2 * (len(d.readings) + 2)), // each store has read each record
		`ingest: panel "Waiting"`:           "0",
		`ingest: panel "Dead letters"`:      "4",
	} {
		if a := answers[name]; len(a.rows) != 1 || a.rows[0][0].String != want {
			t.Errorf("%s: %v, want %s", name, a.rows, want)
		}
	}
}

// checkAtOnce sends fifty panels at the same moment over as many connections
// as the data source may open.
func (d *grafanaDemo) checkAtOnce(t *testing.T, want map[string]answer) {
	source, err := grafana.ReadSource(grafanaFiles, "provisioning/datasources/gridgate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	db := d.client(t, source.Settings.Timezone, nil)
	db.SetMaxOpenConns(source.Settings.MaxOpenConns)
	db.SetMaxIdleConns(source.Settings.MaxIdleConns)
	statements := d.all(t, db)
	const panels = 50
	failures := make(chan string, panels)
	for i := range panels {
		go func() {
			s := statements[i%len(statements)]
			got, err := askAs(t.Context(), db, s.sql)
			if err != nil {
				failures <- fmt.Sprintf("%s: %v", s.name, err)
			} else {
				failures <- difference(got, want[s.name])
			}
		}()
	}
	for range panels {
		if f := <-failures; f != "" {
			t.Error(f)
		}
	}
	if open := db.Stats().OpenConnections; open > source.Settings.MaxOpenConns {
		t.Errorf("%d connections", open)
	}
}
