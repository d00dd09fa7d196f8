package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/embedded"
	"gridgate/cmd/gridgate/internal/producer"
	"gridgate/ingest"
	"gridgate/ingest/decode"
	documentsink "gridgate/ingest/sink/documents"
	redissink "gridgate/ingest/sink/redis"
	"gridgate/tables/documents"
	"gridgate/testdata/services"
)

const defaultTopic = "INGESTION"

// feed sends records through the gateway's Kafka and waits until all stores
// have them.
func feed(t testing.TB, g *Gateway, records ...string) {
	t.Helper()
	before := recordsRead(g)
	var messages []kafkago.Message
	for _, r := range records {
		messages = append(messages, kafkago.Message{Value: []byte(r)})
	}
	send(t, g.live.brokers, messages)
	want := before + int64(len(records)*len(config.Default().Ingest.Stores))
	eventually(t, "all records in all stores", func() bool { return recordsRead(g) == want })
}

func send(t testing.TB, brokers []string, messages []kafkago.Message) {
	t.Helper()
	p := producer.New(brokers, defaultTopic)
	defer p.Close()
	for part := range slices.Chunk(messages, 1000) {
		if err := p.Send(t.Context(), part...); err != nil {
			t.Fatal(err)
		}
	}
}

// recordsRead is how many records all stores together have read and made
// durable, dead letters included.
func recordsRead(g *Gateway) (n int64) {
	for _, r := range g.live.status.Status() {
		n += r.Records
	}
	return n
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not in 60 s: %s", what)
}

