package documents

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/tidwall/btree"

	"gridgate/tables"
)

const (
	storeName = "documents"
	tableName = "readings"
)

// DefaultMaxBytes is the bound when none is given.
const DefaultMaxBytes = 256 << 20

// sayEvery is how often the log says that documents made room for newer ones.
const sayEvery = time.Minute

// Config of a Store.
type Config struct {
	MaxBytes int64 // of memory; 0: DefaultMaxBytes
	Log      zerolog.Logger
}

// Store is the collection and its table. It is safe for concurrent use.
type Store struct {
	max int64
	log zerolog.Logger

	mu       sync.Mutex // guards what follows; held for a batch at most, and never while rows are read
	tree     *btree.BTreeG[*Document]
	byID     map[string]*Document
	arrivals queue
	bytes    int64
	evicted  int       // since the start
	said     int       // of evicted, in the log
	saidAt   time.Time // when
}

var _ tables.Store = (*Store)(nil)

// New makes an empty collection.
func New(c Config) *Store {
	if c.MaxBytes <= 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	return &Store{
		max: c.MaxBytes, log: c.Log, byID: map[string]*Document{},
		// Every access is under mu, or to a copy that nobody changes.
		tree: btree.NewBTreeGOptions(before, btree.Options{NoLocks: true}),
	}
}

// Insert adds documents. One whose ID is there already changes nothing. Those
// that came first make room when the bound is passed, and so a document that
// alone is larger than the bound goes at once.
func (s *Store) Insert(docs []Document) (inserted, evicted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range docs {
		if s.byID[docs[i].ID] != nil {
			continue
		}
		d := docs[i]
		s.byID[d.ID] = &d
		s.tree.Set(&d)
		s.arrivals.push(&d)
		s.bytes += d.bytes()
		inserted++
		for s.bytes > s.max {
			s.drop()
			evicted++
		}
	}
	s.say(evicted)
	return inserted, evicted
}

// drop removes the document that came first.
func (s *Store) drop() {
	d := s.arrivals.pop()
	s.tree.Delete(d)
	delete(s.byID, d.ID)
	s.bytes -= d.bytes()
}

// say logs evictions, now and then.
func (s *Store) say(evicted int) {
	s.evicted += evicted
	if s.evicted == s.said || time.Since(s.saidAt) < sayEvery {
		return
	}
	s.log.Warn().Int("dropped_so_far", s.evicted).Int("kept", len(s.byID)).Int64("bytes", s.max).
		Msg("the embedded document collection is full: the documents that came first make room for new ones")
	s.said, s.saidAt = s.evicted, time.Now()
}

// at is the collection as it is now, to be read without a lock.
func (s *Store) at() *btree.BTreeG[*Document] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree.Copy() // one step; nodes are shared until somebody changes them
}

// find gives the documents of some identities that are there.
func (s *Store) find(ids []string) []*Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*Document
	for _, id := range ids {
		if d := s.byID[id]; d != nil {
			found = append(found, d)
		}
	}
	return found
}

// Name implements tables.Store.
func (s *Store) Name() string { return storeName }

// Tables implements tables.Store.
func (s *Store) Tables(context.Context) ([]tables.TableInfo, error) {
	return []tables.TableInfo{{Name: tableName, Comment: "documents in the gateway's memory, as they came from Kafka"}}, nil
}

// Table implements tables.Store.
func (s *Store) Table(_ context.Context, name string) (tables.Snapshot, error) {
	if name != tableName {
		return nil, &tables.NoTable{Store: storeName, Name: name}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return &snapshot{store: s, rows: uint64(len(s.byID))}, nil
}

// Invalidate has nothing to forget.
func (s *Store) Invalidate(string) {}

// Close implements tables.Store.
func (s *Store) Close() error { return nil }
