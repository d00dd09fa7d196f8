package main

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/testdata/need"
)

// mariadb runs the mariadb command line against g and returns what it prints.
func mariadb(t *testing.T, g *Gateway, args ...string) (string, error) {
	t.Helper()
	path := need.Command(t, "Debian's mariadb-client", "mariadb")
	host, port, err := net.SplitHostPort(g.Info().Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	args = append([]string{"--no-defaults", "--skip-ssl", "-h", host, "-P", port, "-u", "root", config.Database}, args...)
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	return string(out), err
}

func TestTheCommandLineClientShowsATable(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: writeArchive(t, archiveFiles)}))
	const want = `+---------+---+
| word    | n |
+---------+---+
| alarm   | 9 |
| the     | 9 |
| cleared | 2 |
+---------+---+
`
	byWord := countWords(withFinalSigma(archiveFiles), func(_, w string) string {
		if w == "alarm" || w == "the" || w == "cleared" {
			return w
		}
		return ""
	})
	if got := strings.Join(byWord.top(3), " "); got != "alarm|9 the|9 cleared|2" {
		t.Fatalf("the test expects another archive: %s", got)
	}
	got, err := mariadb(t, g, "-t", "-e",
		"SELECT word, COUNT(*) AS n FROM words WHERE word IN ('alarm', 'the', 'cleared') GROUP BY word ORDER BY n DESC, word LIMIT 3")
	if err != nil || got != want {
		t.Errorf("%v\ngot\n%s\nwant\n%s", err, got, want)
	}
}

func TestTheCommandLineClientShowsLetters(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: writeArchive(t, archiveFiles)}))
	got, err := mariadb(t, g, "--default-character-set=utf8mb4", "-N", "-e", "SELECT line FROM text_lines WHERE line LIKE 'Ä%'; SHOW TABLES")
	if want := "Älvkarleby: line tripped with 120 MW\ndead_letters\ningest_status\nlatest_readings\nreadings\nrecent_readings\ntext_lines\nwords\n"; err != nil || got != want {
		t.Errorf("%v, got %q, want %q", err, got, want)
	}
}

func TestTheCommandLineClientGetsMySQLsErrors(t *testing.T) {
	g := startGateway(t, servingConfig(config.Text{Location: writeArchive(t, archiveFiles)}))
	for statement, want := range map[string]string{
		"SELECT nothing FROM words": "ERROR 1054 (42S22)",
		"SELECT 1 FROM nowhere":     "ERROR 1146 (42S02)",
		"SELEC 1":                   "ERROR 1064 (42000)",
		"DELETE FROM words":         "ERROR 1290 (HY000)",
		"USE nowhere":               "ERROR 1049 (42000)",
	} {
		got, err := mariadb(t, g, "-e", statement)
		if err == nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v\n%s\nwant %s", statement, err, got, want)
		}
	}
}
