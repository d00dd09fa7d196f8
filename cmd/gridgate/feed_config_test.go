package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	kafkago "github.com/segmentio/kafka-go"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/ingest"
)

// TestEveryKeyOfTheFeed sets each key to something unusual and looks at what
// comes of it.
func TestEveryKeyOfTheFeed(t *testing.T) {
	redis := miniredis.RunT(t)
	redis.RequireUserAuth("anna", "hunter2")
	kafka := startTestKafka(t, "READINGS", "BURIED")
	c := servingConfig(config.Text{})
	c.Redis = config.Redis{Addr: redis.Addr(), Username: "anna", Password: "hunter2", Prefix: "mine:"}
	c.Kafka = config.Kafka{Brokers: kafka, Topic: "READINGS"}
	c.Ingest.Group, c.Ingest.Recent, c.Ingest.MaxFuture, c.Ingest.DeadLetterTopic = "ours", 2, 2*time.Hour, "BURIED"
	c.Ingest.Fields = config.Fields{
		Station: []string{"where.name"}, TS: []string{"when"}, Kind: []string{"key"}, Value: []string{"mw"}, Unit: []string{"header:unit"}, ID: []string{"no"},
	}
	c.Documents.MaxBytes = 1 << 20
	g := startGateway(t, c)
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	record := func(no int, when string, rest string) kafkago.Message {
		return kafkago.Message{
			Key: []byte("wind"), Headers: []kafkago.Header{{Key: "unit", Value: []byte("kW")}}, Topic: "READINGS",
			Value: fmt.Appendf(nil, `{"no": %d, "where": {"name": "A"}, "when": %q, "mw": %d, "station": "no", "value": 9%s}`, no, when, 10*no, rest),
		}
	}
	messages := []kafkago.Message{record(1, in(-3*time.Minute), ""), record(2, in(-2*time.Minute), ""), record(3, in(time.Hour), ""), record(4, in(3*time.Hour), "")}
	const large = 40
	for i := range large {
		messages = append(messages, record(10+i, in(-time.Hour), fmt.Sprintf(`, "x": %q`, strings.Repeat("x", 100_000))))
	}
	w := &kafkago.Writer{Addr: kafkago.TCP(kafka...), BatchTimeout: time.Millisecond, BatchBytes: 8 << 20, Transport: &kafkago.Transport{}}
	defer w.Close()
	defer w.Transport.(*kafkago.Transport).CloseIdleConnections()
	if err := w.WriteMessages(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all records in both stores", func() bool { return recordsRead(g) == int64(2*len(messages)) })
	db := connect(t, g)
	for query, want := range map[string][]string{
		"SELECT station, kind, value, unit FROM latest_readings":                                {"A|wind|30|kW"},
		"SELECT value FROM recent_readings ORDER BY value":                                      {"20", "30"},
		"SELECT store, error LIKE '%more than 2h0m0s in the future%' FROM dead_letters":         {"latest|1"},
		"SELECT DISTINCT topic FROM ingest_status":                                              {"READINGS"},
		"SELECT COUNT(*) BETWEEN 5 AND 11, SUM(LENGTH(_doc)) < 1048576 FROM readings":           {"1|1"},
		"SELECT SUM(evicted) BETWEEN 33 AND 39 FROM ingest_status WHERE store = 'documents'":    {"1"},
		"SELECT age_seconds BETWEEN -3601 AND -3500 FROM latest_readings":                       {"1"},
		"SELECT age_seconds BETWEEN 119 AND 3600 FROM recent_readings ORDER BY age_seconds":     {"0", "1"},
		"SELECT SUM(skipped), SUM(duplicates) FROM ingest_status WHERE store = 'documents'":     {"0|0"},
		"SELECT COUNT(*), MAX(lag_records), MAX(lag_seconds) FROM ingest_status GROUP BY store": {"4|0|0", "4|0|0"},
	} {
		if got := rowsOf(t, db, query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	keys, err := redis.DB(0).HKeys("mine:{A}:latest")
	if err != nil || !slices.Equal(keys, []string{"wind"}) {
		t.Errorf("in Redis under mine:{A}:latest: %q, %v", keys, err)
	}
	client := &kafkago.Client{Addr: kafkago.TCP(kafka...), Transport: w.Transport}
	answer, err := client.ListGroups(t.Context(), &kafkago.ListGroupsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]bool{}
	for _, g := range answer.Groups {
		name, _, _ := strings.Cut(g.GroupID, "-documents-")
		groups[name] = true
	}
	if got := slices.Sorted(maps.Keys(groups)); !slices.Equal(got, []string{"ours", "ours-latest"}) {
		t.Errorf("consumer groups %q", got)
	}
}

// TestAStoreThatIsNotFed has no tables where it is embedded: they would be
// empty for ever.
func TestAStoreThatIsNotFed(t *testing.T) {
	for store, want := range map[string][]string{
		"latest":    {"dead_letters", "ingest_status", "latest_readings", "recent_readings"},
		"documents": {"dead_letters", "ingest_status", "readings"},
	} {
		c := servingConfig(config.Text{})
		c.Ingest.Stores = []string{store}
		if got := rowsOf(t, connect(t, startGateway(t, c)), "SHOW TABLES"); !slices.Equal(got, want) {
			t.Errorf("ingest.stores: [%s]: tables %q, want %q", store, got, want)
		}
	}
}

func TestTheDemoStaysOutOfConfiguredSystems(t *testing.T) {
	cfg, err := (&serveCommand{Demo: true}).configuration(streams{environ: []string{"GRIDGATE_KAFKA_BROKERS=kafka:9092", "GRIDGATE_REDIS_ADDR=redis:6379"}})
	if err != nil || len(cfg.Kafka.Brokers) > 0 || cfg.Redis.Addr != "" {
		t.Errorf("%+v, %+v, %v", cfg.Kafka, cfg.Redis, err)
	}
}

func TestOnlyWhatEveryStoreHasIsForgotten(t *testing.T) {
	at := func(store string, partition int, committed int64) ingest.PartitionStatus {
		return ingest.PartitionStatus{Store: store, Partition: partition, Committed: committed}
	}
	for what, c := range map[string]struct {
		status []ingest.PartitionStatus
		want   map[int]int64
	}{
		"the slowest counts":            {[]ingest.PartitionStatus{at("a", 0, 7), at("b", 0, 5), at("a", 1, 3), at("b", 1, 9)}, map[int]int64{0: 5, 1: 3}},
		"one knows nothing yet":         {[]ingest.PartitionStatus{at("a", 0, 7), at("b", 0, -1)}, map[int]int64{}},
		"one has no partition assigned": {[]ingest.PartitionStatus{at("a", 0, 7), at("b", ingest.NoPartition, -1)}, nil},
	} {
		if got := inEveryStore(c.status); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// TestCheckReachesTheFeedsSystems looks at Redis and Kafka, right and wrong.
func TestCheckReachesTheFeedsSystems(t *testing.T) {
	redis := miniredis.RunT(t)
	redis.RequireAuth("hunter2")
	kafka := startTestKafka(t, defaultTopic, "BURIED")
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"REDIS_ADDR=" + redis.Addr(), "REDIS_PASSWORD=hunter2"}, "redis ok " + redis.Addr()},
		{[]string{"REDIS_ADDR=" + redis.Addr()}, "; mend redis.username and redis.password"},
		{[]string{"REDIS_ADDR=" + redis.Addr(), "REDIS_PASSWORD=wrong"}, "; mend redis.username and redis.password"},
		{[]string{"REDIS_ADDR=127.0.0.1:1"}, "connection refused; start it, or mend redis.addr"},
		{[]string{"KAFKA_BROKERS=" + kafka[0]}, "kafka ok " + kafka[0] + ", topic INGESTION"},
		{[]string{"KAFKA_BROKERS=127.0.0.1:1"}, "connection refused; start it, make the topic, or mend kafka.brokers"},
		{nil, "kafka ok embedded"},
		{[]string{"INGEST_FIELDS_TS=a..b"}, `GRIDGATE_INGEST_FIELDS_TS: "a..b" is no path`},
	} {
		environ := []string{"GRIDGATE_TEXT_LOCATION=" + t.TempDir()}
		for _, e := range c.environ {
			environ = append(environ, "GRIDGATE_"+e)
		}
		_, out, errOut := runCommand(t, environ, "check")
		if out = strings.Join(strings.Fields(out), " "); !strings.Contains(out, c.want) || errOut != "" {
			t.Errorf("%q: %q is missing in\n%s%s", c.environ, c.want, out, errOut)
		}
	}
}

// TestTheDemosFeed: it has a history, and goes on.
func TestTheDemosFeed(t *testing.T) {
	db := connect(t, startGateway(t, servingConfig(config.Text{Demo: true})))
	const query = "SELECT COUNT(DISTINCT station), COUNT(*) >= 1740, COUNT(*) > 1800, TIMESTAMPDIFF(SECOND, MIN(ts), MAX(ts)) > 290 FROM readings"
	for what, want := range map[string]string{"five minutes of six stations": "6|1|", "readings of now": "6|1|1|1"} {
		eventually(t, what, func() bool { return strings.HasPrefix(rowsOf(t, db, query)[0], want) })
	}
	if got := rowsOf(t, db, "SELECT COUNT(*), MAX(age_seconds) < 30 FROM latest_readings"); !slices.Equal(got, []string{"6|1"}) {
		t.Errorf("latest readings: %q", got)
	}
}
