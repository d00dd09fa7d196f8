package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
	"gridgate/testdata/services"
)

var begin = time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC).UnixMicro()

func client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{addr}, ContextTimeoutEnabled: true, ReadTimeout: 2 * time.Second, MaxRetries: -1})
	t.Cleanup(func() { c.Close() })
	return c
}

func open(t testing.TB, c redis.UniversalClient) *Store {
	t.Helper()
	s, err := New(Config{Client: c, Now: func() time.Time { return time.UnixMicro(begin).Add(time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill writes entries of stations with odd names, and returns the rows of the
// two tables.
func fill(t testing.TB, s *Store) (latestRows, recentRows [][]tables.Value) {
	t.Helper()
	ctx := t.Context()
	r := &rows{now: begin + time.Minute.Microseconds()}
	row := func(station string, e Entry) []tables.Value {
		var out []tables.Value
		for i := range latest.columns() {
			out = append(out, r.value(&found{station, e}, i))
		}
		return out
	}
	for i, station := range []string{"DK1", "dk1", "}", "{a}", "a:b%7D", "Ødis", "line\nbreak\x00", strings.Repeat("x", 255)} {
		s.client.SAdd(ctx, s.keys.Stations(), station)
		for j := range 6 {
			e := Entry{
				TS: begin + int64(j/2)*1_250_000, Topic: "INGESTION", Partition: j, Offset: int64(i), Kind: []string{"", "power", "Power"}[j%3],
				Value: float64(i-j) / 4, HasValue: j != 4, IngestedAt: begin + int64(j)*1000, Doc: fmt.Sprintf(`{"value": %d}`, j),
			}
			if j%2 == 0 {
				e.Unit = "MW"
			}
			if j < 3 {
				s.client.HSet(ctx, s.keys.Latest(station), e.Kind, e.Encode())
				latestRows = append(latestRows, row(station, e))
			}
			id := fmt.Sprint("id", j)
			s.client.HSet(ctx, s.keys.RecentDocs(station), id, e.Encode())
			if err := s.client.ZAdd(ctx, s.keys.Recent(station), redis.Z{Score: float64(e.TS), Member: e.Member(id)}).Err(); err != nil {
				t.Fatal(err)
			}
			recentRows = append(recentRows, row(station, e))
		}
	}
	s.client.SAdd(ctx, s.keys.Stations(), "without readings")
	return latestRows, recentRows
}

func TestContract(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{
		"embedded":     func(t *testing.T) string { return miniredis.RunT(t).Addr() },
		"redis-server": func(t *testing.T) string { return services.Redis(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, client(t, start(t)))
			latestRows, recentRows := fill(t, s)
			for table, rows := range map[table][][]tables.Value{latest: latestRows, recent: recentRows} {
				t.Run(table.name(), func(t *testing.T) {
					tablestest.Run(t, tablestest.Suite{Store: s, Table: table.name(), Rows: rows, Evaluator: eval.Evaluator{}})
				})
			}
		})
	}
}

// query opens a scan of all columns under conditions.
func query(t testing.TB, s *Store, of table, where ...tables.Expr) tables.Rows {
	t.Helper()
	n, err := s.Table(t.Context(), of.name())
	if err != nil {
		t.Fatal(err)
	}
	q := tables.Query{From: &tables.Scan{Snapshot: n}, Where: where}
	for i := range n.Columns() {
		q.Output = append(q.Output, col(of, i))
	}
	p, refused := n.Compile(q)
	if refused != nil {
		t.Fatal(refused)
	}
	r, err := p.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func col(of table, i int) *tables.Col {
	c := of.columns()[i]
	return &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable}
}

func isStation(of table, name string) tables.Expr {
	return &tables.Call{Op: tables.OpEq, Args: []tables.Expr{col(of, colStation), &tables.Lit{Value: tables.TextValue(name)}}, Typ: tables.Bool}
}

// counter counts round trips, but for those of a new connection.
type counter struct{ trips int }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.count(cmd); return next(ctx, cmd) }
}
func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.count(cmds[0]); return next(ctx, cmds) }
}
func (c *counter) count(first redis.Cmder) {
	if name := first.Name(); name != "hello" && name != "client" {
		c.trips++
	}
}

func TestRoundTrips(t *testing.T) {
	c := client(t, miniredis.RunT(t).Addr())
	s := open(t, c)
	fill(t, s)
	in := &tables.In{Left: col(latest, colStation)}
	for _, name := range []string{"DK1", "dk1", "nobody", "}"} {
		in.List = append(in.List, &tables.Lit{Value: tables.TextValue(name)})
	}
	if err := c.Ping(t.Context()).Err(); err != nil { // a new connection has trips of its own
		t.Fatal(err)
	}
	var count counter
	c.AddHook(&count)
	for _, q := range []struct {
		what        string
		of          table
		where       tables.Expr
		rows, trips int
	}{
		{"one station", latest, isStation(latest, "DK1"), 3, 1},
		{"several", latest, in, 9, 1},
		{"nobody", latest, isStation(latest, "nobody"), 0, 1},
		{"recent ones", recent, isStation(recent, "DK1"), 6, 2},
	} {
		count.trips = 0
		rows := 0
		for r := query(t, s, q.of, q.where); ; {
			var b tables.Batch
			if err := r.Next(t.Context(), &b); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			rows += b.N
		}
		if rows != q.rows || count.trips != q.trips {
			t.Errorf("%s: %d rows in %d round trips, want %d in %d", q.what, rows, count.trips, q.rows, q.trips)
		}
	}
}

