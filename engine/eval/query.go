package eval

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/rowexec"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// Evaluator answers whole queries over rows in memory: the reference that a
// store's answers are compared with. The zero Evaluator is ready for use.
type Evaluator struct{}

// Evaluate runs q over the rows of its scans, in the order of q.Scans(). Each
// row has the values of that snapshot's columns.
func (Evaluator) Evaluate(ctx context.Context, q tables.Query, scans [][][]tables.Value, args tables.Args) ([][]tables.Value, error) {
	sctx := sql.NewContext(ctx, sql.WithSession(sql.NewBaseSession()))
	r := &reference{ctx: sctx, q: &q, args: args}
	node, err := r.build(scans)
	if err != nil {
		return nil, err
	}
	b := rowexec.NewBuilder(nil, sql.EngineOverrides{})
	b.PriorityBuilder = semantics.Builder(b)
	iter, err := b.Build(sctx, node, nil)
	if err != nil {
		return nil, err
	}
	var out [][]tables.Value
	for {
		row, err := iter.Next(sctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			_ = iter.Close(sctx)
			return nil, err
		}
		values := make([]tables.Value, len(q.Output))
		for i, e := range q.Output {
			if values[i], err = FromSQL(sctx, row[i], e.Type()); err != nil {
				_ = iter.Close(sctx)
				return nil, fmt.Errorf("output %d: %w", i, err)
			}
		}
		out = append(out, values)
	}
	return out, iter.Close(sctx)
}

// reference turns a Query into a go-mysql-server plan over rows in memory.
type reference struct {
	ctx  *sql.Context
	q    *tables.Query
	args tables.Args
	// first is where each scan's columns begin in the joined row.
	first []int
}

func (r *reference) build(scans [][][]tables.Value) (sql.Node, error) {
	width := 0
	for _, s := range r.q.Scans() {
		r.first = append(r.first, width)
		width += len(s.Snapshot.Columns())
	}
	rows, err := r.join(r.q.From, scans, 0)
	if err != nil {
		return nil, err
	}
	node := sql.Node(&memoryRows{width: width, rows: rows})
	env := r.columns()
	if node, err = r.filter(node, r.q.Where, env); err != nil {
		return nil, err
	}
	if r.q.Grouped {
		if node, err = r.group(node); err != nil {
			return nil, err
		}
		env = r.groups()
		if node, err = r.filter(node, r.q.Having, env); err != nil {
			return nil, err
		}
	}
	return r.finish(node, env)
}

// columns is the environment over the joined row.
func (r *reference) columns() Env {
	return Env{Args: r.args, Col: func(c *tables.Col) sql.Expression {
		return expression.NewGetField(r.first[c.Scan]+c.Index, SQLType(c.Typ), c.Name, c.Null)
	}}
}

// groups is the environment over a grouped row: the keys, then the aggregates.
func (r *reference) groups() Env {
	env := r.columns()
	env.Key = func(k *tables.KeyRef) sql.Expression {
		return expression.NewGetField(k.N, SQLType(k.Typ), fmt.Sprintf("key%d", k.N), k.Null)
	}
	env.Agg = func(a *tables.AggRef) sql.Expression {
		return expression.NewGetField(len(r.q.GroupBy)+a.N, SQLType(a.Typ), fmt.Sprintf("agg%d", a.N), a.Null)
	}
	return env
}

func (r *reference) filter(node sql.Node, conjuncts []tables.Expr, env Env) (sql.Node, error) {
	if len(conjuncts) == 0 {
		return node, nil
	}
	es, err := r.exprs(conjuncts, env)
	if err != nil {
		return nil, err
	}
	return plan.NewFilter(r.ctx, expression.JoinAnd(es...), node), nil
}

