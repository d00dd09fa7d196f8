// Package status is the table ingest_status: how far each store is behind
// Kafka, as the ingest itself counts it. Nothing is asked of Kafka.
package status

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"gridgate/tables"
	"gridgate/tables/scan"
)

const (
	storeName = "status"
	tableName = "ingest_status"
)

// A Row is the state of one partition for one store, or of a store that has no
// partition yet.
type Row struct {
	Store     string
	Topic     string
	Partition int // -1: none is assigned yet; the offsets and lags then mean nothing
	Committed int64
	End       int64 // the offset after the newest record; -1: not known yet
	// LagSeconds is how old the oldest record is that the store does not have
	// yet, or the last that it has; 0 where it has all.
	LagSeconds  float64
	Records     int64 // counters since the gateway's start
	Skipped     int64
	Duplicates  int64
	DeadLetters int64
	Evicted     int64
	State       string
	LastError   string // empty: none
	UpdatedAt   int64  // microseconds since the epoch
}

// A Source knows the state. Status is safe for concurrent use.
type Source interface{ Status() []Row }

// Store is the store of the one table. It is safe for concurrent use.
type Store struct{ source Source }

var _ tables.Store = (*Store)(nil)

// New makes the store; without a source the table is empty.
func New(source Source) *Store { return &Store{source} }

// Name implements tables.Store.
func (s *Store) Name() string { return storeName }

// Tables implements tables.Store.
func (s *Store) Tables(context.Context) ([]tables.TableInfo, error) {
	return []tables.TableInfo{{Name: tableName, Comment: "how far each store is behind Kafka"}}, nil
}

// Table implements tables.Store.
func (s *Store) Table(_ context.Context, name string) (tables.Snapshot, error) {
	if name != tableName {
		return nil, &tables.NoTable{Store: storeName, Name: name}
	}
	return snapshot{s}, nil
}

// Invalidate has nothing to forget.
func (s *Store) Invalidate(string) {}

// Close implements tables.Store.
func (s *Store) Close() error { return nil }

type snapshot struct{ store *Store }

func (snapshot) Name() string             { return tableName }
func (snapshot) Columns() []tables.Column { return columns }
func (snapshot) Version() uint64          { return 1 }
func (snapshot) Rows() (uint64, bool)     { return 16, true }

// Compile takes columns only: there are few rows.
func (n snapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	read, refused := scan.Columns(&q, scan.Takes{})
	if refused != nil {
		return nil, refused
	}
	if len(q.Where) > 0 {
		return nil, tables.Refuse(tables.PartWhere, 0, "scan", "the rows are few; the gateway applies the condition")
	}
	return &plan{store: n.store, query: q, read: read}, nil
}

type plan struct {
	store *Store
	query tables.Query
	read  []int
}

func (p *plan) Command(args tables.Args) (string, error) {
	return "read the ingest's counters: " + tables.FormatQuery(&p.query, args), nil
}
func (p *plan) Recheck() []int      { return nil }
func (p *plan) Deterministic() bool { return false } // the counters move

// Open takes the counters as they are now.
func (p *plan) Open(ctx context.Context, _ tables.Args) (tables.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	r := &rows{plan: p}
	if p.store.source != nil {
		r.rows = p.store.source.Status()
		slices.SortFunc(r.rows, func(a, b Row) int {
			return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
		})
	}
	return r, nil
}

type rows struct {
	plan *plan
	rows []Row
}

func (r *rows) Next(ctx context.Context, b *tables.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.rows) == 0 {
		return io.EOF
	}
	all := r.rows
	r.rows = nil
	scan.Fill(b, scan.Types(columns, r.plan.read), len(all), func(row, i int) tables.Value {
		return all[row].value(r.plan.read[i])
	})
	return nil
}

func (r *rows) Close() error { return nil }
