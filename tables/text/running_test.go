package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"gridgate/tables"
)

// TestCancellation ends queries at many moments, by each of the three ways,
// and wants them gone at once. goleak looks for goroutines in the end.
func TestCancellation(t *testing.T) {
	files := map[string]string{}
	var b strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&b, "word%d other%d\n", i, i%1000)
	}
	for i := range 4 {
		files[fmt.Sprintf("dt=%d/f.txt", i)] = b.String()
	}
	dir := archive(t, files)
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	sorted := s.group("word path", countAll)
	sorted.OrderBy = []tables.Order{{Expr: sorted.Output[2]}, {Expr: sorted.Output[0], Desc: true}}
	top := s.scan("word")
	top.OrderBy = []tables.Order{{Expr: top.Output[0], Desc: true}}
	top.Limit = limit(100_000)
	before := openFiles(t)
	for name, q := range map[string]tables.Query{"scan": s.scan("path byte_offset word"), "groups": sorted, "top": top} {
		for _, how := range []string{"open's context", "next's context", "close"} {
			for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 80 * time.Millisecond} {
				plan, _ := q.Scans()[0].Snapshot.Compile(q)
				openCtx, cancelOpen := context.WithCancel(t.Context())
				nextCtx, cancelNext := context.WithCancel(t.Context())
				rows, err := plan.Open(openCtx, nil)
				if err != nil {
					t.Fatal(err)
				}
				ended := make(chan time.Time, 1)
				stop := time.AfterFunc(after, func() {
					ended <- time.Now()
					switch how {
					case "open's context":
						cancelOpen()
					case "next's context":
						cancelNext()
					}
				})
				var batch tables.Batch
				for err == nil && (how != "close" || !expired(ended)) {
					err = rows.Next(nextCtx, &batch)
				}
				if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
					t.Errorf("%s, %s after %v: %v", name, how, after, err)
				}
				closing := time.Now()
				if err := rows.Close(); err != nil {
					t.Error(err)
				}
				rows.Close()
				// Next has 100 ms, and a busy machine some more.
				if took := time.Since(closing); took > time.Second {
					t.Errorf("%s, %s after %v: Close took %v", name, how, after, took)
				}
				stop.Stop()
				cancelOpen()
				cancelNext()
			}
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, there were %d", after, before)
	}
}

// openFiles counts the process's open files of the archive, where /proc tells.
func openFiles(t *testing.T) (n int) {
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasSuffix(name, "/f.txt") {
			n++
		}
	}
	return n
}

func expired(c chan time.Time) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestNextEndsWithItsContext calls Next when there will be no row for long.
func TestNextEndsWithItsContext(t *testing.T) {
	dir := archive(t, map[string]string{"a.txt": strings.Repeat("some words here\n", 2_000_000)})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	q := s.group("word path", countAll)
	plan, _ := q.Scans()[0].Snapshot.Compile(q)
	rows, err := plan.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var b tables.Batch
	start := time.Now()
	if err := rows.Next(ctx, &b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 100*time.Millisecond {
		t.Errorf("Next took %v", took)
	}
}

func TestLimits(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "word%d\n", i)
	}
	dir := archive(t, map[string]string{"a.txt": b.String(), "b.txt": b.String()})
	for _, c := range []struct {
		config Config
		what   string
	}{
		{Config{MaxGroups: 999, blockBytes: 100, rangeBytes: 100}, "distinct groups"},
		{Config{MaxGroupBytes: 100_000}, "bytes of groups and sorted rows"},
		{Config{MaxGroups: 1000, MaxGroupBytes: 2 << 20}, ""},
	} {
		c.config.Dir = dir
		s := shape{t, snapshotOf(t, open(t, c.config), "words")}
		rows, err := tryAnswer(t, s.group("word", countAll))
		var limit *tables.LimitExceeded
		switch {
		case c.what == "" && (err != nil || len(rows) != 1000):
			t.Errorf("%d rows, %v", len(rows), err)
		case c.what != "" && (!errors.As(err, &limit) || limit.What != c.what || limit.Hint == "" || len(rows) > 0):
			t.Errorf("got %d rows and %v, want a limit on %s", len(rows), err, c.what)
		}
	}
	// Sorted rows count too.
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, MaxGroupBytes: 10_000}), "words")}
	q := s.scan("word")
	q.OrderBy, q.Limit = []tables.Order{{Expr: q.Output[0]}}, limit(1000)
	if _, err := tryAnswer(t, q); !errors.As(err, new(*tables.LimitExceeded)) {
		t.Errorf("got %v, want a limit", err)
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("long line ", 30_000)
	dir := archive(t, map[string]string{"a.txt": "short\n" + long + "\nshort", "b.gz": gzipped(long)})
	for _, maxLine := range []int{1 << 20, 100_000} {
		s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, MaxLineBytes: maxLine, blockBytes: 1000, rangeBytes: 5000}), "text_lines")}
		got, err := tryAnswer(t, s.scan("line"))
		if maxLine > len(long) {
			wantRows(t, got, false, "'short'", "'"+long+"'", "'short'", "'"+long+"'")
			continue
		}
		if !errors.As(err, new(*tables.LimitExceeded)) {
			t.Errorf("got %v, want a limit on a line's length", err)
		}
	}
}

