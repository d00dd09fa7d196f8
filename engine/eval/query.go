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
	return evaluate(sql.NewContext(ctx, sql.WithSession(sql.NewBaseSession())), q, scans, args)
}

func evaluate(sctx *sql.Context, q tables.Query, scans [][][]tables.Value, args tables.Args) ([][]tables.Value, error) {
	r := &reference{ctx: sctx, q: &q, args: args}
	if err := r.read(scans); err != nil {
		return nil, err
	}
	node, err := r.build()
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
	// Of each of the query's sources: where its columns begin in the joined row,
	// and its rows.
	first []int
	rows  [][][]tables.Value
	width int // of the joined row
}

// read evaluates the query's derived tables and finds every source's rows.
func (r *reference) read(scans [][][]tables.Value) error {
	for _, s := range r.q.Sources() {
		r.first = append(r.first, r.width)
		switch s := s.(type) {
		case *tables.Scan:
			if len(scans) == 0 {
				return fmt.Errorf("no rows given for %s", s.Snapshot.Name())
			}
			r.rows = append(r.rows, scans[0])
			r.width += len(s.Snapshot.Columns())
			scans = scans[1:]
		case *tables.Derived:
			n := len(s.Query.Scans())
			if len(scans) < n {
				return fmt.Errorf("no rows given for a derived table")
			}
			rows, err := evaluate(r.ctx, s.Query, scans[:n], r.args)
			if err != nil {
				return err
			}
			r.rows = append(r.rows, rows)
			r.width += len(s.Query.Output)
			scans = scans[n:]
		}
	}
	return nil
}

func (r *reference) build() (sql.Node, error) {
	rows, _, err := r.join(r.q.From, 0)
	if err != nil {
		return nil, err
	}
	node := sql.Node(&memoryRows{width: r.width, rows: rows})
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
	case tables.AggStdPop:
		return semantics.NewAggregate(semantics.StdDevPop, arg), nil
	case tables.AggStdSamp:
		return semantics.NewAggregate(semantics.StdDevSamp, arg), nil
	case tables.AggVarPop:
		return semantics.NewAggregate(semantics.VarPop, arg), nil
	case tables.AggVarSamp:
		return semantics.NewAggregate(semantics.VarSamp, arg), nil
	case tables.AggGroupConcat:
		return r.groupConcat(a, arg, env)
	}
	return nil, fmt.Errorf("unknown aggregate %v", a.Func)
}

func (r *reference) groupConcat(a tables.Agg, arg sql.Expression, env Env) (sql.Expression, error) {
	distinct := ""
	if d, ok := arg.(*expression.DistinctExpression); ok {
		arg, distinct = d.Child, "distinct"
	}
	var order sql.SortConditions
	for _, o := range a.OrderBy {
		x, err := Expr(r.ctx, o.Expr, env)
		if err != nil {
			return nil, err
		}
		order = append(order, sortCondition(x, o.Desc))
	}
	return aggregation.NewGroupConcat(distinct, order, a.Separator, []sql.Expression{arg}, int(a.MaxLen)), nil
}

// sortCondition sorts as MySQL does: NULLs are the least.
func sortCondition(e sql.Expression, desc bool) sql.SortCondition {
	c := sql.SortCondition{Expr: e, Order: sql.Ascending, NullOrdering: sql.NullsFirst}
	if desc {
		c.Order = sql.Descending
	}
	return c
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
		sort = append(sort, sortCondition(field(r.ctx, at, out[at]), o.Desc))
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
