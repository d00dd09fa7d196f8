package text

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gridgate/tables"
)

func TestPartitions(t *testing.T) {
	dir := archive(t, map[string]string{
		"DT=2024-01-01/h=1/a.txt":              "a",
		"dt=2024-01-02/b.txt":                  "b",
		"dt=__HIVE_DEFAULT_PARTITION__/c.txt":  "c",
		"e.txt":                                "e",
		"sub/dt=a%3Ab%25%2F%zz%/f.txt":         "f",
		"sub/dt=x=y/g.txt":                     "g",
		"sub/=x/h.txt":                         "h",
		"sub/dt=/i.txt":                        "i",
		"sub/z%2e=caf%E9/j.txt":                "j",
		"_dt=9/x.txt":                          "x",
		"h=2/.dt=1/x.txt":                      "x",
		"h=2/k=v.txt":                          "k",
		"zz=__hive_default_partition__/ab.txt": "l",
	})
	n := snapshotOf(t, open(t, Config{Dir: dir}), "words")
	var names []string
	for _, c := range n.Columns()[4:] {
		names = append(names, c.Name)
		if !c.Nullable || c.Type != tables.Varchar(255) {
			t.Errorf("column %+v", c)
		}
	}
	if got, want := strings.Join(names, " "), "dt h z. zz"; got != want {
		t.Errorf("got columns %s, want %s", got, want)
	}
	s := shape{t, n}
	all := []string{
		"'a', '2024-01-01', '1', NULL", "'b', '2024-01-02', NULL, NULL", "'c', NULL, NULL, NULL", "'e', NULL, NULL, NULL",
		"'f', 'a:b%/%zz%', NULL, NULL", "'g', 'x=y', NULL, NULL", "'h', NULL, NULL, NULL", "'i', NULL, NULL, NULL",
		"'j', NULL, NULL, 'café'", "'k', NULL, '2', NULL", "'l', NULL, NULL, NULL",
	}
	wantRows(t, answer(t, s.scan("word dt h z.")), false, all...)
	q := s.group("dt", countAll, countOf(s.col("h")), countDistinct(s.col("h")))
	q.OrderBy = []tables.Order{{Expr: q.Output[0]}}
	wantRows(t, answer(t, q), true, "NULL, 7, 1, 1", "'2024-01-01', 1, 1, 1", "'2024-01-02', 1, 0, 0", "'a:b%/%zz%', 1, 0, 0", "'x=y', 1, 0, 0")
	q.OrderBy[0].Desc = true
	q.Limit, q.Offset = limit(2), 3
	wantRows(t, answer(t, q), true, "'2024-01-01', 1, 1, 1", "NULL, 7, 1, 1")
}

func TestFolderNamesThatMakeNoColumn(t *testing.T) {
	for _, name := range []string{"path=1", "Word=1", "line=x", "byte_offset=0", "x/pos=1", "a=1/A=2", "a=__HIVE_DEFAULT_PARTITION__/b=1/a=2", strings.Repeat("k", 65) + "=1"} {
		dir := archive(t, map[string]string{name + "/f.txt": "x"})
		_, err := open(t, Config{Dir: dir}).Table(t.Context(), "words")
		wantDataError(t, err, "folder "+name)
	}
}

func TestNewFilesAndChangedPartitions(t *testing.T) {
	dir := archive(t, map[string]string{"dt=1/a.txt": "one"})
	s := open(t, Config{Dir: dir})
	old := snapshotOf(t, s, "words")
	q := shape{t, old}.scan("word dt")
	wantRows(t, answer(t, q), false, "'one', '1'")
	write(t, dir, "dt=2/b.txt", "two")
	wantRows(t, answer(t, q), false, "'one', '1'", "'two', '2'")
	if n := snapshotOf(t, s, "words"); n.Version() != old.Version() {
		t.Error("the version has changed, but no column has")
	}

	write(t, dir, "h=2/b.txt", "three")
	_, err := tryAnswer(t, q)
	var changed *tables.SchemaChanged
	if !errors.As(err, &changed) || changed.Table != "words" {
		t.Fatalf("got %v, want SchemaChanged", err)
	}
	now := snapshotOf(t, s, "words")
	if now.Version() == old.Version() {
		t.Error("the columns have changed, but the version hasn't")
	}
	wantRows(t, answer(t, shape{t, now}.scan("word dt h")), false, "'one', '1', NULL", "'two', '2', NULL", "'three', NULL, '2'")
	if err := os.RemoveAll(filepath.Join(dir, "h=2")); err != nil {
		t.Fatal(err)
	}
	wantRows(t, answer(t, q), false, "'one', '1'", "'two', '2'")
}
