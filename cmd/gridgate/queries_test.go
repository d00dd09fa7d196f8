package main

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gridgate/cmd/gridgate/internal/config"
)

// station lines as different operators write them, with apostrophes, quotes
// and letters that are not ASCII.
var archiveFiles = map[string]string{
	"dt=2026-02-27/dk1.log": "Kassø: breaker Q12 open\nthe crew isn't clear of the line Kassø-Tjele\n\nalarm raised at Tjele: earth fault\n",
	"dt=2026-02-27/no2.log.gz": "Feda: 'alarm' cleared, the crew’s report is pending\n" +
		"alarm: SF6 pressure low; alarm acknowledged\n",
	"dt=2026-02-28/dk1.log": "ALARM Alarm alarm at Malling\r\nfrequency 49.97 Hz, the deviation is 30 mHz",
	"dt=2026-02-28/se3.log": "Älvkarleby: line tripped with 120 MW\nthe line is back, alarm cleared\nΣΟΦΟΣ\n",
	"dt=2026-03-01/se3.log": "the the the breaker\n",
	"notes.txt":             "a note that's outside of any day: the alarm list\n",
}

// day is the partition of a path, as a column.
func day(path string) string {
	if d, _, ok := strings.Cut(path, "/"); ok {
		return strings.TrimPrefix(d, "dt=")
	}
	return "NULL"
}

// withFinalSigma is what lower-casing does to the one Greek word, whose last sigma
// is a final one; Go's knows no final sigma.
func withFinalSigma(files map[string]string) map[string]string {
	out := map[string]string{}
	for path, text := range files {
		out[path] = strings.ReplaceAll(text, "ΣΟΦΟΣ", "σοφος")
	}
	return out
}

func TestQueries(t *testing.T) {
	dir := writeArchive(t, archiveFiles)
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: dir})))
	files := withFinalSigma(archiveFiles)
	byWord := countWords(files, func(_, w string) string { return w })
	byPath := countWords(files, func(p, _ string) string { return p })
	alarms := countWords(files, func(p, w string) string {
		if w == "alarm" {
			return p
		}
		return ""
	})
	thes := countWords(files, func(p, w string) string {
		if w == "the" {
			return p
		}
		return ""
	})
	var both []string
	for _, p := range counts(alarms).rows() {
		path, n, _ := strings.Cut(p, "|")
		if thes[path] > 0 {
			both = append(both, fmt.Sprintf("%s|%s|%d", path, n, thes[path]))
		}
	}
	for _, q := range []struct {
		name, sql string
		want      []string
	}{
		{"tables", "SHOW TABLES", []string{"dead_letters", "ingest_status", "latest_readings", "readings", "recent_readings", "text_lines", "words"}},
		{"top ten", "SELECT word, COUNT(*) AS n FROM words GROUP BY word ORDER BY n DESC, word LIMIT 10", byWord.top(10)},
		{"all words", "SELECT word, COUNT(*) FROM words GROUP BY word ORDER BY word", byWord.rows()},
		{"by path", "SELECT path, COUNT(*) FROM words GROUP BY path ORDER BY path", byPath.rows()},
		{"by day", "SELECT COALESCE(dt, 'NULL') AS d, COUNT(*) FROM words GROUP BY d ORDER BY d",
			countWords(files, func(p, _ string) string { return day(p) }).rows()},
		{"one day", "SELECT COUNT(*) FROM words WHERE dt = '2026-02-28'",
			[]string{fmt.Sprint(countWords(files, func(p, _ string) string { return day(p) })["2026-02-28"])}},
		{"IN", "SELECT word, COUNT(*) FROM words WHERE word IN ('alarm', 'the', 'isn''t', 'σοφος', 'nowhere') GROUP BY word ORDER BY word",
			countWords(files, func(_, w string) string {
				if slices.Contains([]string{"alarm", "the", "isn't", "σοφος"}, w) {
					return w
				}
				return ""
			}).rows()},
		{"COUNT DISTINCT", "SELECT COUNT(DISTINCT word) FROM words", []string{fmt.Sprint(len(byWord))}},
		{"all", "SELECT COUNT(*) FROM words", []string{fmt.Sprint(total(byWord))}},
		{"LIKE", "SELECT path, byte_offset, line FROM text_lines WHERE line LIKE '%alarm cleared%' OR line LIKE 'ALARM%' ORDER BY path", []string{
			"dt=2026-02-28/dk1.log|0|ALARM Alarm alarm at Malling",
			"dt=2026-02-28/se3.log|38|the line is back, alarm cleared",
		}},
		{"lines", "SELECT path, COUNT(*) FROM text_lines GROUP BY path ORDER BY path", []string{
			"dt=2026-02-27/dk1.log|4", "dt=2026-02-27/no2.log.gz|2", "dt=2026-02-28/dk1.log|2", "dt=2026-02-28/se3.log|3",
			"dt=2026-03-01/se3.log|1", "notes.txt|1",
		}},
		{"positions", "SELECT pos, word FROM words WHERE path = 'notes.txt' ORDER BY pos LIMIT 3", []string{"0|a", "1|note", "2|that's"}},
		{"join of two counts", "SELECT a.path, a.n, b.n FROM" +
			" (SELECT path, COUNT(*) AS n FROM words WHERE word = 'alarm' GROUP BY path) AS a" +
			" JOIN (SELECT path, COUNT(*) AS n FROM words WHERE word = 'the' GROUP BY path) AS b ON b.path = a.path ORDER BY a.path", both},
		{"nothing", "SELECT word FROM words WHERE word = 'nowhere'", nil},
	} {
		t.Run(q.name, func(t *testing.T) {
			if got := rowsOf(t, db, q.sql); !slices.Equal(got, q.want) {
				t.Errorf("%s\ngot  %q\nwant %q", q.sql, got, q.want)
			}
		})
	}
}

