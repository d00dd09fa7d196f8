// Package config reads gridgate's configuration: defaults, one YAML file,
// environment variables and flags, each overriding the one before.
//
// The table in keys.go is the whole truth about which keys exist. A key that
// is not there is an error that names the nearest one; a key that a later
// version will have says so. All that is wrong is reported at once, each
// problem with the place it stands in; a secret's value is never part of a
// message.
package config

// Config is what a gateway is told. The zero Config is not valid; Default
// makes one that is, but for the archive it leaves open.
type Config struct {
	Server Server `koanf:"server"`
	Text   Text   `koanf:"text"`
	Log    Log    `koanf:"log"`
}

// Server is the endpoint that MySQL clients connect to.
type Server struct {
	// Listen is host:port. The host may be empty (every interface), the port
	// 0 (any free one).
	Listen string `koanf:"listen"`
	// ListenGiven is true when somebody asked for this very address: a busy
	// port is then an error, and not a reason to take the next one.
	ListenGiven    bool   `koanf:"-"`
	MaxConnections int    `koanf:"max_connections"`
	Users          []User `koanf:"users"`
}

// User may log in and read some databases.
type User struct {
	Name      string
	Password  string // clear text, or "*" and 40 hexadecimal digits; secrets are already resolved
	Databases []string
}

// Text is the archive of text files.
type Text struct {
	// Location is the archive's folder, absolute and clean; empty when none
	// was given.
	Location string `koanf:"location"`
	// Demo is true when a generated archive takes Location's place.
	Demo bool `koanf:"-"`
}

// Log says what is logged, and how.
type Log struct {
	Level  string `koanf:"level"`  // trace, debug, info, warn or error
	Format string `koanf:"format"` // console or json
}

// Database is the one database of this version.
const Database = "grid"

// Default is the configuration when nothing is given.
func Default() Config {
	c, err := Load(Sources{})
	if err != nil {
		panic(err) // a mistake in the table of keys
	}
	return c
}
