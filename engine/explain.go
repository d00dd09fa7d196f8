package engine

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/planbuilder"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/planner"
)

// explainText is wide enough for any remote command.
var explainText = types.MustCreateString(sqltypes.Text, types.LongTextBlobMax, sql.Collation_utf8mb4_0900_bin)

// treeSchema is that of MySQL's EXPLAIN FORMAT=TREE.
var treeSchema = sql.Schema{{Name: "EXPLAIN", Type: explainText}}

// tableSchema is that of plain EXPLAIN. MySQL's own columns speak of keys and
// filtered rows, which stores don't have; these say where each part runs.
var tableSchema = sql.Schema{
	{Name: "id", Type: types.Int64},
	{Name: "runs_in", Type: explainText},
	{Name: "operation", Type: explainText},
	{Name: "in_the_gateway_because", Type: explainText, Nullable: true},
}

// explain plans the statement below EXPLAIN and shows what would run where.
func (e *Engine) explain(ctx *sql.Context, st Statement, x *sqlparser.Explain) (*Result, error) {
	if err := checkReadOnly(x.Statement); err != nil {
		return nil, err
	}
	tree := false
	switch strings.ToLower(x.ExplainFormat) {
	case "", "traditional":
		tree = x.Plan
	case sqlparser.TreeStr:
		tree = true
	default:
		return nil, sql.ErrUnsupportedFeature.New("EXPLAIN FORMAT=" + x.ExplainFormat + "; there are TREE and TRADITIONAL")
	}
	b := planbuilder.New(ctx, e.sqle.Analyzer.Catalog, e.sqle.EventScheduler)
	b.SetBindings(st.Bindings)
	bound, flags, err := b.BindOnly(x.Statement, st.Query, nil)
	if err != nil {
		return nil, err
	}
	node, err := e.sqle.Analyzer.Analyze(ctx, bound, nil, flags)
	if err != nil {
		return nil, err
	}
	if x.Analyze {
		return e.explainAnalyze(ctx, node)
	}
	if tree {
		return &Result{Schema: treeSchema, Iter: sql.RowsToRowIter(sql.NewRow(strings.TrimRight(node.String(), "\n")))}, nil
	}
	t := &explainTable{ctx: ctx}
	t.add(planner.Unwrap(node), 0)
	return &Result{Schema: tableSchema, Iter: sql.RowsToRowIter(t.rows...)}, nil
}

// explainTable collects plain EXPLAIN's rows: parents before children, a row
// a part of the plan, indented by its depth.
type explainTable struct {
	ctx  *sql.Context
	rows []sql.Row
}

func (t *explainTable) add(n sql.Node, depth int) {
	id := int64(len(t.rows) + 1)
	indent := strings.Repeat("  ", depth)
	if r, ok := n.(*planner.Remote); ok {
		t.rows = append(t.rows, sql.NewRow(id, r.Store(), indent+r.Command(), nil))
		return
	}
	below := planner.Parts(t.ctx, n)
	t.rows = append(t.rows, sql.NewRow(id, "gateway", indent+operation(n), why(n, below)))
	for _, b := range below {
		t.add(b, depth+1)
	}
}

// why says why an operator runs in the gateway; nil where there is nothing to
// say: a derived table only names what is below it.
func why(n sql.Node, below []sql.Node) any {
	switch n.(type) {
	case *plan.JoinNode:
		return "joins are done in the gateway"
	case *planner.LookupJoin:
		return "rows of different queries meet in the gateway: the keys of the first are looked up in the second, up to 1000 at a time"
	case *plan.Window:
		return "window functions are computed in the gateway"
	case *plan.SetOp:
		return "set operations are done in the gateway"
	case *plan.SubqueryAlias, *plan.HashLookup, *plan.CachedResults, *plan.RangeHeap, *planner.Replay:
		return nil
	}
	for _, b := range below {
		if r, ok := b.(*planner.Remote); ok {
			if stayed := r.Stayed(); len(stayed) > 0 {
				return strings.Join(stayed, "\n")
			}
		}
	}
	if len(below) > 0 {
		return "what it reads is in the gateway"
	}
	return nil
}

// explainAnalyze runs a plan to its end and shows it with what each leaf gave.
func (e *Engine) explainAnalyze(ctx *sql.Context, node sql.Node) (*Result, error) {
	measure(ctx, planner.Unwrap(node))
	begin := time.Now()
	iter, err := e.sqle.Analyzer.ExecBuilder.Build(ctx, node, nil)
	if err != nil {
		return nil, err
	}
	rows := 0
	for err == nil {
		if _, err = iter.Next(ctx); err == nil {
			rows++
		}
	}
	if isEOF(err) {
		err = nil
	}
	if err = errors.Join(err, closeQuietly(ctx, iter)); err != nil {
		return nil, err
	}
	total := fmt.Sprintf("%s\nIn all: %d rows in %s", strings.TrimRight(node.String(), "\n"), rows, time.Since(begin).Round(10*time.Microsecond))
	return &Result{Schema: treeSchema, Iter: sql.RowsToRowIter(sql.NewRow(total))}, nil
}

func measure(ctx *sql.Context, n sql.Node) {
	if r, ok := n.(*planner.Remote); ok {
		r.Measure()
		return
	}
	for _, below := range planner.Parts(ctx, n) {
		measure(ctx, planner.Unwrap(below))
	}
}

// operation is a gateway operator in one line.
func operation(n sql.Node) string {
	head, _, _ := strings.Cut(strings.TrimRight(n.String(), "\n"), "\n")
	switch n := n.(type) {
	case *plan.Project:
		return "Project " + list(n.Projections)
	case *plan.Filter:
		return "Filter " + n.Expression.String()
	case *plan.Having:
		return "Having " + n.Cond.String()
	case *plan.GroupBy:
		if len(n.GroupByExprs) == 0 {
			return "Aggregate " + list(n.SelectDeps)
		}
		return "GroupBy " + list(n.GroupByExprs) + ": " + list(n.SelectDeps)
	case *plan.JoinNode:
		if n.Filter != nil {
			return head + " on " + n.Filter.String()
		}
	case *planner.LookupJoin:
		return n.Title()
	case *plan.SubqueryAlias:
		return "Derived table " + n.Name()
	case *plan.RangeHeap:
		return "Ranges"
	}
	return head
}

func list(es []sql.Expression) string {
	var out []string
	for _, e := range es {
		s, _, cut := strings.Cut(e.String(), "\n")
		if cut {
			s += " ..."
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}
