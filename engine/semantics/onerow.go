package semantics

import (
	"io"
	"slices"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// oneRow is the table of a SELECT without FROM, in place of go-mysql-server's: one row
// without columns. To recognise its own, go-mysql-server makes an empty context each
// time (plan.IsDualTable in sql/plan/dual.go), and with it a session that copies all
// variables: that was more than half of the time of SELECT 1.
type oneRow struct{}

var _ sql.Table = oneRow{}

// Name implements sql.Table. A name that isn't empty is what keeps plan.IsDualTable
// from looking further.
func (oneRow) Name() string { return "dual" }

// String implements sql.Table.
func (oneRow) String() string { return "dual" }

// Schema implements sql.Table.
func (oneRow) Schema(*sql.Context) sql.Schema { return nil }

// Collation implements sql.Table.
func (oneRow) Collation() sql.CollationID { return sql.Collation_Default }

// Partitions implements sql.Table.
func (oneRow) Partitions(*sql.Context) (sql.PartitionIter, error) { return &onePartition{}, nil }

// PartitionRows implements sql.Table.
func (oneRow) PartitionRows(*sql.Context, sql.Partition) (sql.RowIter, error) {
	return sql.RowsToRowIter(sql.Row{}), nil
}

// onePartition gives one partition.
type onePartition struct{ given bool }

// Next implements sql.PartitionIter.
func (p *onePartition) Next(*sql.Context) (sql.Partition, error) {
	if p.given {
		return nil, io.EOF
	}
	p.given = true
	return theOne{}, nil
}

// Close implements sql.PartitionIter.
func (*onePartition) Close(*sql.Context) error { return nil }

type theOne struct{}

// Key implements sql.Partition.
func (theOne) Key() []byte { return nil }

// IsDual reports whether t is the table of a SELECT without FROM, which is the only one
// of go-mysql-server's without a name.
func IsDual(t sql.Table) bool {
	if t == nil {
		return false
	}
	if w, ok := t.(sql.TableWrapper); ok { // it is counted for the process list
		t = w.Underlying()
	}
	_, own := t.(oneRow)
	return own || t.Name() == plan.DualTableName
}

// oneRowForDual puts oneRow where go-mysql-server's table is, in statements that are one
// chain of operators over it: the positions in subqueries and joins count its column.
func oneRowForDual(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, scope *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	if !scope.IsEmpty() || !plainOverDual(n) {
		return n, transform.SameTree, nil
	}
	return transform.NodeWithOpaque(ctx, n, func(_ *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		t, ok := n.(*plan.ResolvedTable)
		if !ok {
			return n, transform.SameTree, nil
		}
		return plan.NewResolvedTable(oneRow{}, t.SqlDatabase, nil), transform.NewTree, nil
	})
}

// plainOverDual reports whether n is a chain of operators without subqueries over the
// table of a SELECT without FROM.
func plainOverDual(n sql.Node) bool {
	for {
		if t, ok := n.(*plan.ResolvedTable); ok {
			return IsDual(t.Table)
		}
		if x, ok := n.(sql.Expressioner); ok && slices.ContainsFunc(x.Expressions(), usesSubqueries) {
			return false
		}
		below := n.Children()
		if len(below) != 1 {
			return false
		}
		n = below[0]
	}
}
