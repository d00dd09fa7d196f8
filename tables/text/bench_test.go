package text

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"gridgate/tables"
	"gridgate/tables/wordrule"
)

// corpusBytes is how much text the benchmarks read.
const corpusBytes = 200 << 20

// corpus is a folder with corpusBytes of real text: the King James Bible where
// Debian's bible-kjv is installed, else the sources of Go's library.
// TEXT_CORPUS may name a folder to use, or to fill, instead of a temporary one.
var corpus = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("TEXT_CORPUS")
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "text-corpus"); err != nil {
			return "", err
		}
		removeCorpus = func() { os.RemoveAll(dir) }
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		return dir, nil
	}
	text, err := exec.Command("bible", "-f", "Gen1:1-Rev22:21").Output()
	if err != nil {
		text, err = goSources()
	}
	if err != nil {
		return "", err
	}
	const files = 8
	for i := range files {
		part := bytes.Repeat(text, corpusBytes/files/len(text)+1)[:corpusBytes/files]
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("part%d.txt", i)), part, 0o666); err != nil {
			return "", err
		}
	}
	return dir, nil
})

var removeCorpus = func() {}

// goRoot is the folder of the Go installation.
func goRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	return strings.TrimSpace(string(out)), err
}

func goSources() ([]byte, error) {
	root, err := goRoot()
	if err != nil {
		return nil, err
	}
	var all []byte
	err = filepath.WalkDir(filepath.Join(root, "src", "net"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") {
			var b []byte
			b, err = os.ReadFile(name)
			all = append(all, b...)
		}
		return err
	})
	return all, err
}

func benchmarkQuery(b *testing.B, table string, query func(s shape) tables.Query) {
	dir, err := corpus()
	if err != nil {
		b.Fatal(err)
	}
	s := open(b, Config{Dir: dir, Workers: runtime.GOMAXPROCS(0)})
	q := query(shape{b, snapshotOf(b, s, table)})
	b.SetBytes(corpusBytes)
	b.ReportAllocs()
	rows, before := 0, cpuSeconds()
	for b.Loop() {
		rows = drain(b, q)
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric((cpuSeconds()-before)/float64(b.N), "cpu-s/op")
}

// cpuSeconds is the processor time of this process: what a busy machine
// doesn't change much.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// drain runs q and returns how many rows it has.
func drain(t testing.TB, q tables.Query) (n int) {
	plan, refused := q.Scans()[0].Snapshot.Compile(q)
	if refused != nil {
		t.Fatal(refused)
	}
	rows, err := plan.Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for {
		var batch tables.Batch
		if err := rows.Next(context.Background(), &batch); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		n += batch.N
	}
}

func wordCount(s shape) tables.Query { return s.group("word", countAll) }

func BenchmarkWordCount(b *testing.B) { benchmarkQuery(b, "words", wordCount) }

func BenchmarkGroupByPath(b *testing.B) {
	benchmarkQuery(b, "words", func(s shape) tables.Query { return s.group("path", countAll) })
}

func BenchmarkGroupByWordAndPath(b *testing.B) {
	benchmarkQuery(b, "words", func(s shape) tables.Query { return s.group("word path", countAll) })
}

func BenchmarkCountLines(b *testing.B) {
	benchmarkQuery(b, "text_lines", func(s shape) tables.Query { return s.group("", countAll) })
}

func BenchmarkScanWords(b *testing.B) {
	benchmarkQuery(b, "words", func(s shape) tables.Query { return s.scan("path byte_offset pos word") })
}

func BenchmarkScanLines(b *testing.B) {
	benchmarkQuery(b, "text_lines", func(s shape) tables.Query { return s.scan("path byte_offset line") })
}

func BenchmarkLinesLike(b *testing.B) {
	benchmarkQuery(b, "text_lines", func(s shape) tables.Query {
		q := s.scan("path byte_offset line")
		q.Where = []tables.Expr{likes(s.col("line"), "%Nebuchadnezzar%")}
		return q
	})
}

func BenchmarkTopWordsLike(b *testing.B) {
	benchmarkQuery(b, "words", func(s shape) tables.Query {
		q := s.group("word", countAll)
		q.Where = []tables.Expr{likes(s.col("word"), "a%")}
		q.OrderBy = []tables.Order{{Expr: q.Output[1], Desc: true}}
		q.Limit = limit(10)
		return q
	})
}

// BenchmarkBaseline is the word count as one would write it in Go for this
// very purpose: a goroutine a core, parts of files, a map of its own for each.
func BenchmarkBaseline(b *testing.B) {
	dir, err := corpus()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(corpusBytes)
	b.ReportAllocs()
	before := cpuSeconds()
	for b.Loop() {
		if _, err := baseline(dir); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpuSeconds()-before)/float64(b.N), "cpu-s/op")
}

