package text

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gridgate/tables"
)

func TestCodecs(t *testing.T) {
	dir := archive(t, map[string]string{
		"one.gz":        gzipped("a b\nc"),
		"many.gz":       gzipped("a b", "\nc d", "\n"),
		"empty.gz":      "",
		"nothing.gz":    gzipped(""),
		"one.deflate":   deflated("x\r\ny"),
		"many.deflate":  deflated("x\r", "\ny", ""),
		"one.bz2":       bzipped(t, "bz\n"),
		"many.bz2":      bzipped(t, "bz") + bzipped(t, " two\nthree"),
		"plain.GZ":      "not compressed",
		"name.gz/plain": "in a folder",
		".gz":           "hidden",
	})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, blockBytes: 3}), "text_lines")}
	wantRows(t, answer(t, s.scan("path byte_offset line")), false,
		"'one.gz', 0, 'a b'", "'one.gz', 4, 'c'",
		"'many.gz', 0, 'a b'", "'many.gz', 4, 'c d'",
		"'one.deflate', 0, 'x'", "'one.deflate', 3, 'y'",
		"'many.deflate', 0, 'x'", "'many.deflate', 3, 'y'",
		"'one.bz2', 0, 'bz'", "'many.bz2', 0, 'bz two'", "'many.bz2', 7, 'three'",
		"'plain.GZ', 0, 'not compressed'", "'name.gz/plain', 0, 'in a folder'")
}

func TestUnknownCodecIsAnErrorOnlyWhenRead(t *testing.T) {
	for _, suffix := range []string{".zst", ".snappy", ".lz4", ".lzo", ".xz", ".br", ".zip", ".Z", ".7z", ".lzma"} {
		dir := archive(t, map[string]string{"dt=1/a" + suffix: "x", "dt=2/b.txt": "word"})
		s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
		q := s.scan("word")
		_, err := tryAnswer(t, q)
		wantDataError(t, err, "dt=1/a"+suffix)
		for _, where := range []tables.Expr{
			call(tables.OpEq, s.col("dt"), str("2")),
			likes(s.col("path"), "%.txt"),
			call(tables.OpNot, likes(s.col("path"), "%"+suffix)),
		} {
			q.Where = []tables.Expr{where}
			wantRows(t, answer(t, q), false, "'word'")
		}
	}
}

func wantDataError(t *testing.T, err error, where string) {
	t.Helper()
	var d *tables.DataError
	if !errors.As(err, &d) || !strings.Contains(d.Where, where) {
		t.Errorf("got error %v, want a DataError about %s", err, where)
	}
}

// TestCutFilesAreErrors cuts compressed files at every place. Nothing at all is
// an empty file, which Hive skips.
func TestCutFilesAreErrors(t *testing.T) {
	content := strings.Repeat("some words of text\n", 40)
	for suffix, whole := range map[string]string{".gz": gzipped(content), ".deflate": deflated(content), ".bz2": bzipped(t, content)} {
		for n := 1; n < len(whole); n++ {
			dir := archive(t, map[string]string{"ok.txt": "fine", "cut" + suffix: whole[:n]})
			s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
			for _, q := range []tables.Query{s.scan("word"), s.group("", countAll)} {
				rows, err := tryAnswer(t, q)
				wantDataError(t, err, "cut"+suffix)
				if q.Grouped && len(rows) > 0 {
					t.Errorf("a count of a cut file: %v", rows)
				}
			}
		}
		damaged := []byte(whole)
		damaged[len(damaged)/2] ^= 0x55
		dir := archive(t, map[string]string{"bad" + suffix: string(damaged)})
		s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
		_, err := tryAnswer(t, s.group("", countAll))
		wantDataError(t, err, "bad"+suffix)
	}
}

// TestFileThatShrinks cuts a file between two blocks.
func TestFileThatShrinks(t *testing.T) {
	dir := archive(t, map[string]string{"a.txt": strings.Repeat("word\n", 1000)})
	s := open(t, Config{Dir: dir, Workers: 1, blockBytes: 100, batchRows: 10})
	q := shape{t, snapshotOf(t, s, "words")}.scan("word")
	plan, _ := q.Scans()[0].Snapshot.Compile(q)
	rows, err := plan.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b tables.Batch
	if err := rows.Next(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "a.txt"), 600); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = rows.Next(t.Context(), &b)
	}
	wantDataError(t, err, "a.txt")
	if err := rows.Next(t.Context(), &b); err == nil || !errors.As(err, new(*tables.DataError)) {
		t.Errorf("after the error, Next returned %v", err)
	}
}

// TestFileThatGrows reads a file up to the size it was opened with.
func TestFileThatGrows(t *testing.T) {
	dir := archive(t, map[string]string{"a.txt": strings.Repeat("word\n", 1000)})
	s := open(t, Config{Dir: dir, Workers: 1, blockBytes: 100, batchRows: 10})
	q := shape{t, snapshotOf(t, s, "words")}.scan("word")
	plan, _ := q.Scans()[0].Snapshot.Compile(q)
	rows, err := plan.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b tables.Batch
	n := 0
	for i := 0; rows.Next(t.Context(), &b) == nil; i++ {
		if i == 0 {
			write(t, dir, "a.txt", strings.Repeat("word\n", 2000))
		}
		n += b.N
	}
	// Rewriting in place empties the file for a moment, but here nobody reads
	// meanwhile: the one worker waits for Next.
	if n != 1000 {
		t.Errorf("got %d rows, want 1000", n)
	}
}