// TestLoad sends many events, each of them twice and in random order, to two
// members of each store's group, of which one leaves in the middle. Kafka is the
// embedded one and Redis a real one. Afterwards each event is there once, the
// latest readings are right, and everything is committed.
func TestLoad(t *testing.T) {
	const stations, kinds = 50, 3
	begin := time.Now().Add(-24 * time.Hour).Truncate(time.Millisecond)
	k, err := embedded.StartKafka(defaultTopic, "dead")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	addr := services.Redis(t)
	client := redisClient(config.Redis{Addr: addr}, zerolog.Nop())
	t.Cleanup(func() { client.Close() })
	latest, err := redissink.New(redissink.Config{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	collection := documents.New(documents.Config{MaxBytes: 1 << 30, Log: zerolog.Nop()})
	decoder, err := decode.New(decode.Config{})
	if err != nil {
		t.Fatal(err)
	}
	// A gateway over the same stores answers.
	c := config.Default()
	c.Server.Listen, c.Server.ListenGiven, c.Redis.Addr = "127.0.0.1:0", true, addr
	start := func() (*ingest.Ingest, func()) {
		i, err := ingest.New(ingest.Config{
			Brokers: k.Brokers(), Topic: defaultTopic, DeadLetterTopic: "dead", Decoder: decoder, Log: zerolog.Nop(),
			Stores: []ingest.Store{
				{Name: "documents", Group: "documents", Sink: documentsink.New(collection)},
				{Name: "latest", Group: "latest", Sink: latest},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); i.Run(ctx) }()
		stop := func() { cancel(); <-done }
		t.Cleanup(stop)
		return i, stop
	}
	var messages []kafkago.Message
	newest := map[string]string{}
	for i := range loadEvents {
		station, kind := fmt.Sprintf("S%02d", i%stations), fmt.Sprintf("k%d", i/stations%kinds)
		m := kafkago.Message{Value: fmt.Appendf(nil, `{"event_id": "e%d", "station": %q, "kind": %q, "value": %d, "time": %q}`,
			i, station, kind, i, begin.Add(time.Duration(i)*time.Millisecond).UTC().Format(time.RFC3339Nano))}
		messages = append(messages, m, m)
		newest[station+" "+kind] = fmt.Sprint(i)
	}
	rand.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	first, _ := start()
	began := time.Now()
	send(t, k.Brokers(), messages[:loadEvents])
	second, leave := start()
	half := loadEvents + loadEvents/2
	send(t, k.Brokers(), messages[loadEvents:half])
	eventually(t, "the second member feeding both stores", func() bool {
		fed := map[string]bool{}
		for _, r := range second.Status() {
			fed[r.Store] = fed[r.Store] || r.Partition != ingest.NoPartition && r.State == ingest.StateRunning
		}
		return fed["documents"] && fed["latest"]
	})
	send(t, k.Brokers(), messages[half:])
	leave()
	eventually(t, "everything committed by the one that stayed", func() bool {
		rows := first.Status()
		var committed int64
		for _, r := range rows {
			if r.Committed != r.End || r.State != ingest.StateRunning {
				return false
			}
			committed += r.Committed
		}
		return len(rows) == 2*embedded.Partitions && committed == 2*2*loadEvents
	})
	t.Logf("%d records into two stores in %v", len(messages), time.Since(began).Round(time.Millisecond))
	db := serveStore(t, collection)
	if got := rowsOf(t, db, "SELECT COUNT(*), COUNT(DISTINCT _id), COUNT(DISTINCT station), MIN(value), MAX(value) FROM readings"); !slices.Equal(got,
		[]string{fmt.Sprintf("%d|%d|%d|0|%d", loadEvents, loadEvents, stations, loadEvents-1)}) {
		t.Errorf("readings: %v", got)
	}
	c.Text.Location = t.TempDir()
	got := rowsOf(t, connect(t, startGateway(t, c)), "SELECT station, kind, value FROM latest_readings")
	if len(got) != stations*kinds {
		t.Errorf("%d latest readings, want %d", len(got), stations*kinds)
	}
	for _, row := range got {
		cells := strings.Split(row, "|")
		if want := newest[cells[0]+" "+cells[1]]; cells[2] != want {
			t.Errorf("%s %s: %s, want %s", cells[0], cells[1], cells[2], want)
		}
	}
}

// TestBrokenRecords says where each ends.
func TestBrokenRecords(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	db := connect(t, g)
	year9999 := `{"event_id": "9999", "station": "DK1", "time": "9999-12-31T23:59:59Z", "value": 1}`
	feed(t, g,
		`{"event_id": "good", "station": "DK1", "time": "2026-01-01T10:00:00Z", "value": 5}`,
		`no JSON`, `[1, 2]`, `{"value": NaN}`, strings.Repeat(`{"a":`, 1000)+`1`+strings.Repeat(`}`, 1000),
		`{"event_id": "large", "station": "DK2", "time": "2026-01-01T10:00:00Z", "value": 1, "x": "`+strings.Repeat("x", 10<<20)+`"}`,
		`{"event_id": "nobody", "time": "2026-01-01T10:00:00Z", "value": 2}`,
		`{"event_id": "timeless", "station": "DK1", "value": 3}`,
		year9999,
		fmt.Sprintf(`{"event_id": "future", "station": "DK1", "time": %q, "value": 4}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)),
	)
	for query, want := range map[string][]string{
		"SELECT _id, station, value FROM readings ORDER BY _id": {
			"9999|DK1|1", "future|DK1|4", "good|DK1|5", "large|DK2|1", "nobody|NULL|2", "timeless|DK1|3",
		},
		"SELECT station, value FROM latest_readings ORDER BY station":               {"DK1|5", "DK2|1"},
		"SELECT LENGTH(_doc) > 10000000 FROM latest_readings WHERE station = 'DK2'": {"1"},
		"SELECT store, COUNT(*) FROM dead_letters GROUP BY store ORDER BY store":    {"documents|4", "latest|6"},
		"SELECT error FROM dead_letters WHERE store = 'documents' ORDER BY LENGTH(record_value)": {
			"it is JSON, but no object", "it is no JSON: invalid character 'o' in literal null (expecting 'u') (at byte 1)",
			"it is no JSON: invalid character 'N' at start of value (at byte 10)", "it is nested deeper than 100 levels (at byte 501)",
		},
		"SELECT store, SUM(records), SUM(skipped), SUM(dead_letters), SUM(lag_records) FROM ingest_status GROUP BY store ORDER BY store": {
			"documents|10|0|4|0", "latest|10|2|6|0",
		},
	} {
		if got := rowsOf(t, db, query); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %q\nwant %q", query, got, want)
		}
	}
	why := rowsOf(t, db, "SELECT error FROM dead_letters WHERE store = 'latest' AND record_value LIKE '%future%'")
	if len(why) != 1 || !strings.Contains(why[0], "is more than 5m0s in the future") {
		t.Errorf("the future: %q", why)
	}
	if got := rowsOf(t, db, "SELECT record_value FROM dead_letters WHERE store = 'latest' AND record_value LIKE '%9999%'"); !slices.Equal(got, []string{year9999}) {
		t.Errorf("the year 9999: %q", got)
	}
}

func TestAFileOfRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records.jsonl")
	text := "{\"station\": \"DK1\", \"time\": \"2025-01-01T10:00\", \"production\": 1000}\n\n{\"station\": \"DK2\", \"time\": \"2025-01-01T10:00\", \"production\": 2000}\r\nbroken"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := servingConfig(config.Text{})
	c.Ingest.File = file
	g := startGateway(t, c)
	db := connect(t, g)
	eventually(t, "the file's records", func() bool { return recordsRead(g) == 6 })
	if got := rowsOf(t, db, "SELECT station, ts, kind, value FROM readings ORDER BY station"); !slices.Equal(got,
		[]string{"DK1|2025-01-01 10:00:00.000|production|1000", "DK2|2025-01-01 10:00:00.000|production|2000"}) {
		t.Errorf("readings: %q", got)
	}
	if got := rowsOf(t, db, "SHOW TABLES LIKE 'words'"); len(got) > 0 {
		t.Errorf("without an archive there is %q", got)
	}
}

// TestAGatewayIsReadyWhenTheStoresHaveTheFile looks at once, many times: a store
// that has not heard of the records yet does not know what it lacks.
func TestAGatewayIsReadyWhenTheStoresHaveTheFile(t *testing.T) {
	const starts, lines = 25, 3
	file := filepath.Join(t.TempDir(), "records.jsonl")
	if err := os.WriteFile(file, []byte(strings.Repeat("{\"station\": \"A\", \"ts\": 1758100000}\n", lines)), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range starts {
		c := servingConfig(config.Text{})
		c.Ingest.File = file
		g := startGateway(t, c)
		if got := recordsRead(g); got != 2*lines {
			t.Errorf("start %d: ready when the stores had read %d records of %d", n, got, 2*lines)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHaveAll(t *testing.T) {
	at := func(partition int, committed int64) ingest.PartitionStatus {
		return ingest.PartitionStatus{Partition: partition, Committed: committed}
	}
	ends := map[int]int64{0: 2, 1: 0}
	for what, c := range map[string]struct {
		status []ingest.PartitionStatus
		want   bool
	}{
		"all":                 {[]ingest.PartitionStatus{at(0, 2), at(1, 0), at(0, 3), at(1, 0)}, true},
		"one store lacks one": {[]ingest.PartitionStatus{at(0, 2), at(1, 0), at(0, 1), at(1, 0)}, false},
		"nothing known":       {[]ingest.PartitionStatus{at(0, 2), at(1, -1)}, false},
		"not connected":       {[]ingest.PartitionStatus{at(0, 2), at(ingest.NoPartition, -1)}, false},
	} {
		if got := haveAll(c.status, ends); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// TestProduce sends to a running gateway's Kafka from the command line.
func TestProduce(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: t.TempDir()}))
	brokers := "--brokers=" + g.live.brokers[0]
	for _, args := range [][]string{{"--rate=2000", "--stations=7", "--count=300"}, {"--file=../../README.md"}} {
		var out, errs strings.Builder
		if code := command(t.Context(), append([]string{"produce", brokers}, args...), streams{out: &out, err: &errs}); code != exitOK {
			t.Fatalf("%v: exit code %d, %s%s", args, code, out.String(), errs.String())
		}
		if !strings.Contains(out.String(), "records sent to INGESTION") {
			t.Errorf("%v: %s", args, out.String())
		}
	}
	db := connect(t, g)
	eventually(t, "the readings", func() bool {
		return slices.Equal(rowsOf(t, db, "SELECT COUNT(*), COUNT(DISTINCT station) FROM readings"), []string{"300|7"})
	})
	for _, args := range [][]string{
		{"--rate=1"}, {brokers}, {brokers, "--file=/nowhere"}, {"--brokers=127.0.0.1:1", "--rate=1"}, {brokers, "--rate=nan"}, {brokers, "--rate=inf"},
		{brokers, "--rate=-1"}, {brokers, "--rate=1e300"}, {brokers, "--rate=1", "--stations=1000000000"}, {brokers, "--rate=1", "--count=-5"},
		{brokers, "--file=../../README.md", "--count=5"},
	} {
		var out, errs strings.Builder
		if code := command(t.Context(), append([]string{"produce"}, args...), streams{out: &out, err: &errs}); code != exitFailed || errs.Len() == 0 {
			t.Errorf("%v: exit code %d, %s", args, code, errs.String())
		}
	}
}

// TestEmbeddedKafkaBeforeAnOldRedis begins anew, with a Kafka that counts from 0
// again, over a Redis that has readings of an earlier process.
func TestEmbeddedKafkaBeforeAnOldRedis(t *testing.T) {
	c := servingConfig(config.Text{})
	c.Redis.Addr = services.Redis(t)
	for i, want := range []string{"2|1", "4|3"} {
		g := startGateway(t, c)
		at := time.Now().Add(time.Duration(i-2) * time.Minute).UTC().Format(time.RFC3339)
		feed(t, g, fmt.Sprintf(`{"station": "A", "ts": %q, "value": %d}`, at, 2*i), fmt.Sprintf(`{"station": "A", "ts": %q, "value": %d}`, at, 2*i+1))
		db := connect(t, g)
		if got := rowsOf(t, db, "SELECT COUNT(*), MAX(value) FROM recent_readings"); got[0] != want {
			t.Errorf("process %d: recent readings and the greatest %v, want %s", i, got, want)
		}
		db.Close()
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// startTestKafka starts a Kafka that is not the gateway's own.
func startTestKafka(t testing.TB, topic, deadLetters string) (brokers []string) {
	t.Helper()
	k, err := embedded.StartKafka(topic, deadLetters)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k.Brokers()
}
