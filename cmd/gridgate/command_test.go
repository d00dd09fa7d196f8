package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
)

// runCommand runs a command line that ends by itself.
func runCommand(t *testing.T, environ []string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = command(t.Context(), args, streams{out: &o, err: &e, environ: environ})
	return code, o.String(), e.String()
}

func TestCommandLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gridgate.yaml")
	if err := os.WriteFile(file, []byte("server: {lisen: x}\nlog: {level: loud}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy, _ := busyPort(t)
	for _, c := range []struct {
		name     string
		args     []string
		code     int
		out, err string // what must be part of the output
	}{
		{"nothing", nil, exitUsage, "", `expected one of "serve", "produce", "check", "version"`},
		{"unknown command", []string{"sevre"}, exitUsage, "", "unexpected argument sevre"},
		{"unknown flag", []string{"serve", "--prot", "1"}, exitUsage, "", "unknown flag --prot"},
		{"help", []string{"--help"}, exitOK, "gridgate serve --demo", ""},
		{"help of serve", []string{"serve", "--help"}, exitOK, "or the next free port", ""},
		{"version", []string{"version"}, exitOK, "go-mysql-server v0.", ""},
		{"nothing to serve", []string{"serve"}, exitFailed, "", "gridgate serve --text DIR"},
		{"two archives", []string{"serve", "--demo", "--text", "a"}, exitUsage, "", "--text and --demo can't be used together"},
		{"wrong flag", []string{"serve", "--demo", "--listen", "x"}, exitFailed, "", `command line: --listen: "x" is not allowed`},
		{"busy address", []string{"serve", "--demo", "--listen", busy}, exitFailed, "", busy + " is in use by another program"},
		{"wrong file", []string{"serve", "--demo", "--config", file}, exitFailed, "",
			file + ":1: server.lisen: no such key; did you mean server.listen?\n" + file + `:2: log.level: "loud" is not allowed`},
		{"check of a wrong file", []string{"check", "--config", file}, exitFailed,
			"configuration  wrong  " + file + ":1: server.lisen: no such key; did you mean server.listen?\n" +
				"configuration  wrong  " + file + `:2: log.level: "loud" is not allowed`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errOut := runCommand(t, nil, c.args...)
			if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errOut, c.err) {
				t.Errorf("exit code %d, printed\n%s\nand\n%s\nwant %d, %q and %q", code, out, errOut, c.code, c.out, c.err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	good := t.TempDir()
	notAFolder := filepath.Join(good, "a.txt")
	if err := os.WriteFile(notAFolder, []byte("a line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	badName := t.TempDir()
	if err := os.Mkdir(filepath.Join(badName, "line=1"), 0o700); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(good, "missing")
	for _, c := range []struct {
		name, location string
		code           int
		want           string
	}{
		{"a folder", good, exitOK, "text ok " + good + ", read by gridgate itself; columns of text_lines: path, byte_offset, line"},
		{"none", "", exitFailed, "text wrong no archive is configured; set text.location"},
		{"missing", missing, exitFailed, "text wrong listing the archive " + missing +
			": the folder doesn't exist: no such file or directory; create the folder or mount it, or mend text.location"},
		{"a file", notAFolder, exitFailed, "it is a file, not a folder; mend text.location"},
		{"a folder whose name makes no column", badName, exitFailed, "; rename or remove what it names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var environ []string
			if c.location != "" {
				environ = []string{"GRIDGATE_TEXT_LOCATION=" + c.location}
			}
			code, out, errOut := runCommand(t, environ, "check")
			out = strings.Join(strings.Fields(out), " ") // however wide the columns are
			if code != c.code || !strings.Contains(out, c.want) || errOut != "" {
				t.Errorf("exit code %d, want %d; printed\n%s%s\nwant %q", code, c.code, out, errOut, c.want)
			}
			if !strings.Contains(out, "server ok 127.0.0.1:3306, at most 512 connections, no users") {
				t.Errorf("printed\n%s", out)
			}
		})
	}
}

func TestCheckOfAServerThatNobodyOutsideCanLogInTo(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:3306": false, "localhost:3306": false, "[::1]:3306": false,
		":3306": true, "0.0.0.0:3306": true, "192.0.2.1:3306": true,
	} {
		f := checkServer(config.Server{Listen: listen})
		if got := strings.Contains(f.text, "for anybody outside to log in, add server.users"); got != want || f.wrong {
			t.Errorf("%s: %+v", listen, f)
		}
	}
	f := checkServer(config.Server{Listen: ":3306", MaxConnections: 9, TLS: config.TLS{Mode: "required"}, Users: []config.User{{Name: "anna"}, {Name: "ben"}}})
	if f.text != ":3306, at most 9 connections, users: anna, ben; TLS is required, with a certificate made at the start" {
		t.Errorf("got %q", f.text)
	}
}

func TestTheDemoTakesTheConfiguredArchivesPlace(t *testing.T) {
	cfg, err := (&serveCommand{Demo: true}).configuration(streams{environ: []string{"GRIDGATE_TEXT_LOCATION=/srv/a"}})
	if err != nil || cfg.Text != (config.Text{Demo: true}) {
		t.Errorf("got %+v, %v", cfg.Text, err)
	}
}

func TestVersionOfABuild(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}
	for want, info := range map[string]*debug.BuildInfo{
		"unknown": nil,
		"devel":   {Main: debug.Module{Version: "(devel)"}},
		"abc":     {Main: debug.Module{Version: "(devel)"}, Settings: commit},
		"v1.2.3":  {Main: debug.Module{Version: "v1.2.3"}, Settings: commit},
	} {
		if got := ownVersion(info); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestLogFormats(t *testing.T) {
	for format, want := range map[string]string{"console": " INF hello who=you\n", "json": `"message":"hello"}`} {
		var b bytes.Buffer
		l := newLogger(config.Log{Level: "info", Format: format}, &b)
		l.Debug().Msg("unheard")
		l.Info().Str("who", "you").Msg("hello")
		if !strings.Contains(b.String(), want) || strings.Contains(b.String(), "unheard") || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%s: %q", format, b.String())
		}
	}
	for _, level := range []string{"trace", "debug", "info", "warn", "error"} {
		if got := newLogger(config.Log{Level: level}, &bytes.Buffer{}).GetLevel(); got.String() != level || got == zerolog.NoLevel {
			t.Errorf("%s: %v", level, got)
		}
	}
}
