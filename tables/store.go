package tables

import "context"

// A Store lists and opens the tables of one system. Its methods may do I/O and
// are safe for concurrent use.
type Store interface {
	// Name of the store as EXPLAIN shows it: text, hive, mongo, redis ...
	Name() string
	// Tables lists names and comments in one call. The engine asks at every
	// statement: a store for which that is expensive keeps the list.
	Tables(ctx context.Context) ([]TableInfo, error)
	// Table opens a table. The error is *NoTable when there is none of that
	// name, and *Outage when the system is down and the table was never seen.
	Table(ctx context.Context, name string) (Snapshot, error)
	// Invalidate forgets what is cached about a table; "" means all. The engine
	// calls it when a plan said SchemaChanged, before it plans again.
	Invalidate(name string)
	// Close frees the store. No plan may be open or be opened any more.
	Close() error
}

// TableInfo is what a listing of tables shows.
type TableInfo struct {
	Name    string
	Comment string
}

// A Snapshot is a table as it was seen once. It is immutable and safe for
// concurrent use.
type Snapshot interface {
	// Name of the table, as in SQL.
	Name() string
	// Columns in order. The slice must not be changed.
	Columns() []Column
	// Version differs between snapshots whose columns differ; for plan caches,
	// not read yet.
	Version() uint64
	// Rows estimates how many rows the table has; known is false where even
	// a rough number would cost I/O. Never used as an answer.
	Rows() (n uint64, known bool)
	// Compile turns q into a plan, or says which part it can't do exactly as
	// MySQL would, and why. It does no I/O and is cheap: the planner calls it
	// at every step. q.From holds this snapshot; of a Join, the leftmost one is
	// asked.
	Compile(q Query) (Plan, *Unsupported)
}

// Column of a table.
type Column struct {
	Name       string
	Type       Type
	Nullable   bool
	PrimaryKey bool
	Comment    string
	Min, Max   *Value // bounds of the values where the store is sure of them, else nil; not read yet
}

// A Plan is a compiled query. It is immutable; Open may be called by several
// goroutines at once.
type Plan interface {
	// Command is the exact command that the remote system gets, with the
	// values of args in place; "?" stands for what is missing from args. For
	// EXPLAIN, the process list, the slow log and cache keys. The error says
	// that a value can't be written in the store's language.
	Command(args Args) (string, error)
	// Recheck lists the conjuncts of Query.Where that the store only narrows:
	// its rows are a superset, and the gateway applies these again. It must be
	// empty where Grouped, Distinct, Limit or Offset is set: applying a
	// condition after those would be too late.
	Recheck() []int
	// Deterministic is false when two runs over the same data may differ: a
	// clock, RAND, LIMIT without a total order. Such results are not cached.
	Deterministic() bool
	// Open starts the query and returns before its first row. The work ends
	// when Rows is closed, or soon after ctx's end.
	// Errors: *Outage, *SchemaChanged, *LimitExceeded, *DataError.
	Open(ctx context.Context, args Args) (Rows, error)
}

// Rows is a running query. It is used by one goroutine at a time.
type Rows interface {
	// Next fills b with the next rows, at least one, in as many columns as
	// Query.Output has expressions, which may be none: then only b.N counts.
	// io.EOF ends; after any error only Close may be called. It returns within
	// 100 ms of the end of ctx (which need not be Open's), with ctx's error in
	// its chain. It never changes memory that an earlier Next handed out, b.Cols
	// included: that stays valid until Close, and longer where nothing but Go's
	// collector frees it. Errors are those of Open; *SchemaChanged only before
	// the first row.
	Next(ctx context.Context, b *Batch) error
	// Close stops the remote work, with a deadline of its own, and waits for
	// the query's goroutines, or leaves them to its Store's Close where they wait
	// for a system that does not answer. It is idempotent and comes after the
	// last Next.
	Close() error
}

// Args are the values of a query's Params: Param{N} is Args[N].
type Args []Arg

// Arg is one argument: a value or, for In.Keys, a list of keys.
type Arg struct {
	Value Value
	Keys  []Value // distinct, never NULL
}
