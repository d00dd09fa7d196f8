package text

import (
	"context"
	"errors"
	"runtime"

	"gridgate/tables"
)

// The limits that a Config with zeros has.
const (
	DefaultMaxGroups     = 20_000_000
	DefaultMaxGroupBytes = 4 << 30
	DefaultMaxLineBytes  = 64 << 20
)

// maxLineBytes is the greatest Config.MaxLineBytes: places in a block are
// kept in 32 bits.
const maxLineBytes = 1 << 30

// Config says what a Store reads, and how much it may use.
type Config struct {
	// Dir is the folder. It need not exist yet: until it does, the tables are
	// down.
	Dir string
	// Workers is how many goroutines one query reads with; 0: GOMAXPROCS.
	Workers int
	// MaxGroups is how many distinct groups one query may have; 0: the
	// default.
	MaxGroups int64
	// MaxGroupBytes is how many bytes one query may use for its groups, or for
	// the rows of ORDER BY with LIMIT; 0: the default.
	MaxGroupBytes int64
	// MaxLineBytes is how long a line may be, at most 1 GiB; 0: the default. A
	// line that is longer by less than a block may pass.
	MaxLineBytes int

	// Tests make these small to have a border everywhere.
	blockBytes int   // how much is read at a time
	rangeBytes int64 // how large the parts are that a file is split into
	batchRows  int
}

// Store is the text store over one folder. It holds nothing open between
// queries and is safe for concurrent use.
type Store struct {
	config Config
}

var _ tables.Store = (*Store)(nil)

// New makes a Store. It does no I/O.
func New(config Config) (*Store, error) {
	if config.Dir == "" {
		return nil, errors.New("text: no folder is configured")
	}
	if config.MaxLineBytes > maxLineBytes {
		return nil, errors.New("text: lines can't be longer than 1 GiB")
	}
	if config.Workers < 0 || config.MaxGroups < 0 || config.MaxGroupBytes < 0 || config.MaxLineBytes < 0 {
		return nil, errors.New("text: a limit is negative")
	}
	setDefault(&config.Workers, runtime.GOMAXPROCS(0))
	setDefault(&config.MaxGroups, DefaultMaxGroups)
	setDefault(&config.MaxGroupBytes, DefaultMaxGroupBytes)
	setDefault(&config.MaxLineBytes, DefaultMaxLineBytes)
	setDefault(&config.blockBytes, 256<<10)
	setDefault(&config.rangeBytes, 4<<20)
	setDefault(&config.batchRows, 4096)
	return &Store{config: config}, nil
}

func setDefault[T int | int64](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// Name is "text".
func (s *Store) Name() string { return storeName }

const storeName = "text"

// Tables lists text_lines and words; they always exist.
func (s *Store) Tables(context.Context) ([]tables.TableInfo, error) {
	return []tables.TableInfo{
		{Name: tableLines.name(), Comment: tableLines.comment()},
		{Name: tableWords.name(), Comment: tableWords.comment()},
	}, nil
}

// Table walks the folder for its partition columns. The error is *NoTable,
// *Outage when the folder is missing or can't be read, *DataError when the
// folders' names make no columns, or ctx's.
func (s *Store) Table(ctx context.Context, name string) (tables.Snapshot, error) {
	for _, t := range []table{tableLines, tableWords} {
		if t.name() == name {
			l, err := list(ctx, s.config.Dir, true)
			if err != nil {
				return nil, err
			}
			return newSnapshot(s, t, l), nil
		}
	}
	return nil, &tables.NoTable{Store: storeName, Name: name}
}

// Invalidate does nothing: nothing is cached.
func (s *Store) Invalidate(string) {}

// Close does nothing: nothing is held open between queries.
func (s *Store) Close() error { return nil }
