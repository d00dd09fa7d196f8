package decode

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"gridgate/ingest"
	"gridgate/tables/jsontext"
)

var (
	now  = time.Date(2026, time.March, 1, 12, 0, 0, 499_500, time.UTC)
	sent = time.Date(2026, time.March, 1, 11, 59, 59, 0, time.UTC)
)

// TestDecode runs testdata/decode: a record, and the reading that it is, or why
// it is none. Directives:
//
//	fields FIELD=PLACE[,PLACE]...   maps fields from here on; without any: the usual names
//	record [key=KEY] [header=NAME:VALUE] [no-time]
func TestDecode(t *testing.T) {
	var d *Decoder
	datadriven.RunTest(t, "testdata/decode", func(t *testing.T, td *datadriven.TestData) string {
		if td.Cmd == "fields" || d == nil {
			var f Fields
			for _, a := range td.CmdArgs {
				*map[string]*[]string{"station": &f.Station, "ts": &f.TS, "kind": &f.Kind, "value": &f.Value, "unit": &f.Unit, "id": &f.ID}[a.Key] = a.Vals
			}
			var err error
			if d, err = New(Config{Fields: f, MaxBytes: 4000, Now: func() time.Time { return now }}); err != nil {
				d = nil
				return err.Error() + "\n"
			}
			return ""
		}
		rec := ingest.Record{Topic: "INGESTION", Partition: 3, Offset: 42, Time: sent, Value: []byte(td.Input)}
		for _, a := range td.CmdArgs {
			switch a.Key {
			case "key":
				rec.Key = []byte(a.Vals[0])
			case "header":
				name, value, _ := strings.Cut(a.Vals[0], ":")
				rec.Headers = append(rec.Headers, ingest.Header{Name: name, Value: []byte(value)})
			case "no-time":
				rec.Time = time.Time{}
			case "repeat": // the input, so many times
				var n int
				td.ScanArgs(t, "repeat", &n)
				rec.Value = []byte(strings.Repeat(td.Input, n))
			}
		}
		var r ingest.Reading
		if err := d.Decode(&rec, &r); err != nil {
			return "dead: " + err.Error() + "\n"
		}
		return show(&r)
	})
}

func show(r *ingest.Reading) string {
	at := func(us int64) string { return time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05.000") }
	v := "none"
	if r.HasValue {
		v = fmt.Sprint(r.Value)
	}
	return fmt.Sprintf("station=%q ts=%s (%s) kind=%q value=%s unit=%q id=%s\n%s\n", r.Station, at(r.TS), r.Timed, r.Kind, v, r.Unit, r.ID, r.Doc)
}

func FuzzDecode(f *testing.F) {
	d, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{payload, flat, `{"ts": 1e300}`, `{"time": "9999-12-31", "value": "NaN"}`, `{"payload": "{\"payload\": \"{}\"}"}`} {
		f.Add([]byte(s), []byte("key"))
	}
	f.Fuzz(func(t *testing.T, text, key []byte) {
		var r ingest.Reading
		if d.Decode(&ingest.Record{Topic: "t", Value: text, Key: key}, &r) != nil {
			return
		}
		if !inRange(r.TS) || r.TS%1000 != 0 || r.ID == "" || math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			t.Errorf("%q: %+v", text, r)
		}
		if again, err := jsontext.Normalize([]byte(r.Doc)); err != nil || again != r.Doc {
			t.Errorf("%q: the document %q becomes %q, %v", text, r.Doc, again, err)
		}
	})
}

const (
	payload = `{"payload": "{\"sensor_id\": \"S1\", \"modality\": \"power\", \"unit\": \"MW\", \"value\": 17.5, \"temporal_aspect\": \"real_time\"}", "correlation_id": "c-1", "created_at": 1758100000.25, "schema_version": 1}`
	flat    = `{"time": "2025-01-01T10:00", "station": "DK1", "production": 1000}`
)

func BenchmarkDecode(b *testing.B) {
	d, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"payload": payload, "flat": flat} {
		if !json.Valid([]byte(text)) {
			b.Fatal(text)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				rec := ingest.Record{Topic: "INGESTION", Value: []byte(text)}
				for pb.Next() {
					var r ingest.Reading
					if err := d.Decode(&rec, &r); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