func total(c counts) int {
	sum := 0
	for _, n := range c {
		sum += n
	}
	return sum
}

func TestDescribe(t *testing.T) {
	dir := writeArchive(t, archiveFiles)
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: dir})))
	for table, want := range map[string][]string{
		"text_lines": {"path", "byte_offset", "line", "dt"},
		"words":      {"path", "byte_offset", "pos", "word", "dt"},
	} {
		var got []string
		for _, row := range rowsOf(t, db, "DESCRIBE "+table) {
			name, _, _ := strings.Cut(row, "|")
			got = append(got, name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", table, got, want)
		}
	}
}

func TestPreparedStatementsTakeValues(t *testing.T) {
	dir := writeArchive(t, archiveFiles)
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: dir})))
	st, err := db.PrepareContext(t.Context(), "SELECT COUNT(*) FROM words WHERE word = ? AND pos >= ?")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for word, want := range map[string]int{"breaker": 2, "crew": 1, "nowhere": 0} {
		var n int
		if err := st.QueryRowContext(t.Context(), word, 0).Scan(&n); err != nil || n != want {
			t.Errorf("%s: got %d, %v; want %d", word, n, err, want)
		}
	}
}

func TestTheNextQuerySeesANewFile(t *testing.T) {
	dir := writeArchive(t, map[string]string{"a.txt": "one\n"})
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: dir})))
	const query = "SELECT word, COUNT(*) FROM words GROUP BY word ORDER BY word"
	if got := rowsOf(t, db, query); !slices.Equal(got, []string{"one|1"}) {
		t.Fatalf("got %q", got)
	}
	writeArchiveFile(t, dir, "b.txt", "two one\n")
	if got := rowsOf(t, db, query); !slices.Equal(got, []string{"one|2", "two|1"}) {
		t.Errorf("got %q", got)
	}
	// A new folder may bring a new column.
	writeArchiveFile(t, dir, "dt=2026-03-01/c.txt", "three\n")
	if got := rowsOf(t, db, "SELECT dt, word FROM words WHERE dt IS NOT NULL"); !slices.Equal(got, []string{"2026-03-01|three"}) {
		t.Errorf("got %q", got)
	}
}

func TestThePushdownSwitchChangesNoAnswer(t *testing.T) {
	dir := writeArchive(t, archiveFiles)
	db := connect(t, startGateway(t, servingConfig(config.Text{Location: dir})))
	db.SetMaxOpenConns(1) // the variable is the session's
	const query = "SELECT word, COUNT(*) AS n FROM words WHERE pos > 0 GROUP BY word HAVING n > 1 ORDER BY n DESC, word LIMIT 5"
	want := rowsOf(t, db, query)
	for _, mode := range []string{"off", "strict", "on"} {
		if _, err := db.ExecContext(t.Context(), "SET gridgate_pushdown = '"+mode+"'"); err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, db, query); len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", mode, got, want)
		}
	}
}

func TestUsersLogInWithTheirPasswords(t *testing.T) {
	c := servingConfig(config.Text{Location: writeArchive(t, archiveFiles)})
	c.Server.Users = []config.User{{Name: "anna", Password: "right", Databases: []string{config.Database}}}
	g := startGateway(t, c)
	if got := rowsOf(t, connectAs(t, g, "anna", "right"), "SELECT COUNT(*) FROM text_lines"); !slices.Equal(got, []string{"13"}) {
		t.Errorf("got %q", got)
	}
	for name, db := range map[string]*sql.DB{
		"wrong password": connectAs(t, g, "anna", "wrong"),
		"root":           connect(t, g),
	} {
		if err := db.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "1045") {
			t.Errorf("%s: got %v, want error 1045", name, err)
		}
	}
}

func TestAMissingArchiveIsAnErrorUntilItIsThere(t *testing.T) {
	dir := writeArchive(t, nil) + "/later"
	g := startGateway(t, servingConfig(config.Text{Location: dir}))
	if len(g.Info().Examples) != 0 {
		t.Error("there are examples for an archive that can't be read")
	}
	db := connect(t, g)
	if rows, err := queryRows(t, db, "SELECT COUNT(*) FROM words"); err == nil {
		t.Errorf("got %q, want an error", rows)
	}
	writeArchiveFile(t, dir, "a.txt", "one two\n")
	if got := rowsOf(t, db, "SELECT COUNT(*) FROM words"); !slices.Equal(got, []string{"2"}) {
		t.Errorf("got %q", got)
	}
}
