package tables

import "math"

// A Query is a relational query over one store, with MySQL's semantics,
// resolved and typed. It means, in this order: the rows of From, filtered by
// Where; grouped, when Grouped; filtered by Having; Output computed;
// duplicates removed, when Distinct; sorted; the first Offset rows skipped
// and at most Limit returned.
//
// A Query is a value: the planner never changes one that it has handed to
// Compile, and Compile must not change the one it gets.
type Query struct {
	From     Source
	Output   []Expr // over columns or, when Grouped, over KeyRef and AggRef; the plan's rows have exactly these types
	Where    []Expr // conjuncts: a row passes when all are true
	Grouped  bool   // GROUP BY or aggregates were asked for; without keys there is one group, also over no rows
	GroupBy  []Expr // over columns; NULLs form one group
	Aggs     []Agg
	Having   []Expr // conjuncts over KeyRef and AggRef
	Distinct bool   // over Output, NULLs equal to each other
	OrderBy  []Order
	Limit    *int64 // nil: no limit; never 0 (the planner answers that itself)
	Offset   int64
}

// Source is what a Query reads: *Scan, *Derived or *Join.
type Source interface{ source() }

// Scan reads one table.
type Scan struct {
	Snapshot Snapshot
	Alias    string // the name that the statement gives it, for EXPLAIN
}

// Derived reads the rows of another query over the same store. Its columns are
// that query's Output; its order means nothing, except for its Limit.
type Derived struct {
	Query Query
	Names []string // of the columns, for EXPLAIN
	Alias string   // likewise; "" where the planner made it
}

// Join joins two sources of one store.
type Join struct {
	Kind        JoinKind
	Left, Right Source
	On          []Expr // conjuncts
}

func (*Scan) source()    {}
func (*Derived) source() {}
func (*Join) source()    {}

// JoinKind is a kind of Join.
type JoinKind uint8

// The kinds of Join. Semi and anti joins give the left side's columns only. An
// anti join gives the rows for which the conditions hold with no row of the
// right side, as NOT EXISTS does; there is no other kind.
const (
	JoinInner JoinKind = iota
	JoinLeft
	JoinSemi
	JoinAnti
)

var joinNames = [...]string{"INNER JOIN", "LEFT JOIN", "SEMI JOIN", "ANTI JOIN"}

// String is the join as SQL (or textbooks) write it.
func (k JoinKind) String() string { return joinNames[k] }

// Agg is an aggregate function of a grouped query.
type Agg struct {
	Func     AggFunc
	Arg      Expr // nil for COUNT(*)
	Distinct bool // COUNT(DISTINCT x), SUM(DISTINCT x) ...
	Typ      Type
	Null     bool
	// OrderBy, Separator and MaxLen are GROUP_CONCAT's; MaxLen is in bytes, and
	// a longer text is cut there, between characters.
	OrderBy   []Order
	Separator string
	MaxLen    uint64
}

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions. All but AggCountStar skip NULLs; over no rows the
// counts give 0 and the others NULL.
const (
	AggCountStar AggFunc = iota // COUNT(*): BIGINT
	AggCount                    // COUNT(x): BIGINT
	AggSum
	AggAvg
	AggMin
	AggMax
	AggStdPop      // STD, STDDEV, STDDEV_POP: DOUBLE
	AggStdSamp     // STDDEV_SAMP: NULL for less than two values
	AggVarPop      // VARIANCE, VAR_POP
	AggVarSamp     // VAR_SAMP: NULL for less than two values
	AggGroupConcat // GROUP_CONCAT of text
)

var aggNames = [...]string{
	"COUNT", "COUNT", "SUM", "AVG", "MIN", "MAX",
	"STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP", "GROUP_CONCAT",
}

// String is the function's name in SQL.
func (f AggFunc) String() string { return aggNames[f] }

// Order is a sort key. NULLs come first ascending and last descending.
type Order struct {
	Expr Expr // over columns or, when Grouped, over KeyRef and AggRef; when Distinct, one of Output
	Desc bool
}

// Top is Limit+Offset, saturated: how many rows in order a store has to find.
// ok is false without a limit.
func (q *Query) Top() (n int64, ok bool) {
	if q.Limit == nil {
		return 0, false
	}
	if *q.Limit > math.MaxInt64-q.Offset {
		return math.MaxInt64, true
	}
	return *q.Limit + q.Offset, true
}

// Sources lists the tables and derived tables of From from the left: each is a
// *Scan or a *Derived. Col.Scan counts in this order.
func (q *Query) Sources() []Source { return appendSources(nil, q.From) }

func appendSources(out []Source, s Source) []Source {
	switch s := s.(type) {
	case *Join:
		return appendSources(appendSources(out, s.Left), s.Right)
	case nil:
		return out
	}
	return append(out, s)
}

// Scans lists every table that the query reads, from the left, those inside of
// derived tables in their place.
func (q *Query) Scans() []*Scan {
	var out []*Scan
	for _, s := range q.Sources() {
		switch s := s.(type) {
		case *Scan:
			out = append(out, s)
		case *Derived:
			out = append(out, s.Query.Scans()...)
		}
	}
	return out
}

// MapScans is q with every table that it reads replaced by f, also inside of
// derived tables: for a store that stands before another one, since stores know
// only their own snapshots.
func MapScans(q Query, f func(*Scan) *Scan) Query {
	q.From = mapScans(q.From, f)
	return q
}

func mapScans(s Source, f func(*Scan) *Scan) Source {
	switch s := s.(type) {
	case *Scan:
		return f(s)
	case *Derived:
		d := *s
		d.Query = MapScans(s.Query, f)
		return &d
	case *Join:
		j := *s
		j.Left, j.Right = mapScans(s.Left, f), mapScans(s.Right, f)
		return &j
	}
	return s
}

// Part names a part of a Query.
type Part uint8

// The parts.
const (
	PartFrom Part = iota
	PartOutput
	PartWhere
	PartGroupBy
	PartAggs
	PartHaving
	PartDistinct
	PartOrderBy
	PartLimit
	PartOffset
)

var partNames = [...]string{"FROM", "the select list", "WHERE", "GROUP BY", "an aggregate", "HAVING", "DISTINCT", "ORDER BY", "LIMIT", "OFFSET"}

// String is the part as a sentence names it.
func (p Part) String() string { return partNames[p] }
