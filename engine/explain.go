package engine

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/planbuilder"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/planner"
	"gridgate/engine/semantics"
)

// explainText is wide enough for any remote command.
var explainText = types.MustCreateString(sqltypes.Text, types.LongTextBlobMax, sql.Collation_utf8mb4_0900_bin)

// documentSchema is that of MySQL's EXPLAIN FORMAT=TREE and FORMAT=JSON.
var documentSchema = sql.Schema{{Name: "EXPLAIN", Type: explainText}}

// tableSchema is that of plain EXPLAIN. MySQL's own columns speak of keys and
// filtered rows, which stores don't have; these say where each part runs.
var tableSchema = sql.Schema{
	{Name: "id", Type: types.Int64},
	{Name: "runs_in", Type: explainText},
	{Name: "operation", Type: explainText},
	{Name: "in_the_gateway_because", Type: explainText, Nullable: true},
}

// unknownFormat is MySQL's ER_UNKNOWN_EXPLAIN_FORMAT.
const unknownFormat = 1791

// tableFormat is that of plain EXPLAIN.
const tableFormat = "traditional"

// explainFormat is the form that an EXPLAIN asks for.
func explainFormat(x *sqlparser.Explain) (string, error) {
	switch format := strings.ToLower(x.ExplainFormat); format {
	case "", tableFormat:
		if x.Plan {
			return sqlparser.TreeStr, nil
		}
		return tableFormat, nil
	case sqlparser.TreeStr, semantics.ExplainJSON:
		return format, nil
	}
	return "", mysql.NewSQLError(unknownFormat, "HY000", "Unknown EXPLAIN format name: '%s'", x.ExplainFormat)
}

// explain plans the statement below EXPLAIN and shows what would run where. using
// are the values of its parameters where EXECUTE gave them, or nil.
func (e *Engine) explain(ctx *sql.Context, st Statement, x *sqlparser.Explain, using map[string]sql.Expression) (*Result, error) {
	if err := checkReadOnly(x.Statement); err != nil {
		return nil, err
	}
	format, err := explainFormat(x)
	if err != nil {
		return nil, err
	}
	ctx.ClearWarnings()
	b := planbuilder.New(ctx, e.sqle.Analyzer.Catalog, e.sqle.EventScheduler)
	if using != nil {
		b.SetBindingsWithExpr(using)
	} else {
		b.SetBindings(st.Bindings)
	}
	bound, flags, err := b.BindOnly(x.Statement, st.Query, nil)
	if err != nil {
		return nil, err
	}
	node, err := e.sqle.Analyzer.Analyze(ctx, bound, nil, flags)
	if err != nil {
		return nil, err
	}
	var run *ran
	if x.Analyze {
		if node, run, err = e.analyze(ctx, node); err != nil {
			return nil, err
		}
	}
	step := planner.Describe(ctx, node)
	if format == tableFormat {
		return &Result{Schema: tableSchema, Iter: sql.RowsToRowIter(explainTable(step)...)}, nil
	}
	text := explainTree(step, run)
	if format == semantics.ExplainJSON {
		if text, err = explainJSON(step, run); err != nil {
			return nil, err
		}
	}
	return &Result{Schema: documentSchema, Iter: sql.RowsToRowIter(sql.NewRow(text))}, nil
}

// ran is what EXPLAIN ANALYZE says of the statement as a whole.
type ran struct {
	rows int64
	took time.Duration
}

// analyze runs a plan to its end and gives it back with what each part counted.
// Everything that it opened is closed when it returns.
func (e *Engine) analyze(ctx *sql.Context, node sql.Node) (_ sql.Node, r *ran, err error) {
	node, err = planner.Measure(ctx, node)
	if err != nil {
		return nil, nil, err
	}
	begin := time.Now()
	iter, err := e.sqle.Analyzer.ExecBuilder.Build(ctx, node, nil)
	if err != nil {
		return nil, nil, err
	}
	r = &ran{}
	defer func() { // also after a panic
		err = errors.Join(err, closeQuietly(ctx, iter))
		r.took = time.Since(begin)
	}()
	for ; err == nil; r.rows++ {
		if err = context.Cause(ctx); err == nil {
			_, err = iter.Next(ctx)
		}
	}
	r.rows-- // the last one was the end
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return node, r, err
}