func TestBrokenValues(t *testing.T) {
	c := client(t, miniredis.RunT(t).Addr())
	s := open(t, c)
	good := (&Entry{TS: begin, Topic: "t", Doc: "{}"}).Encode()
	broken := map[string]string{"empty": "", "another format": "2" + good[1:], "cut": good[:len(good)-2], "rubbish": strings.Repeat("x", 100), "no digits": good[:5] + "x" + good[6:]}
	for what, value := range broken {
		c.HSet(t.Context(), s.keys.Latest("DK1"), "k", value)
		var b tables.Batch
		err := query(t, s, latest, isStation(latest, "DK1")).Next(t.Context(), &b)
		var data *tables.DataError
		if !errors.As(err, &data) || !strings.Contains(err.Error(), `gridgate:{DK1}:latest, field "k"`) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c.ZAdd(t.Context(), s.keys.Recent("DK2"), redis.Z{Member: "mine"})
	var b tables.Batch
	var data *tables.DataError
	if err := query(t, s, recent, isStation(recent, "DK2")).Next(t.Context(), &b); !errors.Is(err, io.EOF) {
		t.Errorf("a member that is somebody else's: %v", err)
	}
	c.Set(t.Context(), s.keys.Latest("DK2"), "mine", 0)
	if err := query(t, s, latest, isStation(latest, "DK2")).Next(t.Context(), &b); !errors.As(err, &data) {
		t.Errorf("a key of another type: %v", err)
	}
}

// TestARedisThatHangs accepts connections and says nothing.
func TestARedisThatHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := open(t, client(t, l.Addr().String()))
	s.timeout = 300 * time.Millisecond
	r := query(t, s, latest)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	var b tables.Batch
	if err := r.Next(ctx, &b); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 150*time.Millisecond+time.Second { // 100 ms are promised; a busy machine may add some
		t.Errorf("Next and Close came back %v after Next began", took)
	}
	start = time.Now()
	var outage *tables.Outage
	if err := query(t, s, latest).Next(t.Context(), &b); !errors.As(err, &outage) {
		t.Errorf("after the timeout: %v", err)
	}
	if took := time.Since(start); took > 1500*time.Millisecond { // the client's own timeout is 2 s, for each attempt
		t.Errorf("the timeout of 300 ms took %v", took)
	}
	s = open(t, client(t, "127.0.0.1:1"))
	if err := query(t, s, latest).Next(t.Context(), &b); !errors.As(err, &outage) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestCommands(t *testing.T) {
	s := open(t, client(t, "127.0.0.1:1"))
	n, _ := s.Table(t.Context(), "latest_readings")
	q := tables.Query{From: &tables.Scan{Snapshot: n}, Output: []tables.Expr{col(latest, colTS)}, Where: []tables.Expr{isStation(latest, "D}1")}}
	p, refused := n.Compile(q)
	if refused != nil {
		t.Fatal(refused)
	}
	if got, err := p.Command(nil); err != nil || got != "HGETALL gridgate:{D%7D1}:latest: SELECT ts FROM latest_readings WHERE station = 'D}1'" {
		t.Errorf("%s, %v", got, err)
	}
	q.Where = append(q.Where, &tables.Call{Op: tables.OpEq, Args: []tables.Expr{col(latest, colKind), &tables.Lit{Value: tables.TextValue("power")}}, Typ: tables.Bool})
	if p, refused = n.Compile(q); refused != nil {
		t.Fatal(refused)
	}
	if got, err := p.Command(nil); err != nil || got != `HMGET gridgate:{D%7D1}:latest "power": SELECT ts FROM latest_readings WHERE station = 'D}1' AND kind = 'power'` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := New(Config{Prefix: "{x}"}); err == nil {
		t.Error("a prefix with braces is taken")
	}
}

func BenchmarkStation(b *testing.B) {
	s := open(b, client(b, services.Redis(b)))
	fill(b, s)
	n, _ := s.Table(b.Context(), "latest_readings")
	q := tables.Query{From: &tables.Scan{Snapshot: n}, Output: []tables.Expr{col(latest, colTS), col(latest, colValue)}, Where: []tables.Expr{isStation(latest, "DK1")}}
	p, _ := n.Compile(q)
	for b.Loop() {
		r, err := p.Open(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		var batch tables.Batch
		if err := r.Next(b.Context(), &batch); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
