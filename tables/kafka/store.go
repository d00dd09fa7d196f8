package kafka

import (
	"context"
	"io"
	"time"

	"github.com/segmentio/kafka-go"

	"gridgate/tables"
	"gridgate/tables/scan"
)

const (
	storeName = "kafka"
	tableName = "dead_letters"
)

// Config of a Store.
type Config struct {
	Brokers []string
	Topic   string        // the dead-letter topic
	Newest  int           // how many letters the table shows; 0: 1000
	Dialer  *kafka.Dialer // nil: kafka.DefaultDialer's settings
	Timeout time.Duration // for reading the topic's end; 0: 10 s
}

// Store is the store of the one table. It is safe for concurrent use.
type Store struct{ config Config }

var _ tables.Store = (*Store)(nil)

// New makes the store. Kafka is not asked before a query is.
func New(c Config) *Store {
	if c.Newest <= 0 {
		c.Newest = 1000
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Dialer == nil {
		c.Dialer = &kafka.Dialer{Timeout: c.Timeout, DualStack: true}
	}
	return &Store{c}
}

// Name implements tables.Store.
func (s *Store) Name() string { return storeName }

// Tables implements tables.Store.
func (s *Store) Tables(context.Context) ([]tables.TableInfo, error) {
	return []tables.TableInfo{{Name: tableName, Comment: "the newest records that could not be used, and why"}}, nil
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

// Rows is at most what the table shows; how many there are is not asked.
func (n snapshot) Rows() (uint64, bool) { return uint64(n.store.config.Newest), true }

// Compile takes columns only: the rows are few.
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
	return "fetch the end of topic " + p.store.config.Topic + ": " + tables.FormatQuery(&p.query, args), nil
}
func (p *plan) Recheck() []int      { return nil }
func (p *plan) Deterministic() bool { return false } // more may come

// Open reads the end of the topic. The error is *tables.Outage, or ctx's.
func (p *plan) Open(ctx context.Context, _ tables.Args) (tables.Rows, error) {
	c := &p.store.config
	reading, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	letters, err := newest(reading, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &tables.Outage{Store: storeName, Doing: "reading the topic " + c.Topic, Err: err}
	}
	return &rows{plan: p, letters: letters}, nil
}

// batchRows is small since a letter may be large.
const batchRows = 100

type rows struct {
	plan    *plan
	letters []Letter
}

func (r *rows) Next(ctx context.Context, b *tables.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.letters) == 0 {
		return io.EOF
	}
	n := min(batchRows, len(r.letters))
	letters := r.letters[:n]
	r.letters = r.letters[n:]
	scan.Fill(b, scan.Types(columns, r.plan.read), n, func(row, i int) tables.Value { return letters[row].value(r.plan.read[i]) })
	return nil
}

func (r *rows) Close() error {
	r.letters = nil
	return nil
}