// TestLimitStopsTheWork reads little of a large file.
func TestLimitStopsTheWork(t *testing.T) {
	dir := archive(t, map[string]string{"a.txt": strings.Repeat("word\n", 1_000_000), "z.zst": "read last"})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	q := s.scan("word")
	q.Where = []tables.Expr{call(tables.OpNe, s.col("path"), str("z.zst"))}
	q.Limit, q.Offset = limit(3), 2
	wantRows(t, answer(t, q), true, "'word'", "'word'", "'word'")
}

// TestScanMemoryIsFlat scans the same text once and thirty times.
func TestScanMemoryIsFlat(t *testing.T) {
	peak := func(files int) uint64 {
		content := map[string]string{}
		for i := range files {
			content[fmt.Sprint(i)] = strings.Repeat("the quick brown fox jumps over the lazy dog\n", 40_000)
		}
		s := shape{t, snapshotOf(t, open(t, Config{Dir: archive(t, content)}), "words")}
		content = nil
		q := s.scan("path byte_offset pos word")
		plan, _ := q.Scans()[0].Snapshot.Compile(q)
		rows, err := plan.Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var most uint64
		for i := 0; ; i++ {
			var b tables.Batch
			if err := rows.Next(t.Context(), &b); err != nil {
				return most
			}
			if i%200 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}
	once, often := peak(1), peak(10)
	t.Logf("%d kB for 1.8 MB, %d kB for 18 MB", once>>10, often>>10)
	if often > once+8<<20 {
		t.Errorf("a scan of 1.8 MB held %d bytes, one of 18 MB %d", once, often)
	}
}

// TestBatchesStayAsTheyAre keeps all batches of a scan until its end.
func TestBatchesStayAsTheyAre(t *testing.T) {
	dir := archive(t, map[string]string{"dt=1/a.txt": strings.Repeat("Fünf ΑΣ don’t words\n", 5000), "b.gz": gzipped(strings.Repeat("Other words\n", 5000))})
	for _, table := range []string{"words", "text_lines"} {
		s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, blockBytes: 999}), table)}
		for _, where := range [][]tables.Expr{nil, {call(tables.OpNe, s.col(s.n.Columns()[len(s.n.Columns())-2].Name), str("words"))}} {
			var q tables.Query
			for _, c := range s.n.Columns() {
				q.Output = append(q.Output, s.col(c.Name))
			}
			q.From, q.Where = s.query().From, where
			plan, refused := s.n.Compile(q)
			if refused != nil {
				t.Fatal(refused)
			}
			rows, err := plan.Open(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var batches []tables.Batch
			var written []string
			for {
				var b tables.Batch
				if err := rows.Next(t.Context(), &b); err != nil {
					break
				}
				batches = append(batches, b)
				written = append(written, fmt.Sprint(b))
			}
			rows.Close()
			runtime.GC()
			for i, b := range batches {
				if fmt.Sprint(b) != written[i] {
					t.Fatalf("%s: batch %d has changed", table, i)
				}
			}
		}
	}
}
