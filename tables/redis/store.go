package redis

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"gridgate/tables"
)

const storeName = "redis"

// Config of a Store.
type Config struct {
	Client redis.UniversalClient // stays the caller's
	Prefix string                // of all keys; empty: DefaultPrefix
	Now    func() time.Time      // for age_seconds; nil: time.Now
	// Timeout is how long Redis may take for one step of a query, with all
	// attempts; 0: 5 s.
	Timeout time.Duration
}

// Store reads from Redis. It is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	keys    Keys
	now     func() time.Time
	timeout time.Duration
	reads   sync.WaitGroup // those that run, also for statements that have ended
	// stations is how many the last full read met; 0: there was none.
	stations atomic.Int64
}

var _ tables.Store = (*Store)(nil)

// New makes the store. Redis is not asked before a query is. The error says
// that the prefix would break the keys' slots.
func New(c Config) (*Store, error) {
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	if strings.ContainsAny(c.Prefix, "{}") {
		return nil, errors.New("the prefix of Redis keys must not have braces: they say which part of a key decides on its slot")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout <= 0 {
		c.Timeout = 5 * time.Second
	}
	return &Store{client: c.Client, keys: Keys{c.Prefix}, now: c.Now, timeout: c.Timeout}, nil
}

// Name implements tables.Store.
func (s *Store) Name() string { return storeName }

// Tables implements tables.Store.
func (s *Store) Tables(context.Context) ([]tables.TableInfo, error) {
	return []tables.TableInfo{
		{Name: latest.name(), Comment: "the newest reading of each station and kind"},
		{Name: recent.name(), Comment: "the newest readings of each station"},
	}, nil
}

// Table implements tables.Store. The columns are always the same, so Redis is
// not asked.
func (s *Store) Table(_ context.Context, name string) (tables.Snapshot, error) {
	for _, t := range []table{latest, recent} {
		if name == t.name() {
			return &snapshot{store: s, table: t}, nil
		}
	}
	return nil, &tables.NoTable{Store: storeName, Name: name}
}

// Invalidate has nothing to forget.
func (s *Store) Invalidate(string) {}

// closeTime is how long Close waits.
const closeTime = time.Second

// Close waits for the reads of statements that have ended, for a second at
// most: what Redis does not answer then ends with the client, which is not the
// store's.
func (s *Store) Close() error {
	done := make(chan struct{})
	go func() { s.reads.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(closeTime):
	}
	return nil
}

// table is one of the two.
type table uint8

const (
	latest table = iota
	recent
)

func (t table) name() string { return [...]string{"latest_readings", "recent_readings"}[t] }

// The columns of both tables, by index.
const (
	colStation = iota
	colKind
	colTS
	colValue
	colUnit
	colIngestedAt
	colAge
	colDoc
)

var name255 = tables.Varchar(255)

// columns are those of a table; only in latest_readings are station and kind a
// key.
func (t table) columns() []tables.Column {
	key := t == latest
	return []tables.Column{
		colStation:    {Name: "station", Type: name255, PrimaryKey: key, Comment: "where it was measured"},
		colKind:       {Name: "kind", Type: name255, PrimaryKey: key, Comment: "what was measured; empty where the document does not say"},
		colTS:         {Name: "ts", Type: tables.Timestamp(3), Comment: "when it was measured"},
		colValue:      {Name: "value", Type: tables.Float64, Nullable: true, Comment: "what the measurement gave"},
		colUnit:       {Name: "unit", Type: name255, Nullable: true, Comment: "the value's unit"},
		colIngestedAt: {Name: "ingested_at", Type: tables.Timestamp(3), Comment: "when gridgate read the record"},
		colAge:        {Name: "age_seconds", Type: tables.Float64, Comment: "seconds since ts, by the gateway's clock when the query began"},
		colDoc:        {Name: "_doc", Type: tables.JSON, Comment: "the original document"},
	}
}
