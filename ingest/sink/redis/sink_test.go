package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"gridgate/ingest"
	"gridgate/tables"
	layout "gridgate/tables/redis"
	"gridgate/testdata/services"
)

var begin = time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC).UnixMicro()

func clock() time.Time { return time.UnixMicro(begin).Add(time.Hour) }

func client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{addr}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { c.Close() })
	return c
}

func sink(t testing.TB, c redis.UniversalClient, recent int) *Sink {
	t.Helper()
	s, err := New(Config{Client: c, Recent: recent, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// servers runs a test on the embedded Redis and on a real one.
func servers(t *testing.T, test func(t *testing.T, addr string)) {
	t.Run("embedded", func(t *testing.T) { test(t, miniredis.RunT(t).Addr()) })
	t.Run("redis-server", func(t *testing.T) { test(t, services.Redis(t)) })
}

// TestTheStateDoesNotDependOnTheOrder writes readings in random order, some of
// them several times, some events in several versions, and in batches of random
// size, and compares with a model.
func TestTheStateDoesNotDependOnTheOrder(t *testing.T) {
	servers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		rapid.Check(t, func(rt *rapid.T) {
			ctx := context.Background()
			if err := c.FlushAll(ctx).Err(); err != nil {
				rt.Fatal(err)
			}
			recent := rapid.IntRange(1, 5).Draw(rt, "recent")
			s := sink(t, c, recent)
			stations := []string{"DK1", "{}", "a}b%", "Ø\n"}
			var all []ingest.Reading
			for i := range rapid.IntRange(1, 25).Draw(rt, "readings") {
				all = append(all, ingest.Reading{
					ID: fmt.Sprint("id\x00", rapid.IntRange(0, 20).Draw(rt, "id")), Station: rapid.SampledFrom(stations).Draw(rt, "station"), Kind: rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "kind"),
					TS: begin + rapid.Int64Range(0, 3).Draw(rt, "ts")*1000, Topic: rapid.SampledFrom([]string{"T", "t", "t-", "tt"}).Draw(rt, "topic"),
					Partition: rapid.IntRange(0, 2).Draw(rt, "partition"), Offset: int64(i) + rapid.SampledFrom([]int64{0, 1 << 60}).Draw(rt, "offset"), Doc: fmt.Sprint(i),
				})
			}
			sent := append(slices.Clone(all), rapid.SliceOfN(rapid.SampledFrom(all), 0, 10).Draw(rt, "again")...)
			sent = rapid.Permutation(sent).Draw(rt, "order")
			for len(sent) > 0 {
				n := rapid.IntRange(1, len(sent)).Draw(rt, "batch")
				if w, err := s.Write(ctx, sent[:n]); err != nil || w.Skipped > 0 || len(w.Rejected) > 0 {
					rt.Fatal(w, err)
				}
				sent = sent[n:]
			}
			compare(rt, c, s.keys, all, recent)
		})
	})
}

func compare(rt *rapid.T, c redis.UniversalClient, keys layout.Keys, all []ingest.Reading, recent int) {
	ctx := context.Background()
	latest, ofStation := map[string]map[string]*ingest.Reading{}, map[string]map[string]*ingest.Reading{} // by kind, by identity
	for i := range all {
		r := &all[i]
		if latest[r.Station] == nil {
			latest[r.Station], ofStation[r.Station] = map[string]*ingest.Reading{}, map[string]*ingest.Reading{}
		}
		if old := latest[r.Station][r.Kind]; old == nil || entryOf(r).Newer(entryOf(old)) {
			latest[r.Station][r.Kind] = r
		}
		if old := ofStation[r.Station][r.ID]; old == nil || entryOf(r).Newer(entryOf(old)) {
			ofStation[r.Station][r.ID] = r
		}
	}
	stations := c.SMembers(ctx, keys.Stations()).Val()
	if want := slices.Sorted(maps.Keys(latest)); !slices.Equal(slices.Sorted(slices.Values(stations)), want) {
		rt.Errorf("stations %q, want %q", stations, want)
	}
	for name, kinds := range latest {
		got := c.HGetAll(ctx, keys.Latest(name)).Val()
		if len(got) != len(kinds) {
			rt.Errorf("%q has %d kinds, want %d", name, len(got), len(kinds))
		}
		for kind, r := range kinds {
			if e, err := layout.Decode(got[kind]); err != nil || e != *entryOf(r) {
				rt.Errorf("%q %q: %+v, %v; want %+v", name, kind, e, err, *entryOf(r))
			}
		}
		want := slices.Collect(maps.Values(ofStation[name]))
		slices.SortFunc(want, func(a, b *ingest.Reading) int {
			return cmp.Or(cmp.Compare(b.TS, a.TS), strings.Compare(b.Topic, a.Topic), cmp.Compare(b.Partition, a.Partition), cmp.Compare(b.Offset, a.Offset))
		})
		want = want[:min(recent, len(want))]
		var ids []string
		for _, m := range c.ZRevRange(ctx, keys.Recent(name), 0, -1).Val() {
			ids = append(ids, layout.MemberID(m))
		}
		docs := c.HGetAll(ctx, keys.RecentDocs(name)).Val()
		if len(ids) != len(want) || len(docs) != len(want) {
			rt.Fatalf("%q: recent %q with %d documents, want %d", name, ids, len(docs), len(want))
		}
		for i, r := range want {
			if ids[i] != r.ID || docs[r.ID] != entryOf(r).Encode() {
				rt.Errorf("%q: recent %d is %s, want %s", name, i, ids[i], r.ID)
			}
		}
	}
}

