package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
)

func demoInfo() Info {
	a := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3307}
	return Info{Addr: a, Connect: connectLine(a, nil), Examples: examples(true, true), Moved: "127.0.0.1:3306"}
}

func TestBanner(t *testing.T) {
	const want = `
gridgate is ready on 127.0.0.1:3307 (127.0.0.1:3306 is in use). To connect:

  mysql -h 127.0.0.1 -P 3307 -u root grid

(MariaDB's client from 11.4 on wants --skip-ssl too.) Queries to begin with:

  SELECT word, COUNT(*) AS n FROM words WHERE word >= 'a' GROUP BY word ORDER BY n DESC, word LIMIT 10;

  SELECT path, COUNT(*) AS n FROM words WHERE word = 'alarm' GROUP BY path ORDER BY n DESC, path LIMIT 10;

  SELECT dt, COUNT(*) AS n, COUNT(DISTINCT word) AS different FROM words GROUP BY dt ORDER BY dt LIMIT 40;

  SELECT path, line FROM text_lines WHERE line LIKE '%tripped with%lightning%' LIMIT 5;

  SELECT a.dt, a.n AS 'alarm', b.n AS 'tripped'
    FROM (SELECT dt, COUNT(*) AS n FROM words WHERE word = 'alarm' GROUP BY dt) AS a
    JOIN (SELECT dt, COUNT(*) AS n FROM words WHERE word = 'tripped' GROUP BY dt) AS b ON b.dt = a.dt
    ORDER BY a.dt LIMIT 40;

Ctrl-C ends it.

`
	var out, log bytes.Buffer
	info := demoInfo()
	info.announce(&out, zerolog.New(&log), "console")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if log.Len() != 0 {
		t.Errorf("the log has it too: %s", log.String())
	}
}

func TestBannerWithoutAnArchive(t *testing.T) {
	info := demoInfo()
	info.Examples, info.Moved = nil, ""
	const want = `
gridgate is ready on 127.0.0.1:3307. To connect:

  mysql -h 127.0.0.1 -P 3307 -u root grid

(MariaDB's client from 11.4 on wants --skip-ssl too.)

Ctrl-C ends it.

`
	if got := info.banner(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSONLogsHaveNoBanner(t *testing.T) {
	var out, log bytes.Buffer
	info := demoInfo()
	info.announce(&out, zerolog.New(&log), "json")
	if out.Len() != 0 {
		t.Errorf("printed %q", out.String())
	}
	var queries int
	for d := json.NewDecoder(&log); d.More(); {
		var event struct{ Message, Address, Connect, SQL string }
		if err := d.Decode(&event); err != nil {
			t.Fatal(err)
		}
		switch event.Message {
		case "ready":
			if event.Address != "127.0.0.1:3307" || event.Connect != info.Connect {
				t.Errorf("got %+v", event)
			}
		case "a query to begin with":
			if strings.Contains(event.SQL, "\n") || !strings.HasPrefix(event.SQL, "SELECT ") {
				t.Errorf("got %+v", event)
			}
			queries++
		}
	}
	if queries != 5 {
		t.Errorf("%d queries, want 5", queries)
	}
}

func TestConnectLineOfUsers(t *testing.T) {
	a := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3306}
	for name, want := range map[string]string{
		"anna":        "mysql -h 127.0.0.1 -P 3306 -u anna -p grid",
		"o'hara & co": `mysql -h 127.0.0.1 -P 3306 -u 'o'\''hara & co' -p grid`,
	} {
		if got := connectLine(a, []config.User{{Name: name}}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What the banner offers answers something, in the demo archive, in one with
// days and in one without.
func TestEveryExampleAnswers(t *testing.T) {
	record := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(record, []byte(`{"station": "one", "ts": 1758100000, "value": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		text   config.Text
		file   string
		stores []string
		n      int
	}{
		{"demo", config.Text{Demo: true}, "", []string{"documents", "latest"}, 5},
		{"days", config.Text{Location: writeArchive(t, map[string]string{"dt=2026-03-01/a.txt": "the one and the other\n"})}, "", []string{"latest"}, 5},
		{"folder", config.Text{Location: writeArchive(t, map[string]string{"a.txt": "the one and the other\n"})}, "", []string{"documents"}, 5},
		{"records", config.Text{}, record, []string{"documents", "latest"}, 3},
		{"latest only", config.Text{}, record, []string{"latest"}, 2},
		{"documents only", config.Text{}, record, []string{"documents"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := servingConfig(c.text)
			cfg.Ingest.File, cfg.Ingest.Stores = c.file, c.stores
			g := startGateway(t, cfg)
			db := connect(t, g)
			queries := g.Info().Examples
			if len(queries) != c.n {
				t.Errorf("%d examples, want %d", len(queries), c.n)
			}
			for _, q := range queries {
				// The demo's first readings may be on their way.
				eventually(t, "rows of "+q, func() bool { return len(rowsOf(t, db, q)) > 0 })
			}
		})
	}
}
