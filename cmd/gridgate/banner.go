package main

import (
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
)

// Info is what is known about a gateway once it is ready.
type Info struct {
	Addr net.Addr
	// Connect is a command line that connects to it.
	Connect string
	// Examples are queries that answer something; none when the archive can't
	// be read.
	Examples []string
	// Moved is the address that was in use, when the next free port was taken.
	Moved string
}

// connectLine is the mysql command that reaches the gateway from this machine.
func connectLine(a net.Addr, users []config.User) string {
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		port = "3306"
	}
	who := "root"
	if len(users) > 0 {
		who = shellWord(users[0].Name) + " -p"
	}
	return fmt.Sprintf("mysql -h %s -P %s -u %s %s", dialHost(a), port, who, config.Database)
}

// shellWord is s as one word of a shell.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.@", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// announce tells a person how to begin: as plain text to w when the log is for
// people too, else as events of the log.
func (i *Info) announce(w io.Writer, log zerolog.Logger, format string) {
	if format == "json" || w == nil {
		log.Info().Stringer("address", i.Addr).Str("connect", i.Connect).Msg("ready")
		for _, q := range i.Examples {
			log.Info().Str("sql", strings.Join(strings.Fields(q), " ")).Msg("a query to begin with")
		}
		return
	}
	io.WriteString(w, i.banner())
}

// banner is the announcement for people.
func (i *Info) banner() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\ngridgate is ready on %s", i.Addr)
	if i.Moved != "" {
		fmt.Fprintf(&b, " (%s is in use)", i.Moved)
	}
	fmt.Fprintf(&b, ". To connect:\n\n  %s\n\n(MariaDB's client from 11.4 on wants --skip-ssl too.)", i.Connect)
	if len(i.Examples) > 0 {
		b.WriteString(" Queries to begin with:\n")
	}
	for _, q := range i.Examples {
		fmt.Fprintf(&b, "\n  %s;\n", strings.ReplaceAll(q, "\n", "\n  "))
	}
	if len(i.Examples) == 0 {
		b.WriteString("\n")
	}
	b.WriteString("\nCtrl-C ends it.\n\n")
	return b.String()
}

// examples are queries over an archive: by day where it has days.
func examples(demo, days bool) []string {
	// The demo's lines begin with their time, whose numbers would be the most
	// frequent words.
	where, a, b, like, by := "", "and", "the", "%the%", "path"
	if demo {
		where, a, b, like = " WHERE word >= 'a'", "alarm", "tripped", "%tripped with%lightning%"
	}
	if days {
		by = "dt"
	}
	count := func(word string) string {
		return fmt.Sprintf("(SELECT %s, COUNT(*) AS n FROM words WHERE word = '%s' GROUP BY %[1]s)", by, word)
	}
	return []string{
		"SELECT word, COUNT(*) AS n FROM words" + where + " GROUP BY word ORDER BY n DESC, word LIMIT 10",
		fmt.Sprintf("SELECT path, COUNT(*) AS n FROM words WHERE word = '%s' GROUP BY path ORDER BY n DESC, path LIMIT 10", a),
		fmt.Sprintf("SELECT %s, COUNT(*) AS n, COUNT(DISTINCT word) AS different FROM words GROUP BY %[1]s ORDER BY %[1]s LIMIT 40", by),
		fmt.Sprintf("SELECT path, line FROM text_lines WHERE line LIKE '%s' LIMIT 5", like),
		fmt.Sprintf("SELECT a.%[1]s, a.n AS '%[2]s', b.n AS '%[3]s'\n  FROM %[4]s AS a\n  JOIN %[5]s AS b ON b.%[1]s = a.%[1]s\n  ORDER BY a.%[1]s LIMIT 40",
			by, a, b, count(a), count(b)),
	}
}

// examples are queries over what Kafka feeds, as far as the tables are there;
// with an archive beside it, over both.
func (l *live) examples(archive bool) []string {
	var queries []string
	if l.has("redis") {
		queries = append(queries, "SELECT station, kind, value, unit, age_seconds FROM latest_readings ORDER BY station, kind")
	}
	if l.has("documents") {
		queries = append(queries, "SELECT station, COUNT(*) AS n, ROUND(AVG(value), 1) AS mean FROM readings\n  GROUP BY station ORDER BY station LIMIT 20")
	}
	if l.has("redis") && archive {
		return append(queries, "SELECT l.station, l.value, w.n AS in_the_logs FROM latest_readings AS l\n"+
			"  JOIN (SELECT word, COUNT(*) AS n FROM words GROUP BY word) AS w ON w.word = LOWER(l.station)\n  ORDER BY l.station")
	}
	return append(queries, "SELECT store, partition_id, records, dead_letters, lag_records, state FROM ingest_status")
}