// TestMembersOfAnotherForm are of an earlier version, and somebody else's: they
// are trimmed as others are, and what comes again replaces them.
func TestMembersOfAnotherForm(t *testing.T) {
	servers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		s := sink(t, c, 2)
		ctx := t.Context()
		reading := func(id string, ms int64) ingest.Reading {
			return ingest.Reading{ID: id, Station: "A", TS: begin + ms*1000, Topic: "t", Offset: ms, Doc: "{}"}
		}
		for i, id := range []string{"old 1", "old 2"} {
			r := reading(id, int64(i))
			c.HSet(ctx, s.keys.RecentDocs("A"), id, entryOf(&r).Encode())
			c.ZAdd(ctx, s.keys.Recent("A"), redis.Z{Score: float64(r.TS), Member: id})
		}
		c.ZAdd(ctx, s.keys.Recent("A"), redis.Z{Score: 1, Member: "foreign"})
		if _, err := s.Write(ctx, []ingest.Reading{reading("new", 5), reading("old 2", 6)}); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range c.ZRange(ctx, s.keys.Recent("A"), 0, -1).Val() {
			ids = append(ids, layout.MemberID(m))
		}
		docs := c.HKeys(ctx, s.keys.RecentDocs("A")).Val()
		slices.Sort(docs)
		if want := []string{"new", "old 2"}; !slices.Equal(ids, want) || !slices.Equal(docs, want) {
			t.Errorf("recent %q, documents %q, want %q", ids, docs, want)
		}
	})
}

func TestWhatIsNoLatestReading(t *testing.T) {
	s := sink(t, client(t, miniredis.RunT(t).Addr()), 10)
	at := func(d time.Duration) int64 { return clock().Add(d).UnixMicro() }
	w, err := s.Write(t.Context(), []ingest.Reading{
		{ID: "0", TS: at(0), Doc: "{}"},
		{ID: "1", Station: "DK1", TS: at(0), Timed: ingest.TimeMissing, Doc: "{}"},
		{ID: "2", Station: "DK1", TS: at(0), Timed: ingest.TimeOutOfRange, Doc: "{}"},
		{ID: "3", Station: "DK1", TS: at(DefaultMaxFuture), Doc: "{}"},
		{ID: "4", Station: "DK1", TS: at(DefaultMaxFuture + time.Millisecond), Doc: "{}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.Skipped != 2 || len(w.Rejected) != 2 || w.Rejected[0].Index != 2 || w.Rejected[1].Index != 4 ||
		!strings.Contains(w.Rejected[0].Why, "out of the range") || !strings.Contains(w.Rejected[1].Why, "2026-01-01T11:05:00.001Z, is more than 5m0s in the future") {
		t.Errorf("%+v", w)
	}
}

func TestTroubleWithRedisIsAnOutage(t *testing.T) {
	m := miniredis.RunT(t)
	c := client(t, m.Addr())
	s := sink(t, c, 10)
	batch := []ingest.Reading{{ID: "a", Station: "DK1", TS: begin, Doc: "{}"}}
	c.Set(t.Context(), s.keys.Latest("DK1"), "mine", 0)
	foreign := func(err error) bool { return strings.Contains(err.Error(), "holds something else") }
	if _, err := s.Write(t.Context(), batch); !isOutage(err) || !foreign(err) {
		t.Errorf("over a foreign key: %v", err)
	}
	m.Close()
	if _, err := s.Write(t.Context(), batch); !isOutage(err) || foreign(err) {
		t.Errorf("without a server: %v", err)
	}
}

func isOutage(err error) bool {
	var outage *tables.Outage
	return errors.As(err, &outage)
}

// TestTheScriptIsLoadedAgain flushes the scripts between two batches.
func TestTheScriptIsLoadedAgain(t *testing.T) {
	servers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		s := sink(t, c, 10)
		for i := range 3 {
			if _, err := s.Write(t.Context(), []ingest.Reading{{ID: fmt.Sprint(i), Station: "DK1", TS: begin + int64(i)*1000, Doc: "{}"}}); err != nil {
				t.Fatal(err)
			}
			c.ScriptFlush(t.Context())
		}
		if n := c.ZCard(t.Context(), s.keys.Recent("DK1")).Val(); n != 3 {
			t.Errorf("%d recent readings", n)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	for _, stations := range []int{6, 10_000} {
		b.Run(fmt.Sprintf("%d stations", stations), func(b *testing.B) {
			s := sink(b, client(b, services.Redis(b)), 100)
			batch := make([]ingest.Reading, 1000)
			for n := 0; b.Loop(); n++ {
				for i := range batch {
					batch[i] = ingest.Reading{
						ID: fmt.Sprintf("t:0:%d", n*1000+i), Station: fmt.Sprint("station-", rand.IntN(stations)), Kind: "power", TS: begin + int64(n*1000+i)*1000,
						Topic: "INGESTION", Offset: int64(n*1000 + i), Value: 5, HasValue: true, Unit: "MW", Doc: `{"station": "x", "production": 1000}`,
					}
				}
				if _, err := s.Write(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "readings/s")
		})
	}
}
