package planner

import (
	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/eval"
	"gridgate/tables"
)

// Table shows a store's snapshot to go-mysql-server's catalog. It declares no
// indexes: with them go-mysql-server would look rows up one call at a time and
// take unsorted data for sorted.
type Table struct {
	store    string
	database string
	comment  string
	snapshot tables.Snapshot
	schema   sql.Schema
}

var (
	_ sql.Table           = (*Table)(nil)
	_ sql.CommentedTable  = (*Table)(nil)
	_ sql.StatisticsTable = (*Table)(nil)
)

// NewTable wraps a snapshot of the named store.
func NewTable(store, database, comment string, snapshot tables.Snapshot) *Table {
	t := &Table{store: store, database: database, comment: comment, snapshot: snapshot}
	for _, c := range snapshot.Columns() {
		t.schema = append(t.schema, &sql.Column{
			Name: c.Name, Type: eval.SQLType(c.Type), Nullable: c.Nullable, PrimaryKey: c.PrimaryKey,
			Comment: c.Comment, Source: snapshot.Name(), DatabaseSource: database,
		})
	}
	return t
}

// Snapshot is what the table was seen as.
func (t *Table) Snapshot() tables.Snapshot { return t.snapshot }

// StoreName is the name of the store that the table lives in.
func (t *Table) StoreName() string { return t.store }

// Name implements sql.Table.
func (t *Table) Name() string { return t.snapshot.Name() }

// String implements sql.Table.
func (t *Table) String() string { return t.snapshot.Name() }

// Comment implements sql.CommentedTable.
func (t *Table) Comment() string { return t.comment }

// Schema implements sql.Table.
func (t *Table) Schema(*sql.Context) sql.Schema { return t.schema }

// Collation implements sql.Table.
func (t *Table) Collation() sql.CollationID { return sql.Collation_utf8mb4_0900_bin }

// DataLength implements sql.StatisticsTable; stores don't know it.
func (t *Table) DataLength(*sql.Context) (uint64, error) { return 0, nil }

// RowCount implements sql.StatisticsTable. It is never exact: an exact count
// would be given to the user as the answer to COUNT(*).
func (t *Table) RowCount(*sql.Context) (rows uint64, exact bool, err error) {
	n, known := t.snapshot.Rows()
	if !known {
		n = defaultRows
	}
	return n, false, nil
}

// defaultRows is what a table without an estimate counts as in join planning.
const defaultRows = 1_000_000

// Partitions implements sql.Table: a table is one partition.
func (t *Table) Partitions(*sql.Context) (sql.PartitionIter, error) {
	return sql.PartitionsToPartitionIter(wholeTable{}), nil
}

type wholeTable struct{}

func (wholeTable) Key() []byte { return []byte("all") }

// PartitionRows implements sql.Table with a plain scan of all columns, for the
// few statements that go-mysql-server runs without the planner's rule.
func (t *Table) PartitionRows(ctx *sql.Context, _ sql.Partition) (sql.RowIter, error) {
	p, err := t.wholePlan()
	if err != nil {
		return nil, err
	}
	if err := runOf(ctx).check(t.store, t.Name(), tables.EstimateOf(p, nil)); err != nil {
		return nil, err
	}
	rows, err := p.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &rowIter{rows: rows}, nil
}

// wholePlan reads all columns of all rows.
func (t *Table) wholePlan() (tables.Plan, error) {
	q := tables.Query{From: &tables.Scan{Snapshot: t.snapshot}}
	for i := range t.snapshot.Columns() {
		q.Output = append(q.Output, column(t.snapshot, i))
	}
	p, refused := t.snapshot.Compile(q)
	if refused != nil {
		return nil, refused
	}
	return p, nil
}

func column(s tables.Snapshot, i int) *tables.Col {
	c := s.Columns()[i]
	return &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable}
}

// tableUnder finds the Table below go-mysql-server's wrappers.
func tableUnder(t sql.Table) *Table {
	for {
		switch x := t.(type) {
		case *Table:
			return x
		case sql.TableWrapper:
			t = x.Underlying()
		default:
			return nil
		}
	}
}
