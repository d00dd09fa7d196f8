package redis

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"gridgate/ingest"
)

// watcher sees the calls of the script.
type watcher struct {
	mu    sync.Mutex
	calls []seenCall
}

// seenCall is one call of the script.
type seenCall struct {
	stations []string // their keys latest
	bytes    int      // of all that it carries
}

func (w *watcher) DialHook(next redis.DialHook) redis.DialHook { return next }
func (w *watcher) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		// One that Redis does not know comes again with its text.
		if (cmd.Name() == "evalsha" || cmd.Name() == "eval") && err == nil {
			w.saw(cmd)
		}
		return err
	}
}
func (w *watcher) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (w *watcher) saw(cmd redis.Cmder) {
	var c seenCall
	args := cmd.Args()[2:] // name, script
	for i := range args[0].(int) {
		if key := args[1+i].(string); strings.HasSuffix(key, ":latest") {
			c.stations = append(c.stations, key)
		}
	}
	for _, a := range args {
		if text, ok := a.(string); ok {
			c.bytes += len(text)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
}

// perStation are n readings, each of a station of its own and with a document of
// so many bytes.
func perStation(n, bytes int) []ingest.Reading {
	var batch []ingest.Reading
	for i := range n {
		batch = append(batch, ingest.Reading{
			ID: fmt.Sprint("id", i), Station: fmt.Sprintf("station%04d", i), Kind: "power", TS: begin, Topic: "INGESTION", Offset: int64(i),
			Doc: `"` + strings.Repeat("x", bytes-2) + `"`,
		})
	}
	return batch
}

// write writes a batch and gives the calls that it took, after checking that
// each station was in one of them and that its reading is there.
func write(t *testing.T, c redis.UniversalClient, batch []ingest.Reading) []seenCall {
	t.Helper()
	var w watcher
	c.AddHook(&w)
	s := sink(t, c, 10)
	if _, err := s.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for _, call := range w.calls {
		for _, station := range call.stations {
			in[station]++
		}
	}
	for _, r := range batch {
		if n := in[s.keys.Latest(r.Station)]; n != 1 {
			t.Errorf("%s is in %d calls", r.Station, n)
		}
		if n := c.HLen(t.Context(), s.keys.Latest(r.Station)).Val(); n != 1 {
			t.Errorf("%s has %d latest readings", r.Station, n)
		}
	}
	return w.calls
}

// TestACallHasFewReadings bounds how long Redis does nothing else. A reading
// here is two for a call, as the latest one and as a recent one.
func TestACallHasFewReadings(t *testing.T) {
	calls := write(t, client(t, miniredis.RunT(t).Addr()), perStation(1000, 100))
	for i, c := range calls {
		if 2*len(c.stations) > maxReadings {
			t.Errorf("call %d of %d has %d readings, more than %d", i, len(calls), 2*len(c.stations), maxReadings)
		}
	}
	if most := 2*1000/maxReadings + 1; len(calls) > most {
		t.Errorf("%d calls, want no more than %d", len(calls), most)
	}
}

// TestACallHasFewBytes has readings of which a few are a call's bytes.
func TestACallHasFewBytes(t *testing.T) {
	const doc = 100_000
	calls := write(t, client(t, miniredis.RunT(t).Addr()), perStation(40, doc))
	for i, c := range calls {
		if most := maxBytes + 2*(doc+1000); c.bytes > most { // the station that passes the bound is the last
			t.Errorf("call %d of %d has %d bytes, more than %d", i, len(calls), c.bytes, most)
		}
	}
	if len(calls) > 8 {
		t.Errorf("%d calls for 8 MB", len(calls))
	}
}

// TestInAClusterACallHasOneStation is so that its keys are in one slot.
func TestInAClusterACallHasOneStation(t *testing.T) {
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{miniredis.RunT(t).Addr()}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { c.Close() })
	if calls := write(t, c, perStation(20, 100)); len(calls) != 20 {
		t.Errorf("%d calls for 20 stations", len(calls))
	}
}
