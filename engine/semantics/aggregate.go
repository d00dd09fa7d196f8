package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// AggregateFunc is one of the aggregates whose results this package computes.
type AggregateFunc uint8

// The aggregates, under the names of the SQL standard.
const (
	Sum AggregateFunc = iota
	Avg
	StdDevPop  // also STD and STDDEV
	StdDevSamp //
	VarPop     // also VARIANCE
	VarSamp    //
)

// String returns the function's name in SQL.
func (f AggregateFunc) String() string {
	return [...]string{"sum", "avg", "stddev_pop", "stddev_samp", "var_pop", "var_samp"}[f]
}

// Aggregate is SUM, AVG or one of the STDDEV and VARIANCE families, also with
// OVER. go-mysql-server sums integers as DOUBLE and gives STDDEV the type of
// its argument (sql/expression/function/aggregation/unary_aggs.og.go).
type Aggregate struct {
	Func     AggregateFunc
	Arg      sql.Expression
	Distinct bool

	window *sql.WindowDefinition
	id     sql.ColumnId
}

var (
	_ sql.Aggregation        = (*Aggregate)(nil)
	_ sql.FunctionExpression = (*Aggregate)(nil)
	_ sql.CollationCoercible = (*Aggregate)(nil)
)

// NewAggregate returns f over arg. A *expression.DistinctExpression, which is
// how the plan builder marks f(DISTINCT arg), is taken off.
func NewAggregate(f AggregateFunc, arg sql.Expression) *Aggregate {
	if d, ok := arg.(*expression.DistinctExpression); ok {
		return &Aggregate{Func: f, Arg: d.Child, Distinct: true}
	}
	return &Aggregate{Func: f, Arg: arg}
}

// FunctionName implements sql.FunctionExpression.
func (a *Aggregate) FunctionName() string { return a.Func.String() }

// Description implements sql.FunctionExpression.
func (a *Aggregate) Description() string {
	return "returns the " + a.Func.String() + " of the values that are not NULL."
}

// String implements sql.Expression. Two aggregates of one query with the same
// text are computed once.
func (a *Aggregate) String() string { return a.describe(a.Arg.String()) }

// DebugString implements sql.DebugStringer.
func (a *Aggregate) DebugString(ctx *sql.Context) string {
	return a.describe(sql.DebugString(ctx, a.Arg))
}

func (a *Aggregate) describe(arg string) string {
	var sb strings.Builder
	sb.WriteString(strings.ToUpper(a.Func.String()))
	sb.WriteByte('(')
	if a.Distinct {
		sb.WriteString("DISTINCT ")
	}
	sb.WriteString(arg)
	sb.WriteByte(')')
	if a.window != nil {
		sb.WriteByte(' ')
		sb.WriteString(a.window.String())
	}
	return sb.String()
}

// Type implements sql.Expression.
func (a *Aggregate) Type(ctx *sql.Context) sql.Type {
	arg := numericOf(ctx, a.Arg)
	switch {
	case arg.deferred != nil:
		return arg.deferred
	case a.Func == Sum && arg.class != classFloat:
		return decimalType(arg.precision+sumExtraDigits, arg.scale)
	case a.Func == Avg && arg.class != classFloat:
		return decimalType(arg.precision+divPrecisionIncrement, arg.scale+divPrecisionIncrement)
	}
	return floatType
}

// IsNullable implements sql.Expression: over no rows each of them is NULL.
func (a *Aggregate) IsNullable(*sql.Context) bool { return true }

// CollationCoercibility implements sql.CollationCoercible.
func (*Aggregate) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// Resolved implements sql.Expression.
func (a *Aggregate) Resolved() bool {
	return a.Arg.Resolved() && (a.window == nil ||
		expression.ExpressionsResolved(append(a.window.OrderBy.ToExpressions(), a.window.PartitionBy...)...))
}

// Children implements sql.Expression.
func (a *Aggregate) Children() []sql.Expression {
	children := []sql.Expression{a.Arg}
	if a.window != nil {
		children = append(children, a.window.ToExpressions()...)
	}
	return children
}

// WithChildren implements sql.Expression.
func (a *Aggregate) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) < 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(a, len(children), 1)
	}
	out := *a
	out.Arg = children[0]
	if a.window != nil && len(children) > 1 {
		w, err := a.window.FromExpressions(ctx, children[1:])
		if err != nil {
			return nil, err
		}
		out.window = w
	}
	return &out, nil
}

// Eval implements sql.Expression; an aggregate is computed through NewBuffer.
func (a *Aggregate) Eval(*sql.Context, sql.Row) (any, error) {
	return nil, aggregation.ErrEvalUnsupportedOnAggregation.New(a.Func)
}

// Id implements sql.IdExpression.
func (a *Aggregate) Id() sql.ColumnId { return a.id }

// WithId implements sql.IdExpression.
func (a *Aggregate) WithId(id sql.ColumnId) sql.IdExpression {
	out := *a
	out.id = id
	return &out
}

// Window implements sql.WindowAdaptableExpression.
func (a *Aggregate) Window() *sql.WindowDefinition { return a.window }

// WithWindow implements sql.WindowAdaptableExpression.
func (a *Aggregate) WithWindow(_ *sql.Context, w *sql.WindowDefinition) sql.WindowAdaptableExpression {
	out := *a
	out.window = w
	return &out
}

// NewBuffer implements sql.Aggregation.
func (a *Aggregate) NewBuffer(ctx *sql.Context) (sql.AggregationBuffer, error) {
	arg, err := transform.Clone(ctx, a.Arg)
	if err != nil {
		return nil, err
	}
	b := &aggregateBuffer{arg: arg, sum: newAccumulator(ctx, a)}
	if a.Distinct {
		b.keys, b.seen = newKeyCoder([]sql.Type{arg.Type(ctx)}), newKeyTable()
	}
	return b, nil
}

// NewWindowFunction implements sql.WindowAdaptableExpression.
func (a *Aggregate) NewWindowFunction(ctx *sql.Context) (sql.WindowFunction, error) {
	arg, err := transform.Clone(ctx, a.Arg)
	if err != nil {
		return nil, err
	}
	// Only the frame of go-mysql-server's own SUM is used.
	framed, err := aggregation.NewSumAgg(arg).WithWindow(ctx, a.window)
	if err != nil {
		return nil, err
	}
	return &windowAggregate{aggregate: a, arg: arg, framed: framed}, nil
}

// aggregateBuffer is one group's state.
type aggregateBuffer struct {
	arg  sql.Expression
	sum  accumulator
	keys *keyCoder // nil unless DISTINCT
	seen *keyTable
}

// Update implements sql.AggregationBuffer.
func (b *aggregateBuffer) Update(ctx *sql.Context, row sql.Row) error {
	v, err := evalExact(ctx, b.arg, row)
	if err != nil || v == nil {
		return err
	}
	if b.keys != nil {
		key, err := b.keys.row(ctx, sql.Row{v})
		if err != nil {
			return err
		}
		if _, added, err := b.seen.add(ctx, key); err != nil || !added {
			return err
		}
	}
	return b.sum.add(ctx, v)
}

// Eval implements sql.AggregationBuffer.
func (b *aggregateBuffer) Eval(ctx *sql.Context) (any, error) { return b.sum.result(ctx) }

// Dispose implements sql.AggregationBuffer.
func (b *aggregateBuffer) Dispose(ctx *sql.Context) {
	b.seen.release()
	expression.Dispose(ctx, b.arg)
}
