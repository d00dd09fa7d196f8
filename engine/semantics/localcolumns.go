package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// columns makes the wall clock's times of a recursive query's instants, and texts of
// the times that variables get.
func (z localizing) columns(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	switch n := n.(type) {
	case *plan.RecursiveCte:
		// Its columns are DATETIME(6), whatever times the queries give.
		return z.convertQueries(ctx, n, isInstantColumn, z.local, n.Left(), n.Right())
	case *plan.Into: // variables keep times as texts
		return z.convertQueries(ctx, n, isTimeColumn, func(ctx *sql.Context, e sql.Expression) sql.Expression {
			text, _ := z.text(ctx, e)
			return text
		}, n.Child)
	}
	return n, transform.SameTree, nil
}

// as is e as type t; nil: as text.
func (z localizing) as(ctx *sql.Context, e sql.Expression, t sql.Type) sql.Expression {
	if isInstant(ctx, e) && (t == nil || !types.IsTimestampType(t)) {
		e = z.local(ctx, e)
	}
	switch {
	case t == nil && types.IsText(e.Type(ctx)), t != nil && types.TypesEqual(e.Type(ctx), t):
		return e
	case t == nil:
		if text, ok := textOfTime(ctx, e); ok {
			return text
		}
		return expression.NewConvert(e, expression.ConvertToChar)
	}
	return &TimeAs{implicitly(e), t}
}

func isInstantColumn(t sql.Type) bool { return types.IsTimestampType(t) }

func isTimeColumn(t sql.Type) bool { return types.IsTime(t) || types.IsTimespan(t) }

// convertQueries converts those columns of the queries of n whose types are chosen.
func (z localizing) convertQueries(
	ctx *sql.Context, n sql.Node, chosen func(sql.Type) bool, convert func(*sql.Context, sql.Expression) sql.Expression, queries ...sql.Node,
) (sql.Node, transform.TreeIdentity, error) {
	same := transform.SameTree
	for i, q := range queries {
		var columns []int
		for j, c := range q.Schema(ctx) {
			if chosen(c.Type) {
				columns = append(columns, j)
			}
		}
		if len(columns) == 0 {
			continue
		}
		converted, err := mapColumns(ctx, q, columns, func(e sql.Expression) sql.Expression { return convert(ctx, e) })
		if err != nil {
			return nil, transform.SameTree, err
		}
		queries[i], same = converted, transform.NewTree
	}
	if same {
		return n, same, nil
	}
	out, err := n.WithChildren(ctx, queries...)
	return out, transform.NewTree, err
}

// localColumns makes wall clock times of the columns of n with these numbers.
func (z localizing) localColumns(ctx *sql.Context, n sql.Node, columns []int) (sql.Node, error) {
	return mapColumns(ctx, n, columns, func(e sql.Expression) sql.Expression { return z.local(ctx, e) })
}

// mapColumns applies f to the columns of n with these numbers, in the select lists
// below whatever only passes rows on.
func mapColumns(ctx *sql.Context, n sql.Node, columns []int, f func(sql.Expression) sql.Expression) (sql.Node, error) {
	switch n := n.(type) {
	case *plan.Project:
		exprs := append([]sql.Expression{}, n.Projections...)
		for _, i := range columns {
			exprs[i] = mapColumn(ctx, exprs[i], f)
		}
		return plan.NewProject(ctx, exprs, n.Child), nil
	case *plan.Limit, *plan.Offset, *plan.Distinct, *plan.Sort, *plan.TopN, *plan.SetOp:
		children := append([]sql.Node{}, n.Children()...)
		for i, c := range children {
			var err error
			if children[i], err = mapColumns(ctx, c, columns, f); err != nil {
				return nil, err
			}
		}
		return n.WithChildren(ctx, children...)
	}
	return nil, sql.ErrUnsupportedFeature.New("a TIMESTAMP of this query beside a DATETIME; write CAST(... AS DATETIME(6)) in its select list")
}

// mapColumn keeps a column's name and its id.
func mapColumn(ctx *sql.Context, e sql.Expression, f func(sql.Expression) sql.Expression) sql.Expression {
	switch e := e.(type) {
	case *expression.Alias:
		return expression.NewAlias(ctx, e.Name(), f(e.Child)).WithId(e.Id()).(sql.Expression)
	case *expression.GetField:
		return expression.NewAlias(ctx, e.Name(), f(e)).WithId(e.Id()).(sql.Expression)
	}
	return expression.NewAlias(ctx, e.String(), f(e))
}
