package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/v2"
)

// load writes text as conf/gridgate.yaml into a new folder, beside a secret,
// and loads it.
func load(t *testing.T, text string, environ []string, flags map[string]string) (Config, string, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), "hunter2\n")
	write(t, filepath.Join(dir, "windows-secret"), "hunter2\r\n")
	file := filepath.Join(dir, "gridgate.yaml")
	write(t, file, text)
	c, err := Load(Sources{File: file, Environ: environ, Flags: flags})
	return c, dir, err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNothingGivenIsTheDefault(t *testing.T) {
	c, err := Load(Sources{Environ: []string{"PATH=/bin", "HOME"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.Listen != "127.0.0.1:3306" || c.Server.ListenGiven || c.Server.MaxConnections != 512 ||
		c.Text.Location != "" || c.Log != (Log{"info", "console"}) {
		t.Errorf("got %+v", c)
	}
}

func TestEveryKeyHasAField(t *testing.T) {
	for _, x := range keys {
		k := koanf.New(".")
		if err := k.Set(x.name, x.standard); err != nil {
			t.Fatal(err)
		}
		var c Config
		conf := koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{ErrorUnused: true}}
		if err := k.UnmarshalWithConf("", &c, conf); err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestASectionWithoutKeysChangesNothing(t *testing.T) {
	for _, file := range []string{"", "server:\nlog:\ntext:\n", "server: {}\nlog: {}\n", "server: {users: }\n"} {
		c, _, err := load(t, file, nil, nil)
		if err != nil || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q: got %+v, %v", file, c, err)
		}
	}
}

func TestNumbersOfVariablesAreDecimal(t *testing.T) {
	c, err := Load(Sources{Environ: []string{"GRIDGATE_SERVER_MAX_CONNECTIONS=020"}})
	if err != nil || c.Server.MaxConnections != 20 {
		t.Errorf("got %d, %v, want 20", c.Server.MaxConnections, err)
	}
}

func TestEveryKeyOfTheFile(t *testing.T) {
	c, dir, err := load(t, `
server:
  listen: 0.0.0.0:3310
  max_connections: 20
  users:
    - {name: anna, password: "0123", databases: [grid]}
    - name: ben
      password: env:BENS_PASSWORD
      databases: [grid]
    - {name: cy, password: 'file:secret', databases: [grid]}
    - {name: dee, password: 'file:windows-secret', databases: [grid]}
text:
  location: archive/../lines
log: {level: debug, format: json}
`, []string{"BENS_PASSWORD=pass word"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.Listen != "0.0.0.0:3310" || !c.Server.ListenGiven || c.Server.MaxConnections != 20 {
		t.Errorf("server: %+v", c.Server)
	}
	var passwords []string
	for _, u := range c.Server.Users {
		passwords = append(passwords, u.Name+"="+u.Password)
		if !slices.Equal(u.Databases, []string{"grid"}) {
			t.Errorf("%s may read %v", u.Name, u.Databases)
		}
	}
	if want := []string{"anna=0123", "ben=pass word", "cy=hunter2", "dee=hunter2"}; !slices.Equal(passwords, want) {
		t.Errorf("got %q, want %q", passwords, want)
	}
	if want := filepath.Join(dir, "lines"); c.Text.Location != want {
		t.Errorf("text.location is %s, want %s", c.Text.Location, want)
	}
	if c.Log != (Log{"debug", "json"}) {
		t.Errorf("log: %+v", c.Log)
	}
}

func TestFlagsOverrideEnvironmentOverridesFile(t *testing.T) {
	file := "server: {listen: 127.0.0.1:1, max_connections: 1}\nlog: {level: debug}\n"
	environ := []string{"GRIDGATE_SERVER_LISTEN=127.0.0.1:2", "GRIDGATE_SERVER_MAX_CONNECTIONS=2"}
	c, _, err := load(t, file, environ, map[string]string{"server.listen": "127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.Listen != "127.0.0.1:3" || c.Server.MaxConnections != 2 || c.Log.Level != "debug" {
		t.Errorf("got %+v", c)
	}
}

func TestPathsOfFlagsAndVariablesAreRelativeToTheWorkingDirectory(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(wd, "a")
	for name, src := range map[string]Sources{
		"flag":        {Flags: map[string]string{"text.location": "a"}},
		"environment": {Environ: []string{"GRIDGATE_TEXT_LOCATION=a"}},
		"file URL":    {Flags: map[string]string{"text.location": "file://" + want}},
	} {
		c, err := Load(src)
		if err != nil || c.Text.Location != want {
			t.Errorf("%s: got %q, %v; want %q", name, c.Text.Location, err, want)
		}
	}
}

// Each case is a file and what must be said of it, after "gridgate.yaml:".
var wrongFiles = []struct {
	name, file string
	want       []string
}{
	{"unknown key", "server:\n  lisen: 127.0.0.1:1", []string{"2: server.lisen: no such key; did you mean server.listen?"}},
	{"unknown section", "server: {}\nsever: {}", []string{"2: sever: no such key; did you mean server?"}},
	{"key without its section", "max_conections: 3", []string{"1: max_conections: no such key; did you mean server.max_connections?"}},
	{"key of another section", "text: {level: debug}", []string{"1: text.level: no such key; did you mean log.level?"}},
	{"section without keys below", "server: 127.0.0.1:3306", []string{"1: server: is a section; its keys stand below it, indented"}},
	{"later section", "hive:\n  addr: 127.0.0.1:10000", []string{"1: hive: hive is not in this version yet; remove it"}},
	{"later keys", "mongodb: {uri: x}\ningest: {files: {location: x}}\nmetrics: {}\nlimits: {query_timeout: 1s}", []string{
		"1: mongodb: mongodb is not in this version yet; remove it",
		"2: ingest.files: ingest.files is not in this version yet; remove it",
		"3: metrics: metrics is not in this version yet; remove it",
		"4: limits.query_timeout: limits.query_timeout is not in this version yet; remove it",
	}},
	{"server.tls.mode", "server: {tls: {mode: maybe}}", []string{`1: server.tls.mode: "maybe" is not allowed; give one of on, required, off`}},
	{"server.tls.cert without a path", "server: {tls: {cert: ''}}", []string{"1: server.tls.cert: is empty"}},
	{"server.tls.cert alone", "server: {tls: {cert: c.pem}}", []string{"server.tls.key: is missing"}},
	{"server.version", "server: {version: MariaDB}", []string{`1: server.version: "MariaDB" is not allowed; give one such as 8.0.36`}},
	{"sections that are none", "kafka: 1\ningest: []", []string{"1: kafka: is a section", "2: ingest: is a section"}},
	{"redis.addr", "redis: {addr: localhost}", []string{`1: redis.addr: "localhost" is not allowed; give host:port`}},
	{"redis.prefix", "redis: {prefix: '{x}'}", []string{`1: redis.prefix: "{x}" is not allowed`}},
	{"kafka.brokers", "kafka: {brokers: [a:1, b]}", []string{`1: kafka.brokers: "b" is not host:port`}},
	{"kafka.brokers empty", "kafka: {brokers: []}", []string{`1: kafka.brokers: is empty`}},
	{"kafka.topic", "kafka: {topic: 'a b'}", []string{`1: kafka.topic: "a b" is not allowed`}},
	{"the dead letters' topic is the topic", "kafka: {topic: t}\ningest: {dead_letter_topic: t}", []string{"ingest.dead_letter_topic: is kafka.topic itself"}},
	{"ingest.stores", "ingest: {stores: [files]}", []string{"1: ingest.stores: files is not in this version yet"}},
	{"ingest.stores twice", "ingest: {stores: [latest, latest]}", []string{`1: ingest.stores: "latest" is there twice`}},
	{"ingest.max_future", "ingest: {max_future: soon}", []string{`1: ingest.max_future: "soon" is not allowed; give a time such as 5m`}},
	{"redis.password that is empty", "redis: {password: ''}", []string{"1: redis.password: is empty"}},
	{"redis.password of no variable", "redis: {password: 'env:NOBODY'}", []string{"the environment variable NOBODY is not set"}},
	{"redis.password that is a list", "redis: {password: [hunter2]}", []string{"1: redis.password: is not text"}},
	{"ingest.fields", "ingest: {fields: {station: [1]}}", []string{"1: ingest.fields.station: 1 is no text"}},
	{"ingest.fields that is no path", "ingest:\n  fields: {station: [key, a..b]}", []string{`2: ingest.fields.station: "a..b" is no path`}},
	{"ingest.fields without a header", "ingest: {fields: {unit: 'header:'}}", []string{`1: ingest.fields.unit: "header:" names no header`}},
	{"ingest.fields of another name", "ingest: {fields: {sation: x}}", []string{"did you mean ingest.fields.station?"}},
	{"listen without port", "server: {listen: localhost}", []string{`1: server.listen: "localhost" is not allowed; give host:port`}},
	{"listen with a port out of range", "server: {listen: 'localhost:65536'}", []string{`1: server.listen: "localhost:65536" is not allowed`}},
	{"listen with a number", "server: {listen: 3306}", []string{"1: server.listen: 3306 is not allowed; give host:port"}},
	{"listen without value", "server: {listen: }", []string{"1: server.listen: has no value; give host:port"}},
	{"listen with a list", "server: {listen: [a, b]}", []string{"1: server.listen: a list is not allowed; give host:port"}},
	{"max_connections 0", "server: {max_connections: 0}", []string{"1: server.max_connections: 0 is not allowed; give a whole number from 1 to 100000"}},
	{"max_connections text", "server: {max_connections: many}", []string{`1: server.max_connections: "many" is not allowed`}},
	{"max_connections fraction", "server: {max_connections: 1.5}", []string{`1: server.max_connections: 1.5 is not allowed`}},
	{"log.level", "log: {level: loud}", []string{`1: log.level: "loud" is not allowed; give one of trace, debug, info, warn, error`}},
	{"log.format", "log: {format: xml}", []string{`1: log.format: "xml" is not allowed; give one of console, json`}},
	{"text.location on HDFS", "text: {location: 'hdfs://nn:8020/a'}", []string{`1: text.location: "hdfs://nn:8020/a" needs hive`}},
	{"text.location on S3", "text: {location: 's3://b/a'}", []string{`1: text.location: "s3://b/a" is not allowed: nothing here reads s3://`}},
	{"text.location on a host", "text: {location: 'file://host/a'}", []string{`1: text.location: "file://host/a" is not allowed; a file URL has three slashes`}},
	{"text.location empty", "text: {location: ''}", []string{`1: text.location: is empty`}},
	{"users no list", "server: {users: anna}", []string{"1: server.users: is not a list"}},
	{"user no entry", "server: {users: [anna]}", []string{"1: server.users[0]: is not an entry"}},
	{"user without anything", "server:\n  users:\n    - {}", []string{
		"server.users[0].name: has no value",
		"server.users[0].password: is missing",
		"server.users[0].databases: has no list of databases; give [grid]",
	}},
	{"user with wrong values", "server:\n  users:\n  - name: ''\n    pasword: hunter2\n    password: ''\n    databases: [gird, 7]", []string{
		"4: server.users[0].pasword: no such key; did you mean password?",
		"3: server.users[0].name: is empty",
		"5: server.users[0].password: is empty",
		`6: server.users[0].databases[0]: "gird" is no database; give grid`,
		`6: server.users[0].databases[1]: 7 is no database; give grid`,
	}},
	{"user twice", "server:\n  users:\n  - {name: a, password: x, databases: [grid]}\n  - {name: a, password: x, databases: [grid]}", []string{
		`4: server.users[1].name: "a" is there twice`,
	}},
	{"password that is a number", "server: {users: [{name: a, password: 1234567, databases: [grid]}]}", []string{
		"1: server.users[0].password: is not text; give a text in quotes, env:NAME or file:PATH",
	}},
	{"password from a missing variable", "server: {users: [{name: a, password: 'env:NOPE', databases: [grid]}]}", []string{
		"1: server.users[0].password: the environment variable NOPE is not set",
	}},
	{"password from a missing file", "server: {users: [{name: a, password: 'file:nope', databases: [grid]}]}", []string{
		"1: server.users[0].password: the file ", "nope can't be read: no such file or directory",
	}},
	{"password hash", "server: {users: [{name: a, password: '*hunter2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', databases: [grid]}]}", []string{
		"1: server.users[0].password: looks like a stored password",
	}},
	{"not YAML", "server: [", []string{" is not YAML: line 1: "}},
	{"no keys", "hunter2", []string{" is not a YAML file of keys and values: line 1: there are no keys with values here"}},
	{"key twice", "log: {}\nlog: {}", []string{`is not a YAML file of keys and values: line 2: mapping key "log" already defined at line 1`}},
	{"two documents", "log: {}\n---\nlog: {}", []string{"is not YAML: it holds more than one document"}},
	{"everything at once", "log: {level: loud}\nserver: {listen: x}\ntxt: {}", []string{
		"1: log.level: ", "2: server.listen: ", "3: txt: no such key; did you mean text?",
	}},
}

func TestWrongFiles(t *testing.T) {
	for _, c := range wrongFiles {
		t.Run(c.name, func(t *testing.T) {
			_, dir, err := load(t, c.file, nil, nil)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want Problems", err)
			}
			said := err.Error()
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is missing in:\n%s", want, said)
				}
			}
			for _, p := range problems {
				if p.Source != filepath.Join(dir, "gridgate.yaml") {
					t.Errorf("a problem of %q", p.Source)
				}
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("a secret is shown:\n%s", said)
			}
		})
	}
}

func TestOneProblemIsSaidOnce(t *testing.T) {
	_, _, err := load(t, "log: {level: loud, format: json}\n", nil, nil)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestTheEnvironmentNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yaml")
	write(t, file, "log: {level: warn}")
	c, err := Load(Sources{Environ: []string{"GRIDGATE_CONFIG=" + file}})
	if err != nil || c.Log.Level != "warn" {
		t.Errorf("got %+v, %v", c.Log, err)
	}
}

func TestMissingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nope.yaml")
	_, err := Load(Sources{File: file})
	if want := file + ": can't be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWrongEnvironment(t *testing.T) {
	for variable, want := range map[string]string{
		"GRIDGATE_SERVER_LISTN=x":         "environment: GRIDGATE_SERVER_LISTN: no such variable; did you mean GRIDGATE_SERVER_LISTEN?",
		"GRIDGATE_LISTEN=x":               "environment: GRIDGATE_LISTEN: no such variable; did you mean GRIDGATE_SERVER_LISTEN?",
		"GRIDGATE_SERVER_PORT=3306":       "environment: GRIDGATE_SERVER_PORT: no such variable; did you mean GRIDGATE_SERVER_LISTEN?",
		"GRIDGATE_LOG_LEVEL=loud":         `environment: GRIDGATE_LOG_LEVEL: "loud" is not allowed; give one of trace, debug, info, warn, error`,
		"GRIDGATE_SERVER_USERS=anna":      "environment: GRIDGATE_SERVER_USERS: users can't be given by environment variables",
		"GRIDGATE_SERVER_USERS_0_NAME=a":  "environment: GRIDGATE_SERVER_USERS_0_NAME: users can't be given by environment variables",
		"GRIDGATE_HIVE_ADDR=h:1":          "environment: GRIDGATE_HIVE_ADDR: hive is not in this version yet; remove it",
		"GRIDGATE_SERVER_TLS_CERT=c":      "configuration: server.tls.key: is missing; a certificate and its key go together",
		"GRIDGATE_TEXT_LOCATION=hdfs://a": `environment: GRIDGATE_TEXT_LOCATION: "hdfs://a" needs hive`,
	} {
		_, err := Load(Sources{Environ: []string{variable}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", variable, err, want)
		}
	}
}

func TestKubernetesServiceLinksAreNoSettings(t *testing.T) {
	_, err := Load(Sources{Environ: []string{
		"GRIDGATE_SERVICE_HOST=10.0.0.7", "GRIDGATE_SERVICE_PORT=3306", "GRIDGATE_SERVICE_PORT_MYSQL=3306",
		"GRIDGATE_PORT=tcp://10.0.0.7:3306", "GRIDGATE_PORT_3306_TCP=tcp://10.0.0.7:3306",
		"GRIDGATE_PORT_3306_TCP_ADDR=10.0.0.7", "GRIDGATE_METRICS_SERVICE_HOST=10.0.0.8",
		"GRIDGATE_METRICS_PORT=tcp://10.0.0.8:9104",
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestWrongFlag(t *testing.T) {
	for key, want := range map[string]string{
		"server.listen": "command line: --listen: ",
		"text.location": "command line: --text: ",
		"log.level":     "command line: --log-level: ",
		"log.format":    "command line: --log-format: ",
	} {
		_, err := Load(Sources{Flags: map[string]string{key: "ftp://x"}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
	}
}

func TestProblemsOfAllSourcesTogether(t *testing.T) {
	_, _, err := load(t, "log: {level: loud}", []string{"GRIDGATE_X=1"}, map[string]string{"log.format": "xml"})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 3 {
		t.Errorf("got %v, want three problems", err)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"listen", "lisen", 1}, {"kitten", "sitting", 3}, {"é", "e", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
