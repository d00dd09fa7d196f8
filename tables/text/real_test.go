package text

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gridgate/tables"
)

// TestRealTextIsCountedRight compares the word counts of real folders with
// those of testdata/count.pl, word by word.
func TestRealTextIsCountedRight(t *testing.T) {
	if _, err := exec.LookPath("perl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("perl is missing, and CI may skip nothing")
		}
		t.Skip("skipped: perl is missing")
	}
	root, err := goRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"/usr/share/common-licenses", "/usr/share/doc", filepath.Join(root, "src", "unicode"), filepath.Join(root, "src", "net", "http")} {
		t.Run(filepath.Base(from), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if n := copySome(t, from, dir, 2<<20); n == 0 {
				t.Skipf("skipped: %s has no text", from)
			}
			cmd := exec.Command("perl", "testdata/count.pl", dir)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil || stderr.Len() > 0 {
				t.Fatalf("%v: %s", err, stderr.Bytes())
			}
			var want []string
			for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
				n, word, _ := strings.Cut(line, "\t")
				want = append(want, tables.QuoteSQL(word)+", "+n)
			}
			s := open(t, Config{Dir: dir, rangeBytes: 10_000})
			got := answer(t, wordCount(shape{t, snapshotOf(t, s, "words")}))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d words, perl has %d; %s", len(got), len(want), firstDifference(got, want))
			}
			t.Logf("%d words are equal", len(got))
		})
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("got %s, want %s", got[i], want[i])
		}
	}
	return "one has more"
}

// copySome copies up to limit bytes of readable files.
func copySome(t *testing.T, from, to string, limit int64) int64 {
	var copied int64
	err := filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if copied >= limit {
			return fs.SkipAll
		}
		if err != nil {
			return nil // a folder that we may not read
		}
		base := entry.Name()
		hidden := base[0] == '.' || base[0] == '_'
		if entry.IsDir() && hidden {
			return fs.SkipDir
		}
		if entry.IsDir() || hidden || codecOf(name) == codecUnknown {
			return nil
		}
		in, err := os.Open(name)
		if err != nil {
			return nil // a link that leads nowhere
		}
		defer in.Close()
		if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o777); err != nil {
			return err
		}
		out, err := os.Create(filepath.Join(to, rel))
		if err != nil {
			return err
		}
		n, err := io.Copy(out, in)
		copied += n
		out.Close()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied
}