func baseline(dir string) (map[string]int, error) {
	const part = 4 << 20
	type job struct {
		name       string
		start, end int64
	}
	var jobs []job
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		for at := int64(0); at < info.Size(); at += part {
			jobs = append(jobs, job{filepath.Join(dir, e.Name()), at, min(at+part, info.Size())})
		}
	}
	queue := make(chan job, len(jobs))
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	workers := runtime.GOMAXPROCS(0)
	maps := make([]map[string]*int, workers)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for i := range workers {
		maps[i] = map[string]*int{}
		wg.Go(func() {
			var buf []byte
			for j := range queue {
				if buf, errs[i] = baselinePart(j.name, j.start, j.end, buf, maps[i]); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	total := map[string]int{}
	for _, m := range maps {
		for word, n := range m {
			total[word] += *n
		}
	}
	return total, errors.Join(errs...)
}

// baselinePart counts the words of the lines that begin in a part of a file.
func baselinePart(name string, start, end int64, buf []byte, counts map[string]*int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	const longest = 64 << 10
	if buf == nil {
		buf = make([]byte, 4<<20+longest)
	}
	n, err := f.ReadAt(buf[:end-start+longest], start)
	if err != nil && err != io.EOF {
		return buf, err
	}
	text := buf[:n]
	if stop := bytes.IndexByte(text[min(int(end-start), n):], '\n'); stop >= 0 {
		text = text[:int(end-start)+stop]
	}
	if start > 0 {
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
	baselineWords(text, counts)
	return buf, nil
}

func baselineWords(text []byte, counts map[string]*int) {
	for i := 0; i < len(text); {
		c := text[i]
		if !isAlnum[c] {
			if c >= 0x80 {
				i = baselineUnicode(text, i, counts)
				continue
			}
			i++
			continue
		}
		start := i
		for i < len(text) && (isAlnum[text[i]] || text[i] == '\'' && i+1 < len(text) && isAlnum[text[i+1]]) {
			if 'A' <= text[i] && text[i] <= 'Z' {
				text[i] += 'a' - 'A'
			}
			i++
		}
		if i < len(text) && (text[i] >= 0x80 || text[i] == '\'' && i+1 < len(text) && text[i+1] >= 0x80) {
			i = baselineUnicode(text, start, counts)
			continue
		}
		if n := counts[string(text[start:i])]; n != nil {
			*n++
		} else {
			counts[string(text[start:i])] = newInt(1)
		}
	}
}

var isAlnum = func() (is [256]bool) {
	for c := range is {
		is[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return is
}()

func newInt(i int) *int { return &i }

// baselineUnicode counts the rest of a line by the word rule; not fast, but
// rarely needed here.
func baselineUnicode(text []byte, start int, counts map[string]*int) int {
	end := bytes.IndexByte(text[start:], '\n')
	if end < 0 {
		end = len(text) - start
	}
	for _, word := range wordrule.Words(string(text[start : start+end])) {
		if n := counts[word]; n != nil {
			*n++
		} else {
			counts[word] = newInt(1)
		}
	}
	return start + end
}

// TestBaselineCountsTheSame keeps the comparison honest.
func TestBaselineCountsTheSame(t *testing.T) {
	text, err := goSources()
	if err != nil {
		t.Fatal(err)
	}
	dir := archive(t, map[string]string{"a.txt": string(text), "b.txt": strings.ReplaceAll(string(text[:1<<20]), "’", "'")})
	want, err := baseline(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, Config{Dir: dir})
	got := answer(t, wordCount(shape{t, snapshotOf(t, s, "words")}))
	if len(got) != len(want) {
		t.Fatalf("%d words, the baseline has %d", len(got), len(want))
	}
	var wanted []string
	for word, n := range want {
		wanted = append(wanted, format([]tables.Value{tables.TextValue(word), tables.IntValue(int64(n))}))
	}
	wantRows(t, got, false, wanted...)
}
