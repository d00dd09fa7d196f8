package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// columns gives the two queries of a UNION, and of a recursive one, columns of the
// same kind: instants where all are, else a wall clock's times. Variables get those,
// too.
func (z localizing) columns(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	switch n := n.(type) {
	case *plan.SetOp:
		return z.setOpColumns(ctx, n)
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

// setOpColumns undoes what go-mysql-server does to columns of different types: it
// makes texts of times with different digits, and of NULL and a time
// (mergeSetOpSchemas in sql/planbuilder/set_op.go).
func (z localizing) setOpColumns(ctx *sql.Context, n *plan.SetOp) (sql.Node, transform.TreeIdentity, error) {
	left, leftOK := n.Left().(*plan.Project)
	right, rightOK := n.Right().(*plan.Project)
	if !leftOK || !rightOK || len(left.Projections) != len(right.Projections) {
		return z.setOpQueries(ctx, n)
	}
	lefts := append([]sql.Expression{}, left.Projections...)
	rights := append([]sql.Expression{}, right.Projections...)
	changed := false
	for i := range lefts {
		l, lMade, lOK := unionColumn(ctx, left, i)
		r, rMade, rOK := unionColumn(ctx, right, i)
		if !lOK || !rOK || !lMade && !rMade || !types.IsTime(l.Type(ctx)) && !types.IsTime(r.Type(ctx)) {
			continue
		}
		to := z.timeType(ctx, l, r)
		if to == nil && lMade == rMade {
			continue // texts that go-mysql-server makes rightly, of wall clock times by now
		}
		lefts[i] = expression.NewAlias(ctx, l.Name(), z.as(ctx, l, to))
		rights[i] = expression.NewAlias(ctx, r.Name(), z.as(ctx, r, to))
		changed = true
	}
	if !changed {
		return n, transform.SameTree, nil
	}
	out, err := n.WithChildren(ctx, plan.NewProject(ctx, lefts, left.Child), plan.NewProject(ctx, rights, right.Child))
	return out, transform.NewTree, err
}

// setOpQueries gives two queries columns of the same types where one of them is a
// UNION whose columns were texts when go-mysql-server compared them.
func (z localizing) setOpQueries(ctx *sql.Context, n *plan.SetOp) (sql.Node, transform.TreeIdentity, error) {
	left, right := n.Left(), n.Right()
	ls, rs := left.Schema(ctx), right.Schema(ctx)
	same := transform.SameTree
	for i := range ls {
		lt, rt := ls[i].Type, rs[i].Type
		if types.TypesEqual(lt, rt) || !types.IsTime(lt) && !types.IsTime(rt) {
			continue
		}
		to := z.timeType(ctx, expression.NewLiteral(nil, lt), expression.NewLiteral(nil, rt))
		as := func(e sql.Expression) sql.Expression { return z.as(ctx, e, to) }
		var err error
		if left, err = mapColumns(ctx, left, []int{i}, as); err != nil {
			return nil, same, err
		}
		if right, err = mapColumns(ctx, right, []int{i}, as); err != nil {
			return nil, same, err
		}
		same = transform.NewTree
	}
	if same {
		return n, same, nil
	}
	out, err := n.WithChildren(ctx, left, right)
	return out, same, err
}

// timeType is the type that times of different types have together, where one of
// them is given, or NULL; nil: they are not all times.
func (z localizing) timeType(ctx *sql.Context, exprs ...sql.Expression) sql.Type {
	var first sql.Type
	digits, alike := 0, true
	for _, e := range exprs {
		if e == nil || e.Type(ctx) == types.Null {
			continue
		}
		t := e.Type(ctx)
		if !types.IsTime(t) {
			return nil
		}
		if first == nil {
			first = t
		}
		digits, alike = max(digits, timeDigits(t)), alike && types.TypesEqual(t, first)
	}
	switch {
	case first == nil || alike:
		return first
	case z.allInstants(ctx, exprs):
		return types.MustCreateDatetimeType(sqltypes.Timestamp, digits)
	}
	return types.MustCreateDatetimeType(sqltypes.Datetime, digits)
}

// unionColumn is the column with that number of the query below a select list that
// a UNION was given, with the type that it has by now; made says that the UNION
// has made a text of it, or of what it was when it was looked at.
func unionColumn(ctx *sql.Context, p *plan.Project, i int) (_ *expression.GetField, made, ok bool) {
	e := p.Projections[i]
	if a, isAlias := e.(*expression.Alias); isAlias {
		e = a.Child
	}
	c, made := e.(*expression.Convert)
	if made {
		if !types.IsText(c.Type(ctx)) {
			return nil, false, false
		}
		e = c.Child
	}
	if t, isText := e.(*TextOfTime); isText {
		e = t.Child
	}
	if l, isLocal := e.(*LocalTime); isLocal {
		e = l.Child
	}
	f, ok := e.(*expression.GetField)
	below := p.Child.Schema(ctx)
	if !ok || f.TableID() != 0 || i >= len(below) || below[i].Name != f.Name() {
		return nil, false, false
	}
	now := below[i].Type
	made = made && (types.IsTime(now) || now == types.Null) || types.IsText(f.Type(ctx)) && types.IsTime(now)
	return expression.NewGetFieldWithTable(f.Index(), 0, now, f.Database(), f.Table(), f.Name(), f.IsNullable(ctx)), made, true
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
