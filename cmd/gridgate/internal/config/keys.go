package config

import "strings"

// envPrefix begins the name of every environment variable of gridgate's.
const envPrefix = "GRIDGATE_"

// A key is one setting.
type key struct {
	name   string // as in the file, sections joined by dots
	noEnv  string // when not empty: why no environment variable can give it
	assign func(r *reader, c *Config, v setting)
}

// keys are all settings of this version.
var keys = []key{
	{name: "server.listen", assign: func(r *reader, c *Config, v setting) {
		if s, ok := r.address(v); ok {
			c.Server.Listen, c.Server.ListenGiven = s, true
		}
	}},
	{name: "server.max_connections", assign: func(r *reader, c *Config, v setting) {
		r.wholeNumber(v, 1, 100_000, &c.Server.MaxConnections)
	}},
	{
		name:   "server.users",
		noEnv:  "users can't be given by environment variables; write them into the configuration file, with env:NAME as password",
		assign: func(r *reader, c *Config, v setting) { c.Server.Users = r.users(v) },
	},
	{name: "text.location", assign: func(r *reader, c *Config, v setting) {
		r.folder(v, &c.Text.Location)
	}},
	{name: "log.level", assign: func(r *reader, c *Config, v setting) {
		r.oneOf(v, []string{"trace", "debug", "info", "warn", "error"}, &c.Log.Level)
	}},
	{name: "log.format", assign: func(r *reader, c *Config, v setting) {
		r.oneOf(v, []string{"console", "json"}, &c.Log.Format)
	}},
}

// later are the sections and keys that a later version will have. They are
// refused by name, so that nobody believes they do something.
var later = []string{"hive", "mongodb", "redis", "kafka", "ingest", "metrics", "limits", "server.tls"}

// userKeys are the keys of one entry of server.users.
var userKeys = []string{"name", "password", "databases"}

func findKey(name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

// isSection reports whether keys stand below name.
func isSection(name string) bool {
	for _, k := range keys {
		if strings.HasPrefix(k.name, name+".") {
			return true
		}
	}
	return false
}

// laterKey is the entry of later that name is, or stands below.
func laterKey(name string) (string, bool) {
	for _, l := range later {
		if name == l || strings.HasPrefix(name, l+".") {
			return l, true
		}
	}
	return "", false
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
