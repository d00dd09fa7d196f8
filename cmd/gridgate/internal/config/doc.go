// Package config reads gridgate's configuration: defaults, one YAML file,
// environment variables and flags, each overriding the one before.
//
// The table in keys.go is the whole truth about which keys exist. A key that
// is not there is an error that names the nearest one; a key that a later
// version will have says so. All that is wrong is reported at once, each
// problem with the place it stands in; a secret's value is never part of a
// message.
package config

import "time"

// Config is what a gateway is told. The zero Config is not valid; Default
// makes one that is, but for the archive it leaves open.
type Config struct {
	Server    Server    `koanf:"server"`
	Text      Text      `koanf:"text"`
	Redis     Redis     `koanf:"redis"`
	Kafka     Kafka     `koanf:"kafka"`
	Ingest    Ingest    `koanf:"ingest"`
	Documents Documents `koanf:"documents"`
	Limits    Limits    `koanf:"limits"`
	Log       Log       `koanf:"log"`
}

// Server is the endpoint that MySQL clients connect to.
type Server struct {
	// Listen is host:port. The host may be empty (every interface), the port
	// 0 (any free one).
	Listen string `koanf:"listen"`
	// ListenGiven is true when somebody asked for this very address: a busy
	// port is then an error, and not a reason to take the next one.
	ListenGiven bool `koanf:"-"`
	// MaxConnections in all, and MaxUserConnections of one user; 0: no limit.
	MaxConnections     int `koanf:"max_connections"`
	MaxUserConnections int `koanf:"max_user_connections"`
	// MaxFailedLogins is how many logins in a row from one address may fail until it
	// has to wait a minute; 0: no limit.
	MaxFailedLogins int `koanf:"max_failed_logins"`
	// Version is what clients are told, as MySQL's 8.0.36.
	Version string `koanf:"version"`
	TLS     TLS    `koanf:"tls"`
	Users   []User `koanf:"users"`
}

// TLS of the endpoint for MySQL clients.
type TLS struct {
	// Mode is on (offered), required, or off.
	Mode string `koanf:"mode"`
	// Cert and Key are absolute paths of PEM files; both empty: a certificate is made
	// that only says of itself who it is.
	Cert string `koanf:"cert"`
	Key  string `koanf:"key"`
}

// Limits bound what statements may read and hold; 0: no limit, except of Memory.
type Limits struct {
	RowsScanned int `koanf:"rows_scanned"` // that one part of a statement may read in its store
	ScanBytes   int `koanf:"scan_bytes"`   // likewise
	QueryMemory int `koanf:"query_memory"` // bytes that one statement may hold
	Memory      int `koanf:"memory"`       // bytes that all may hold; 0: what the machine suggests
	WarnRows    int `koanf:"warn_rows"`    // from how many rows on a statement is warned
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

// Redis holds the latest readings.
type Redis struct {
	Addr     string `koanf:"addr"`     // empty: embedded
	Username string `koanf:"username"` // empty: Redis's default user
	Password string `koanf:"password"` // empty: none; a secret is already resolved
	Prefix   string `koanf:"prefix"`
}

// Kafka is where records come from.
type Kafka struct {
	Brokers []string `koanf:"brokers"` // none: embedded
	Topic   string   `koanf:"topic"`
}

// Ingest says how records get into the stores.
type Ingest struct {
	Stores          []string      `koanf:"stores"` // documents, latest
	Group           string        `koanf:"group"`  // what the consumer groups' names begin with
	Recent          int           `koanf:"recent"` // readings kept of each station
	MaxFuture       time.Duration `koanf:"max_future"`
	DeadLetterTopic string        `koanf:"dead_letter_topic"` // never empty
	Fields          Fields        `koanf:"fields"`
	File            string        `koanf:"-"` // of records that are sent to Kafka first; empty: none
}

// Fields says where a record has what; an empty list means the usual names.
type Fields struct {
	Station []string `koanf:"station"`
	TS      []string `koanf:"ts"`
	Kind    []string `koanf:"kind"`
	Value   []string `koanf:"value"`
	Unit    []string `koanf:"unit"`
	ID      []string `koanf:"id"`
}

// Documents is the embedded document collection.
type Documents struct {
	MaxBytes int `koanf:"max_bytes"`
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
