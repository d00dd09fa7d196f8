package config

import (
	"slices"
	"strings"
	"time"
)

// envPrefix begins the name of every environment variable of gridgate's.
const envPrefix = "GRIDGATE_"

// wireVersion is the server's version for clients, which look for what a MySQL server
// of that version can do.
const wireVersion = "8.0.36"

// A key is one setting. Config has a field for it whose koanf tag is its name.
type key struct {
	name     string // as in the file, sections joined by dots
	standard any    // its value when nobody gives one; nil: the field's zero value
	noEnv    string // when not empty: why no environment variable can give it
	// check is the value as the field takes it; nil when it is wrong, or says
	// nothing.
	check func(r *reader, s setting) any
}

// keys are all settings of this version.
var keys = []key{
	{name: "server.listen", standard: "127.0.0.1:3306", check: (*reader).address},
	{name: "server.max_connections", standard: 512, check: wholeNumber(1, 100_000)},
	{name: "server.max_user_connections", standard: 0, check: wholeNumber(0, 100_000)},
	{name: "server.max_failed_logins", standard: 100, check: wholeNumber(0, 1_000_000)},
	{name: "server.version", standard: wireVersion, check: (*reader).version},
	{name: "server.tls.mode", standard: "on", check: oneOf("on", "required", "off")},
	{name: "server.tls.cert", check: (*reader).filePath},
	{name: "server.tls.key", check: (*reader).filePath},
	{
		name:  "server.users",
		noEnv: "users can't be given by environment variables; write them into the configuration file, with env:NAME as password",
		check: (*reader).users,
	},
	{name: "text.location", check: (*reader).folder},
	{name: "redis.addr", check: (*reader).endpoint},
	{name: "redis.username", check: (*reader).name},
	{name: "redis.password", check: (*reader).storePassword},
	{name: "redis.prefix", standard: "gridgate:", check: (*reader).prefix},
	{name: "kafka.brokers", check: (*reader).brokers},
	{name: "kafka.topic", standard: "INGESTION", check: (*reader).topic},
	{name: "ingest.stores", standard: []string{"documents", "latest"}, check: someOf("documents", "latest")},
	{name: "ingest.group", standard: "gridgate", check: (*reader).name},
	{name: "ingest.recent", standard: 100, check: wholeNumber(1, 100_000)},
	{name: "ingest.max_future", standard: 5 * time.Minute, check: (*reader).duration},
	{name: "ingest.dead_letter_topic", check: (*reader).topic},
	{name: "ingest.fields.station", check: (*reader).places},
	{name: "ingest.fields.ts", check: (*reader).places},
	{name: "ingest.fields.kind", check: (*reader).places},
	{name: "ingest.fields.value", check: (*reader).places},
	{name: "ingest.fields.unit", check: (*reader).places},
	{name: "ingest.fields.id", check: (*reader).places},
	{name: "documents.max_bytes", standard: 256 << 20, check: wholeNumber(1<<20, 1<<40)},
	{name: "limits.rows_scanned", standard: 0, check: wholeNumber(0, 1<<60)},
	{name: "limits.scan_bytes", standard: 0, check: wholeNumber(0, 1<<60)},
	{name: "limits.query_memory", standard: 1 << 30, check: wholeNumber(0, 1<<50)},
	{name: "limits.memory", standard: 0, check: wholeNumber(0, 1<<50)},
	{name: "limits.warn_rows", standard: 100_000, check: wholeNumber(0, 1<<60)},
	{name: "log.level", standard: "info", check: oneOf("trace", "debug", "info", "warn", "error")},
	{name: "log.format", standard: "console", check: oneOf("console", "json")},
}

// later are the sections and keys that a later version will have. They are
// refused by name, so that nobody believes they do something.
var later = []string{"hive", "mongodb", "ingest.files", "metrics", "limits.query_timeout", "limits.result_cache_ttl"}

// userKeys are the keys of one entry of server.users.
var userKeys = []string{"name", "password", "databases"}

// defaults are the values of the keys that nobody gives.
func defaults() map[string]any {
	values := map[string]any{}
	for _, k := range keys {
		if k.standard != nil {
			values[k.name] = k.standard
		}
	}
	return values
}

// keyIndex is where keys holds name; -1: nowhere.
func keyIndex(name string) int {
	return slices.IndexFunc(keys, func(k key) bool { return k.name == name })
}

// isSection reports whether keys stand below name.
func isSection(name string) bool {
	return slices.ContainsFunc(keys, func(k key) bool { return strings.HasPrefix(k.name, name+".") })
}

// laterKey is the entry of later that name is, or stands below; empty: none.
func laterKey(name string) string {
	for _, l := range later {
		if strings.HasPrefix(name+".", l+".") {
			return l
		}
	}
	return ""
}

// envName is the environment variable of a key.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// keyNames lists the keys and their sections.
func keyNames() []string {
	var names []string
	for _, k := range keys {
		section, _, _ := strings.Cut(k.name, ".")
		if len(names) == 0 || !strings.HasPrefix(names[len(names)-1], section+".") {
			names = append(names, section)
		}
		names = append(names, k.name)
	}
	return names
}