func (r *reference) exprs(in []tables.Expr, env Env) ([]sql.Expression, error) {
	out := make([]sql.Expression, len(in))
	for i, e := range in {
		x, err := Expr(r.ctx, e, env)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

func (r *reference) group(node sql.Node) (sql.Node, error) {
	env := r.columns()
	keys, err := r.exprs(r.q.GroupBy, env)
	if err != nil {
		return nil, err
	}
	deps := append([]sql.Expression{}, keys...)
	for _, a := range r.q.Aggs {
		x, err := r.aggregate(a, env)
		if err != nil {
			return nil, err
		}
		deps = append(deps, x)
	}
	return plan.NewGroupBy(deps, keys, node), nil
}

func (r *reference) aggregate(a tables.Agg, env Env) (sql.Expression, error) {
	if a.Func == tables.AggCountStar {
		return aggregation.NewCount(expression.NewLiteral(int64(1), types.Int64)), nil
	}
	arg, err := Expr(r.ctx, a.Arg, env)
	if err != nil {
		return nil, err
	}
	if a.Distinct && a.Func == tables.AggCount {
		return aggregation.NewCountDistinct(arg), nil
	}
	if a.Distinct {
		arg = expression.NewDistinctExpression(arg)
	}
	switch a.Func {
	case tables.AggCount:
		return aggregation.NewCount(arg), nil
	case tables.AggSum:
		return semantics.NewAggregate(semantics.Sum, arg), nil
	case tables.AggAvg:
		return semantics.NewAggregate(semantics.Avg, arg), nil
	case tables.AggMin:
		return aggregation.NewMin(arg), nil
	case tables.AggMax:
		return aggregation.NewMax(arg), nil
	}
	return nil, fmt.Errorf("unknown aggregate %v", a.Func)
}

// finish computes the output and sorts, cuts and strips it.
func (r *reference) finish(node sql.Node, env Env) (sql.Node, error) {
	q := r.q
	out, err := r.exprs(q.Output, env)
	if err != nil {
		return nil, err
	}
	width := len(out)
	var sort sql.SortConditions
	for _, o := range q.OrderBy {
		at := -1
		if q.Distinct { // a sort key of distinct rows is one of their columns
			for i, e := range q.Output {
				if tables.Equal(e, o.Expr) {
					at = i
				}
			}
			if at < 0 {
				return nil, errors.New("distinct rows sorted by what is not among their columns")
			}
		} else {
			x, err := Expr(r.ctx, o.Expr, env)
			if err != nil {
				return nil, err
			}
			at = len(out)
			out = append(out, x)
		}
		c := sql.SortCondition{Expr: field(r.ctx, at, out[at]), Order: sql.Ascending, NullOrdering: sql.NullsFirst}
		if o.Desc {
			c.Order = sql.Descending
		}
		sort = append(sort, c)
	}
	node = plan.NewProject(r.ctx, out, node)
	if q.Distinct {
		node = plan.NewDistinct(node)
	}
	if len(sort) > 0 {
		node = plan.NewSort(sort, node)
	}
	if q.Offset > 0 {
		node = plan.NewOffset(expression.NewLiteral(q.Offset, types.Int64), node)
	}
	if q.Limit != nil {
		node = plan.NewLimit(expression.NewLiteral(*q.Limit, types.Int64), node)
	}
	if width < len(out) {
		strip := make([]sql.Expression, width)
		for i := range strip {
			strip[i] = field(r.ctx, i, out[i])
		}
		node = plan.NewProject(r.ctx, strip, node)
	}
	return node, nil
}

func field(ctx *sql.Context, i int, e sql.Expression) sql.Expression {
	return expression.NewGetField(i, e.Type(ctx), fmt.Sprintf("c%d", i), e.IsNullable(ctx))
}

// memoryRows is a plan's source of rows.
type memoryRows struct {
	width int
	rows  []sql.Row
}

var _ sql.ExecSourceRel = (*memoryRows)(nil)

func (m *memoryRows) Resolved() bool   { return true }
func (m *memoryRows) IsReadOnly() bool { return true }
func (m *memoryRows) String() string   { return "rows in memory" }
func (m *memoryRows) Schema(*sql.Context) sql.Schema {
	s := make(sql.Schema, m.width)
	for i := range s {
		s[i] = &sql.Column{Name: fmt.Sprintf("c%d", i), Type: types.LongText, Nullable: true}
	}
	return s
}
func (m *memoryRows) Children() []sql.Node { return nil }
func (m *memoryRows) WithChildren(*sql.Context, ...sql.Node) (sql.Node, error) {
	return m, nil
}
func (m *memoryRows) RowIter(*sql.Context, sql.Row) (sql.RowIter, error) {
	return sql.RowsToRowIter(m.rows...), nil
}