func TestVanishedFileIsAnError(t *testing.T) {
	dir := archive(t, map[string]string{"a.txt": "x"})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	q := s.scan("word")
	_, err := tryAnswer(t, q)
	wantDataError(t, err, "link.txt")
	q.Where = []tables.Expr{call(tables.OpNe, s.col("path"), str("link.txt"))}
	wantRows(t, answer(t, q), false, "'x'")
}

func TestLinksAndOddFiles(t *testing.T) {
	dir := archive(t, map[string]string{
		"a/x.txt":                "one",
		"a/with space ' \".txt":  "two",
		"ä/ü.txt":                "three",
		"bad\xff.txt":            "four",
		"a/b/c/d/e/f/g/deep.txt": "five",
	})
	for link, to := range map[string]string{
		"a/b/loop": "..", "a/self": ".", "root": dir, "file.txt": "a/x.txt", "folder": "a/b/c",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	wantRows(t, answer(t, s.scan("path word")), false,
		"'a/x.txt', 'one'", `'a/with space \' ".txt', 'two'`, "'ä/ü.txt', 'three'", "'bad\ufffd.txt', 'four'",
		"'a/b/c/d/e/f/g/deep.txt', 'five'", "'file.txt', 'one'", "'folder/d/e/f/g/deep.txt', 'five'")

	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := tryAnswer(t, s.scan("word"))
	wantDataError(t, err, "pipe")
}

func TestMissingAndEmptyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	s := open(t, Config{Dir: dir})
	var outage *tables.Outage
	if _, err := s.Table(t.Context(), "words"); !errors.As(err, &outage) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want an Outage", err)
	} else if want := "text: listing the archive " + dir + ": the folder doesn't exist"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q, want %q", err, want)
	}
	if infos, err := s.Tables(t.Context()); err != nil || len(infos) != 2 {
		t.Errorf("Tables: %v, %v", infos, err)
	}
	write(t, dir, "file", "")
	if _, err := open(t, Config{Dir: filepath.Join(dir, "file")}).Table(t.Context(), "words"); !errors.As(err, &outage) {
		t.Errorf("a file for a folder: got %v, want an Outage", err)
	}
	os.Remove(filepath.Join(dir, "file"))
	for _, table := range []string{"words", "text_lines"} {
		n := shape{t, snapshotOf(t, s, table)}
		wantRows(t, answer(t, n.scan("path")), false)
		wantRows(t, answer(t, n.group("path", countAll)), false)
		wantRows(t, answer(t, n.group("", countAll, countDistinct(n.col("path")))), false, "0, 0")
	}
	n := shape{t, snapshotOf(t, s, "words")}
	os.Remove(dir)
	if _, err := tryAnswer(t, n.scan("path")); !errors.As(err, &outage) {
		t.Errorf("Open: got %v, want an Outage", err)
	}
	var noTable *tables.NoTable
	if _, err := s.Table(context.Background(), "nope"); !errors.As(err, &noTable) {
		t.Errorf("got %v, want NoTable", err)
	}
}

func TestLineEndsAndMarks(t *testing.T) {
	for content, want := range map[string]string{
		"":                     "",
		"a":                    "0:a",
		"a\n":                  "0:a",
		"a\nb":                 "0:a 2:b",
		"\n\n":                 "0: 1:",
		"a\r\nb\rc\n\rd":       "0:a 3:b 5:c 7: 8:d",
		"\r":                   "0:",
		"\r\n":                 "0:",
		"\r\r\n":               "0: 1:",
		"\ufeff":               "",
		"\ufeff\n":             "0:",
		"\ufeffa\nb":           "0:a 5:b",
		"a\ufeff\n\ufeffb":     "0:a\ufeff 5:\ufeffb",
		"\ufeff\ufeffa":        "0:\ufeffa",
		"\xef\xbb\na":          "0:\ufffd\ufffd 3:a",
		"\xe2\x82\xac\xe2\x82": "0:€\ufffd\ufffd",
	} {
		for _, blockBytes := range []int{1, 2, 3, 5, 1000} {
			for _, rangeBytes := range []int64{1, 2, 3, 1000} {
				dir := archive(t, map[string]string{"a.txt": content, "b.gz": gzipped(content)})
				s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, blockBytes: blockBytes, rangeBytes: rangeBytes}), "text_lines")}
				for _, path := range []string{"a.txt", "b.gz"} {
					q := s.scan("byte_offset line")
					q.Where = []tables.Expr{call(tables.OpEq, s.col("path"), str(path))}
					var rows []string
					if want != "" {
						for _, line := range strings.Split(want, " ") {
							offset, text, _ := strings.Cut(line, ":")
							rows = append(rows, fmt.Sprintf("%s, '%s'", offset, text))
						}
					}
					wantRows(t, answer(t, q), false, rows...)
				}
				q := s.group("", countAll)
				n := 0
				if want != "" {
					n = 2 * len(strings.Split(want, " "))
				}
				wantRows(t, answer(t, q), false, fmt.Sprint(n))
			}
		}
	}
}
