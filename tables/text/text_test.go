package text

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"gridgate/tables"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		removeCorpus()
		os.Exit(code)
	}))
}

func TestLinesAndWords(t *testing.T) {
	dir := archive(t, map[string]string{
		"a.txt":     "The cat’s hat.\nThe end\n",
		"sub/b.txt": "cat\r\nCAT\rlast",
		"empty":     "",
		"_hidden":   "x",
		".hidden":   "x",
		"_t/x":      "x",
	})
	s := open(t, Config{Dir: dir})
	lines := shape{t, snapshotOf(t, s, "text_lines")}
	wantRows(t, answer(t, lines.scan("path byte_offset line")), false,
		"'a.txt', 0, 'The cat’s hat.'", "'a.txt', 17, 'The end'",
		"'sub/b.txt', 0, 'cat'", "'sub/b.txt', 5, 'CAT'", "'sub/b.txt', 9, 'last'")
	words := shape{t, snapshotOf(t, s, "words")}
	wantRows(t, answer(t, words.scan("path byte_offset pos word")), false,
		"'a.txt', 0, 0, 'the'", "'a.txt', 0, 1, 'cat\\'s'", "'a.txt', 0, 2, 'hat'", "'a.txt', 17, 0, 'the'", "'a.txt', 17, 1, 'end'",
		"'sub/b.txt', 0, 0, 'cat'", "'sub/b.txt', 5, 0, 'cat'", "'sub/b.txt', 9, 0, 'last'")
	q := words.group("word", countAll)
	q.OrderBy = []tables.Order{{Expr: q.Output[1], Desc: true}, {Expr: q.Output[0]}}
	q.Limit = limit(2)
	wantRows(t, answer(t, q), true, "'cat', 2", "'the', 2")
}

func TestDistinctCountsOfKeys(t *testing.T) {
	dir := archive(t, map[string]string{"dt=1/a": "x y z x", "dt=2/b": "x"})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	wantRows(t, answer(t, s.group("dt", countDistinct(s.col("dt")), countDistinct(s.col("word")))), false, "'1', 1, 3", "'2', 1, 1")
	wantRows(t, answer(t, s.group("word", countDistinct(s.col("word")), countDistinct(s.col("path")))), false, "'x', 1, 2", "'y', 1, 1", "'z', 1, 1")
	wantRows(t, answer(t, s.group("", countAll, countDistinct(s.col("word")))), false, "5, 3")
}
