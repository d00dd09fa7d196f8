package demo

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// archive writes an archive and reads it back, uncompressed, by path.
func archive(t *testing.T, o Options) (map[string][]byte, Summary) {
	t.Helper()
	dir := t.TempDir()
	sum, err := Write(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".gz") {
			zip, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(zip); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, sum
}

func hashes(files map[string][]byte) map[string][32]byte {
	h := map[string][32]byte{}
	for name, text := range files {
		h[name] = sha256.Sum256(text)
	}
	return h
}

func TestTheSameSeedGivesTheSameArchive(t *testing.T) {
	o := Options{Now: noon, Days: 3, LinesPerFile: 50, Seed: 7}
	one, _ := archive(t, o)
	again, _ := archive(t, o)
	if !maps.Equal(hashes(one), hashes(again)) {
		t.Error("two runs differ")
	}
	o.Seed = 8
	if other, _ := archive(t, o); maps.Equal(hashes(one), hashes(other)) {
		t.Error("another seed gives the same archive")
	}
}

func TestADayReadsTheSameInALongerArchive(t *testing.T) {
	short, _ := archive(t, Options{Now: noon, Days: 2, LinesPerFile: 20})
	long, _ := archive(t, Options{Now: noon, Days: 4, LinesPerFile: 20})
	for name, text := range short {
		if !bytes.Equal(text, long[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestFoldersAndFiles(t *testing.T) {
	files, sum := archive(t, Options{Now: noon, Days: 3, LinesPerFile: 20})
	want := []string{
		"dt=2026-02-27/dk1-control.log", "dt=2026-02-27/no2-control.log.gz", "dt=2026-02-28/fi-control.log.gz",
		"dt=2026-03-01/dk1-control.log", "dt=2026-03-01/no2-control.log",
	}
	for _, name := range want {
		if _, ok := files[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	var lines int
	var size int64
	for _, text := range files {
		lines += bytes.Count(text, []byte("\n"))
		size += int64(len(text))
	}
	if got := (Summary{len(files), lines, size}); sum != got || len(files) != 3*len(operators) {
		t.Errorf("the summary is %+v, the archive %+v", sum, got)
	}
}

func TestLinesAreInOrderOfTheirDayAndNotOfTheFuture(t *testing.T) {
	files, _ := archive(t, Options{Now: noon, Days: 2, LinesPerFile: 200})
	for name, text := range files {
		day := strings.TrimPrefix(filepath.Dir(name), "dt=")
		var last time.Time
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			stamp, rest, _ := strings.Cut(s.Text(), " ")
			at, err := time.Parse(time.RFC3339, stamp)
			if err != nil || rest == "" || !strings.HasPrefix(stamp, day) || at.Before(last) || at.After(noon) {
				t.Fatalf("%s: a line that should not be: %s", name, s.Text())
			}
			last = at
		}
		if !utf8.Valid(text) {
			t.Errorf("%s is not UTF-8", name)
		}
	}
}

func TestJustAfterMidnightThereIsATodayWithoutLines(t *testing.T) {
	files, _ := archive(t, Options{Now: noon.Truncate(24 * time.Hour), Days: 2, LinesPerFile: 20})
	if len(files) != 2*len(operators) {
		t.Errorf("%d files", len(files))
	}
}

func TestWeightsAreOfAHundred(t *testing.T) {
	sum := 0
	for _, k := range kinds {
		sum += k.weight
	}
	if sum != 100 {
		t.Errorf("the weights sum to %d", sum)
	}
}

func TestTheDefaultArchiveIsAMonthOfSomeMegabytes(t *testing.T) {
	_, sum := archive(t, Options{Now: noon})
	if sum.Files != 150 || sum.Bytes < 10e6 || sum.Bytes > 20e6 {
		t.Errorf("got %+v", sum)
	}
}

func TestItStopsWhenToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, t.TempDir(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		sum, err := Write(b.Context(), b.TempDir(), Options{Now: noon})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(sum.Bytes)
	}
}
