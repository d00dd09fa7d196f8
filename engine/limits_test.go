package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/rs/zerolog"

	"gridgate/engine"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

// limited is an engine with limits over memory() and a table of 3000 long words,
// each twice.
func limited(t *testing.T, l engine.Limits, accept func(*tables.Query) *tables.Unsupported) *fixture {
	t.Helper()
	m := memory()
	m.Accept = accept
	addLong(m)
	e, err := engine.New(engine.Config{
		Databases: []engine.Database{{Name: "grid", Stores: []tables.Store{m}}},
		Log:       zerolog.Nop(), Limits: l,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	s, err := e.NewSession(context.Background(), "test", "root", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s.SetCurrentDatabase("grid")
	return &fixture{TB: t, engine: e, session: s}
}

const longRows = 3000

func addLong(m *tablestest.Memory) {
	var rows [][]tables.Value
	for i := range longRows {
		word := fmt.Sprintf("%04d%s", i%(longRows/2), strings.Repeat("x", 96))
		rows = append(rows, []tables.Value{tables.IntValue(int64(i)), tables.TextValue(word)})
	}
	m.Add("long_words", []tables.Column{{Name: "n", Type: tables.Int64}, {Name: "word", Type: tables.Text}}, rows)
}

// refuseAll leaves everything but plain reading to the gateway.
var refuseAll = refuser(map[string]bool{
	"having": true, "group": true, "distinct": true, "order": true, "limit": true, "offset": true, "output-call": true,
	"where": true, "join": true, "derived": true, "keys": true,
})

// TestMemoryIsBounded: each operator that holds rows, values or groups fails with
// error 1038 where that is more than a statement may hold; then nothing is held,
// and the next statement works. What fits goes through. The reference answer (off)
// is bounded as well.
func TestMemoryIsBounded(t *testing.T) {
	const large = "FROM long_words"
	for name, c := range map[string]struct {
		query  string
		accept func(*tables.Query) *tables.Unsupported // nil: refuseAll
		onOnly bool                                    // go-mysql-server's own way holds nothing
		what   string                                  // of the error
	}{
		"sort":          {query: "SELECT word " + large + " ORDER BY word", what: "rows to sort"},
		"top":           {query: "SELECT word " + large + " ORDER BY word LIMIT 2500", what: "the first rows of a sort"},
		"huge top":      {query: "SELECT word " + large + " ORDER BY word LIMIT 9000000000", what: "rows to sort"},
		"group":         {query: "SELECT COUNT(*) FROM (SELECT word, COUNT(*) " + large + " GROUP BY word) t", what: "groups"},
		"distinct":      {query: "SELECT COUNT(*) FROM (SELECT DISTINCT word " + large + ") t", what: "distinct values"},
		"countdistinct": {query: "SELECT COUNT(DISTINCT word) " + large, what: "distinct values"},
		"concat":        {query: "SELECT GROUP_CONCAT(word ORDER BY n) " + large, what: "an aggregate collects"},
		"array":         {query: "SELECT JSON_LENGTH(JSON_ARRAYAGG(word)) " + large, what: "an aggregate collects"},
		"union":         {query: "SELECT word " + large + " UNION SELECT word " + large, what: "distinct values"},
		"intersect":     {query: "SELECT word " + large + " INTERSECT SELECT word " + large, what: "distinct values"},
		"except":        {query: "SELECT word " + large + " EXCEPT SELECT 'x'", what: "distinct values"},
		"window":        {query: "SELECT n, SUM(n) OVER (PARTITION BY word) " + large, what: "window functions"},
		"derived":       {query: "SELECT COUNT(*) FROM nouns n LEFT JOIN (SELECT word FROM long_words LIMIT 2900) t ON n.word < t.word", what: "limits.query_memory"},
		"hash join":     {query: "SELECT COUNT(*) FROM long_words a JOIN long_words b ON a.word = b.word", what: "the inner side of a join"},
		"loop join":     {query: "SELECT COUNT(*) FROM nouns a LEFT JOIN long_words b ON a.word < b.word", onOnly: true, what: "without an equality"},
		"subquery":      {query: "SELECT COUNT(*) FROM nouns WHERE word IN (SELECT word " + large + ") OR rank_no = 7", what: "a subquery"},
		"recursion":     {query: "WITH RECURSIVE r AS (SELECT n, word " + large + " UNION ALL SELECT n + 1, word FROM r WHERE n < 0) SELECT COUNT(*) FROM r", what: "a recursion"},
		"recursive set": {query: "WITH RECURSIVE r AS (SELECT n, word " + large + " UNION SELECT n + 1, word FROM r WHERE n < 0) SELECT COUNT(*) FROM r", what: ""},
	} {
		t.Run(name, func(t *testing.T) {
			accept := c.accept
			if accept == nil {
				accept = refuseAll
			}
			for _, mode := range []string{"on", "off"} {
				if mode == "off" && c.onOnly {
					continue
				}
				f := limited(t, engine.Limits{QueryMemory: 100 << 10}, accept)
				f.must("SET gridgate_pushdown = '" + mode + "'")
				rows, err := f.query(c.query)
				if e := engine.MySQLError(err); err == nil || e.Num != 1038 || e.State != "HY001" || !strings.Contains(e.Message, c.what) || !strings.Contains(e.Message, "102400") {
					t.Errorf("%s gives %d rows, error %v, want 1038 with %q", mode, len(rows), err, c.what)
				}
				if n := f.engine.HeldMemory(); n != 0 {
					t.Errorf("%s: %d bytes are still held", mode, n)
				}
				f.must("SELECT word FROM nouns ORDER BY word")
				f = limited(t, engine.Limits{QueryMemory: 8 << 20}, accept)
				f.must("SET gridgate_pushdown = '" + mode + "'")
				f.must(c.query)
				if n := f.engine.HeldMemory(); n != 0 {
					t.Errorf("%s: %d bytes are still held after the statement that fits", mode, n)
				}
			}
		})
	}
}

// TestJoinsWithoutRoom: where reading the other side whole would cost less than
// looking up, but has no room, the join goes on looking up.
func TestJoinsWithoutRoom(t *testing.T) {
	const join = "EXPLAIN ANALYZE SELECT COUNT(*) FROM long_words a JOIN long_words b ON a.word = b.word"
	accept := refuser(map[string]bool{"join": true})
	for limit, want := range map[int64]string{100 << 10: "3 look-ups of 3000 keys in all\n", 0: "then it read the other side whole"} {
		f := limited(t, engine.Limits{QueryMemory: limit}, accept)
		got := f.must(join)[0][0]
		if !strings.Contains(got, want) || !strings.Contains(got, "6000 rows, ") {
			t.Errorf("with %d bytes:\n%s\nwant %q", limit, got, want)
		}
		if n := f.engine.HeldMemory(); n != 0 {
			t.Errorf("%d bytes are still held", n)
		}
	}
}

// TestMemoryOfRepeatedSubqueries: what a correlated subquery holds is given back
// before it runs again, so that many small ones are no large one.
func TestMemoryOfRepeatedSubqueries(t *testing.T) {
	for _, mode := range []string{"on", "off"} {
		f := limited(t, engine.Limits{QueryMemory: 400 << 10}, refuseAll)
		f.must("SET gridgate_pushdown = '" + mode + "'")
		// Each holds some 100 KB, in a join's inner side and a sort; there are 17.
		got := f.must(`SELECT COUNT(*) FROM words o WHERE
			(SELECT COUNT(*) FROM (SELECT a.n FROM long_words a JOIN nouns b ON a.n = b.rank_no WHERE a.n + 1 > o.pos - 100 ORDER BY a.word) t) >= 0`)
		if got[0][0] != "17" {
			t.Errorf("%s gives %v", mode, got)
		}
		// 3000 times 17 rows in a join.
		got = f.must("SELECT COUNT(*) FROM long_words o, LATERAL (SELECT a.pos FROM words a JOIN words b ON a.word = b.word WHERE a.pos > o.n) x")
		if got[0][0] != "316" {
			t.Errorf("%s gives %v", mode, got)
		}
	}
}

// TestSharedMemoryIsBounded: the statement that passes the limit of all fails, and
// the one that holds most of it lives.
func TestSharedMemoryIsBounded(t *testing.T) {
	f := limited(t, engine.Limits{Memory: 1 << 20}, refuseAll)
	const sort = "SELECT word FROM long_words ORDER BY word"
	ctx := sql.NewContext(context.Background(), sql.WithSession(f.session), sql.WithProcessList(f.engine.SQL().ProcessList))
	first, err := f.engine.Execute(ctx, engine.Statement{Query: sort})
	if err != nil {
		t.Fatal(err)
	}
	held := f.engine.HeldMemory()
	if held < longRows*100 {
		t.Errorf("a sort of %d rows of 100 bytes holds %d bytes", longRows, held)
	}
	_, err = f.query("SELECT a.word, b.word FROM (" + sort + ") a JOIN (" + sort + ") b ON a.word = b.word ORDER BY b.word")
	if e := engine.MySQLError(err); err == nil || e.Num != 1038 || !strings.Contains(e.Message, "all statements together") {
		t.Errorf("the second statement: %v", err)
	}
	if n := f.engine.HeldMemory(); n != held {
		t.Errorf("%d bytes are held, want those of the first statement, %d", n, held)
	}
	if _, err := first.Iter.Next(ctx); err != nil {
		t.Errorf("the first statement: %v", err)
	}
	if err := first.Iter.Close(ctx); err != nil {
		t.Error(err)
	}
	if n := f.engine.HeldMemory(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

// warnings are the rows of SHOW WARNINGS.
func (f *fixture) warnings() [][]string { f.Helper(); return f.must("SHOW WARNINGS") }

// TestWarnings: who pulls many rows into the gateway to get few of them is told,
// and nobody else.
func TestWarnings(t *testing.T) {
	f := limited(t, engine.Limits{WarnRows: 1000}, refuseAll)
	want := "Note | 1105 | 3000 rows of long_words (memory) were read into the gateway, where WHERE made fewer of them: (long_words.n < 5): the test refuses it"
	check := func(query, want string) {
		t.Helper()
		f.must(query)
		var got []string
		for _, w := range f.warnings() {
			got = append(got, strings.Join(w, " | "))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s warns %q, want %q", query, got, want)
		}
	}
	check("SELECT word FROM long_words WHERE n < 5", want)
	check("SELECT word FROM long_words", "")
	check("SELECT word FROM long_words ORDER BY word", "")
	check("SELECT word FROM words WHERE pos < 5", "") // too few
	check("SELECT a.n, b.rank_no FROM long_words a LEFT JOIN nouns b ON a.word = b.word", "")
	check("SELECT COUNT(*) FROM nouns WHERE rank_no + 0 > (SELECT COUNT(*) FROM long_words)",
		"Note | 1105 | 3000 rows of long_words (memory) were read into the gateway, where the aggregate made fewer of them: the test refuses it")
	f.must("SET gridgate_warn_rows = 0")
	check("SELECT word FROM long_words WHERE n < 5", "")
	f.must("SET gridgate_warn_rows = 2999")
	check("SELECT word FROM long_words WHERE n < 5", want)
	f.must("SET gridgate_warn_rows = 3000")
	check("SELECT word FROM long_words WHERE n < 5", "")
	check("SELECT /*+ SET_VAR(gridgate_warn_rows = 10) */ word FROM long_words WHERE n < 5", want)
}

// TestSetVar: the hint holds for its statement, however that is run.
func TestSetVar(t *testing.T) {
	f := newFixture(t, memory())
	const refused = "word FROM words WHERE REVERSE(word) = 'eht'"
	for _, query := range []string{
		"SELECT /*+ SET_VAR(gridgate_pushdown=strict) */ " + refused,
		"SELECT /*+ MAX_EXECUTION_TIME(1000) SET_VAR( gridgate_pushdown = 'STRICT' ) */ " + refused,
		"EXPLAIN SELECT /*+ SET_VAR(gridgate_pushdown=strict) */ " + refused,
		"SELECT /*+ SET_VAR(gridgate_pushdown=strict) */ " + refused + " UNION ALL SELECT 1",
	} {
		if _, err := f.query(query); err == nil || engine.MySQLError(err).Num != 1235 {
			t.Errorf("%s: %v", query, err)
		}
		if got := f.must("SELECT @@gridgate_pushdown")[0][0]; got != "on" {
			t.Errorf("after %s the session's mode is %s", query, got)
		}
		f.must("SELECT " + refused)
	}
	f.must("PREPARE s FROM \"SELECT /*+ SET_VAR(gridgate_pushdown=strict) */ word FROM words WHERE REVERSE(word) = ?\"")
	f.must("SET @w = 'eht'")
	if _, err := f.query("EXECUTE s USING @w"); err == nil || engine.MySQLError(err).Num != 1235 {
		t.Errorf("EXECUTE gives %v", err)
	}
	f.must("SELECT /*+ SET_VAR(gridgate_pushdown=off) */ " + refused)
	f.must("SET gridgate_pushdown = 'strict'")
	f.must("SELECT /*+ SET_VAR(gridgate_pushdown=on) */ " + refused)
	for hint, want := range map[string]string{
		"gridgate_pushdown=some": "Warning | 1231 | Variable 'gridgate_pushdown' can't be set to the value of 'some'",
		"sort_buffer_size=1":     "Warning | 3637 | Variable 'sort_buffer_size' cannot be set using SET_VAR hint.",
		"nobody=1":               "Warning | 3128 | Unresolved name 'nobody' for SET_VAR hint",
	} {
		f.must("SELECT /*+ SET_VAR(" + hint + ") */ word FROM words")
		got := f.warnings()
		if len(got) != 1 || strings.Join(got[0], " | ") != want {
			t.Errorf("%s warns %q, want %q", hint, got, want)
		}
	}
}

// TestStrictLookups: looking up is no reading of a whole table; reading one whole
// to drop most of it is, on either side of a join.
func TestStrictLookups(t *testing.T) {
	m := memory()
	m.Accept = refuser(map[string]bool{"join": true})
	f := newFixture(t, m)
	f.must("SET gridgate_pushdown = 'strict'")
	for query, allowed := range map[string]bool{
		// The driver is read whole because all of it is asked for.
		"SELECT a.word, b.rank_no FROM words a LEFT JOIN nouns b ON a.word = b.word":                      true,
		"SELECT a.word, b.rank_no FROM words a JOIN nouns b ON a.word = b.word WHERE a.path = 'f1.txt'":   true,
		"SELECT a.word, b.rank_no FROM words a JOIN nouns b ON a.word = b.word WHERE REVERSE(b.word)='x'": false,
		"SELECT a.word, b.rank_no FROM words a JOIN nouns b ON a.word = b.word":                           true,
		"SELECT COUNT(*) FROM words a JOIN nouns b ON a.word = b.word":                                    false,
		// Nobody asked for all of a side, and there is no key to look up.
		"SELECT a.word, b.rank_no FROM words a JOIN nouns b ON a.word < b.word": false,
	} {
		_, err := f.query(query)
		if allowed != (err == nil) || err != nil && engine.MySQLError(err).Num != 1235 {
			t.Errorf("%s: allowed %v, want %v: %v", query, err == nil, allowed, err)
		}
	}
}
