package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"

	"gridgate/engine/eval"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// agg translates an aggregate function.
func (l *lowering) agg(e sql.Aggregation) (tables.Agg, error) {
	t, ok := eval.TableType(e.Type(l.ctx))
	if !ok {
		return tables.Agg{}, cannotf("%s has the type %s", e, e.Type(l.ctx))
	}
	if w := e.Window(); w != nil {
		return tables.Agg{}, cannotf("%s is a window function", e)
	}
	out := tables.Agg{Typ: t, Null: e.IsNullable(l.ctx)}
	switch a := e.(type) {
	case *aggregation.Count:
		return l.count(out, a.Child)
	case *aggregation.CountDistinct:
		if len(a.Children()) != 1 {
			return tables.Agg{}, cannotf("COUNT(DISTINCT) over several columns is not translated for stores")
		}
		out.Func, out.Distinct = tables.AggCount, true
		return l.aggOf(out, a.Children()[0])
	case *aggregation.Min:
		out.Func, out.Null = tables.AggMin, true
		return l.extreme(out, a.Child)
	case *aggregation.Max:
		out.Func, out.Null = tables.AggMax, true
		return l.extreme(out, a.Child)
	case *semantics.Aggregate:
		out.Func, out.Distinct, out.Null = aggregates[a.Func], a.Distinct, true
		return l.aggOf(out, a.Arg)
	case *aggregation.GroupConcat:
		return l.groupConcat(out, a)
	}
	return tables.Agg{}, cannotf("the aggregate %s is not translated for stores", e)
}

var aggregates = map[semantics.AggregateFunc]tables.AggFunc{
	semantics.Sum: tables.AggSum, semantics.Avg: tables.AggAvg,
	semantics.StdDevPop: tables.AggStdPop, semantics.StdDevSamp: tables.AggStdSamp,
	semantics.VarPop: tables.AggVarPop, semantics.VarSamp: tables.AggVarSamp,
}

func (l *lowering) aggOf(out tables.Agg, arg sql.Expression) (tables.Agg, error) {
	x, err := l.operand(arg)
	out.Arg = x
	return out, err
}

// extreme translates MIN and MAX, whose argument may say DISTINCT without any
// effect.
func (l *lowering) extreme(out tables.Agg, arg sql.Expression) (tables.Agg, error) {
	if d, ok := arg.(*expression.DistinctExpression); ok {
		arg = d.Child
	}
	out, err := l.aggOf(out, arg)
	if err == nil && out.Arg.Type().Kind == tables.KindJSON {
		return out, cannotf("%v of JSON is not translated for stores", out.Func)
	}
	return out, err
}

// count translates COUNT: of a constant, as go-mysql-server writes COUNT(*), it
// counts rows.
func (l *lowering) count(out tables.Agg, arg sql.Expression) (tables.Agg, error) {
	if _, star := arg.(*expression.Star); star {
		out.Func = tables.AggCountStar
		return out, nil
	}
	out, err := l.aggOf(out, arg)
	if err != nil {
		return out, err
	}
	if c, constant := out.Arg.(*tables.Lit); constant {
		if c.Value.IsNull() {
			return out, cannotf("COUNT(NULL) is not translated for stores")
		}
		out.Func, out.Arg = tables.AggCountStar, nil
		return out, nil
	}
	out.Func = tables.AggCount
	return out, nil
}

// groupConcat translates GROUP_CONCAT of one text.
func (l *lowering) groupConcat(out tables.Agg, a *aggregation.GroupConcat) (tables.Agg, error) {
	parts := semantics.PartsOfGroupConcat(a)
	if len(parts.Args) != 1 {
		return out, cannotf("GROUP_CONCAT over several expressions is not translated for stores")
	}
	out, err := l.aggOf(out, parts.Args[0])
	if err != nil {
		return out, err
	}
	if out.Arg.Type().Kind != tables.KindText {
		return out, cannotf("GROUP_CONCAT of what is no text is not translated for stores")
	}
	out.Func, out.Distinct, out.Null = tables.AggGroupConcat, parts.Distinct, true
	out.Separator, out.MaxLen = parts.Separator, uint64(parts.MaxLen)
	for _, c := range parts.OrderBy {
		x, err := l.expr(c.Expr)
		if err != nil {
			return out, err
		}
		if _, constant := x.(*tables.Lit); !constant {
			out.OrderBy = append(out.OrderBy, tables.Order{Expr: x, Desc: c.Order == sql.Descending})
		}
	}
	return out, nil
}
