package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// unionTypes is a rule that gives the columns of a UNION, INTERSECT or EXCEPT the
// type that the values of all branches fit, where they are numbers or times: 1 and
// 2.50 become 1.00 and 2.50, times get as many digits after the second as the
// longest, and only instants are instants together. go-mysql-server makes text of
// times, and leaves each DECIMAL its own digits. It does nothing the second time.
func unionTypes(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, transform.SameTree, err
	}
	out, same, err := localizing{zone}.unions(ctx, n)
	if err != nil || bool(same) {
		return out, same, err
	}
	// The columns of the queries outside: once for each level of derived tables.
	for range maxDerived {
		columns := retypedColumns{}
		transform.InspectWithOpaque(ctx, out, func(ctx *sql.Context, n sql.Node) bool {
			switch n := n.(type) {
			case *plan.SubqueryAlias:
				columns.add(n.Name(), n.Schema(ctx))
			case *plan.GroupBy: // its aggregates, which what is above names by their texts
				for _, c := range n.Schema(ctx) {
					if c.Source == "" {
						columns.add("", sql.Schema{c})
					}
				}
			}
			return true
		})
		if out, same, err = columns.query(ctx, out); err != nil || bool(same) {
			break
		}
	}
	return out, transform.NewTree, err
}

// maxDerived is how many levels of derived tables may stand over a UNION so that
// all of them show its columns' digits.
const maxDerived = 16

// retypedColumns are the types of derived tables' columns, by their names. What
// two tables of one name disagree about is nil.
type retypedColumns map[string]sql.Type

func columnKey(table, column string) string {
	return strings.ToLower(table) + "\x00" + strings.ToLower(column)
}

func (r retypedColumns) add(table string, columns sql.Schema) {
	for _, c := range columns {
		key := columnKey(table, c.Name)
		if t, ok := r[key]; ok && (t == nil || !t.Equals(c.Type)) {
			r[key] = nil
			continue
		}
		r[key] = c.Type
	}
}

// query gives the columns in a whole plan their types.
func (r retypedColumns) query(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		x, ok := n.(sql.Expressioner)
		if !ok {
			return n, transform.SameTree, nil
		}
		exprs, changed, err := r.exprs(ctx, x.Expressions())
		if err != nil || !changed {
			return n, transform.SameTree, err
		}
		n, err = x.WithExpressions(ctx, exprs...)
		return n, transform.NewTree, err
	})
}

func (r retypedColumns) exprs(ctx *sql.Context, es []sql.Expression) (out []sql.Expression, changed bool, err error) {
	out = append(out, es...)
	for i, e := range es {
		if e == nil {
			continue
		}
		x, c, err := r.expr(ctx, e)
		if err != nil {
			return nil, false, err
		}
		out[i], changed = x, changed || c
	}
	return out, changed, nil
}

// expr gives the columns in e their types, and makes the functions anew whose types
// are made of their arguments'.
func (r retypedColumns) expr(ctx *sql.Context, e sql.Expression) (_ sql.Expression, changed bool, _ error) {
	switch e := e.(type) {
	case *plan.Subquery:
		query, same, err := r.query(ctx, e.Query)
		if err != nil || bool(same) {
			return e, false, err
		}
		return e.WithQuery(query), true, nil
	case *expression.GetField:
		if t := r[columnKey(e.Table(), e.Name())]; t != nil && !t.Equals(e.Type(ctx)) {
			return retyped(ctx, e, t), true, nil
		}
		return e, false, nil
	}
	children, changed, err := r.exprs(ctx, e.Children())
	if err != nil || !changed {
		return e, false, err
	}
	if made := madeBy(e); made != nil {
		if typedByArguments(made) {
			return children[0], true, nil // which has its type by itself
		}
	} else if typedByArguments(e) {
		for i, c := range children {
			if madeBy(c) != nil {
				children[i] = c.Children()[0] // it is converted again, to what all fit now
			}
		}
		if out, err := anew(ctx, e, children); err == nil {
			return named(out, e), true, nil
		}
	}
	out, err := e.WithChildren(ctx, children...)
	return out, true, err
}

// madeBy is what a conversion is around that the catalog's functions have made of
// types; nil: e is none.
func madeBy(e sql.Expression) sql.Expression {
	switch e := e.(type) {
	case *Typed:
		if !e.widened {
			return e.Child
		}
	case *TimeAs:
		return e.Child
	}
	return nil
}

// argumentTyped are the functions whose types are found when they are made.
var argumentTyped = set(`adddate date_add date_sub subdate if ifnull coalesce nullif greatest least
	round truncate floor ceil ceiling unix_timestamp timestamp`)

func typedByArguments(e sql.Expression) bool {
	if _, ok := e.(*expression.Case); ok {
		return true
	}
	f, ok := e.(sql.FunctionExpression)
	return ok && argumentTyped[strings.ToLower(f.FunctionName())]
}

// anew is a call of typedByArguments with other arguments.
func anew(ctx *sql.Context, e sql.Expression, args []sql.Expression) (sql.Expression, error) {
	if f, ok := e.(sql.FunctionExpression); ok {
		return NewFunction(ctx, f.FunctionName(), args...)
	}
	c, err := e.WithChildren(ctx, args...)
	if err != nil {
		return nil, err
	}
	return NewFunction(ctx, caseName, c)
}

// retyped is a column with another type.
func retyped(ctx *sql.Context, f *expression.GetField, t sql.Type) sql.Expression {
	return expression.NewGetFieldWithTable(f.Index(), int(f.TableId()), t, f.Database(), f.Table(), f.Name(), f.IsNullable(ctx)).WithId(f.Id()).(sql.Expression)
}

// unions retypes the set operations of a whole plan.
func (z localizing) unions(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		n, same, err := transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
			q, ok := e.(*plan.Subquery)
			if !ok {
				return e, transform.SameTree, nil
			}
			query, same, err := z.unions(ctx, q.Query)
			if err != nil || same {
				return e, transform.SameTree, err
			}
			return q.WithQuery(query), transform.NewTree, nil
		})
		if s, ok := n.(*plan.SetOp); ok && err == nil {
			out, alike, err := z.setOp(ctx, s)
			return out, same && alike, err
		}
		return n, same, err
	})
}

// setOp replaces the conversions that the plan builder has put under a set
// operation (mergeSetOpSchemas in sql/planbuilder/set_op.go), or has not, because
// both columns were texts that are times or numbers by now.
func (z localizing) setOp(ctx *sql.Context, n *plan.SetOp) (sql.Node, transform.TreeIdentity, error) {
	left, right := n.Left(), n.Right()
	changed := false
	if l, r := mergedBranch(ctx, left), mergedBranch(ctx, right); l != nil && r != nil && len(l.Projections) == len(r.Projections) {
		lefts, rights := append([]sql.Expression{}, l.Projections...), append([]sql.Expression{}, r.Projections...)
		for i := range lefts {
			lefts[i], rights[i] = currentColumn(ctx, l, i), currentColumn(ctx, r, i)
			lf, rf := mergedColumn(lefts[i]), mergedColumn(rights[i])
			if lf == nil || rf == nil {
				lefts[i], rights[i] = l.Projections[i], r.Projections[i]
				continue
			}
			if lefts[i] == sql.Expression(lf) && rights[i] == sql.Expression(rf) && lf.Type(ctx).Equals(rf.Type(ctx)) {
				continue
			}
			if t := branchType(ctx, branchValue(ctx, l.Child, i, lf), branchValue(ctx, r.Child, i, rf)); t != nil {
				lefts[i] = expression.NewAlias(ctx, lf.Name(), z.fit(ctx, lf, t))
				rights[i] = expression.NewAlias(ctx, rf.Name(), z.fit(ctx, rf, t))
				changed = true
			}
		}
		left, right = plan.NewProject(ctx, lefts, l.Child), plan.NewProject(ctx, rights, r.Child)
	}
	ls, rs := left.Schema(ctx), right.Schema(ctx)
	for i := range ls {
		lt, rt := ls[i].Type, rs[i].Type
		if lt.Equals(rt) || !retypes(lt) && !retypes(rt) {
			continue
		}
		t := branchType(ctx, expression.NewGetField(i, lt, ls[i].Name, true), expression.NewGetField(i, rt, rs[i].Name, true))
		fit := func(e sql.Expression) sql.Expression { return z.fit(ctx, e, t) }
		var err error
		if left, err = mapColumns(ctx, left, []int{i}, fit); err != nil {
			return nil, transform.SameTree, err
		}
		if right, err = mapColumns(ctx, right, []int{i}, fit); err != nil {
			return nil, transform.SameTree, err
		}
		changed = true
	}
	if !changed {
		return sortedAsTyped(ctx, n)
	}
	out, err := n.WithChildren(ctx, left, right)
	if err != nil {
		return nil, transform.SameTree, err
	}
	sorted, _, err := sortedAsTyped(ctx, out)
	return sorted, transform.NewTree, err
}

// sortedAsTyped makes a set operation's ORDER BY compare as its columns' types do,
// and not as those of the first branch.
func sortedAsTyped(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	columns := retypedColumns{}
	for _, c := range n.Schema(ctx) {
		columns.add("", sql.Schema{c})
	}
	return transform.OneNodeExpressions(ctx, n, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		if f, ok := e.(*expression.GetField); ok {
			if out, changed, err := columns.expr(ctx, f.WithTable("")); changed || err != nil {
				return out, transform.NewTree, err
			}
		}
		return e, transform.SameTree, nil
	})
}

// retypes says that columns of type t may be what was a text to the plan builder.
func retypes(t sql.Type) bool { return types.IsTime(t) || types.IsFloat(t) }

// fit is a column of a branch as type t, one of branchType's; nil: as text.
func (z localizing) fit(ctx *sql.Context, e sql.Expression, t sql.Type) sql.Expression {
	switch {
	case t == nil || types.IsTime(t):
		return z.as(ctx, e, t)
	case types.IsDecimal(t):
		return newTyped(e, t)
	case e.Type(ctx).Equals(t):
		return e
	}
	return newDouble(e)
}

// branchType is what the values of two branches fit; nil: go-mysql-server's
// conversion is right. It makes text of a DOUBLE beside another number or NULL.
func branchType(ctx *sql.Context, l, r sql.Expression) sql.Type {
	if t := timeType(ctx, l, r); t != nil {
		return t
	}
	if t := commonDecimal(ctx, []sql.Expression{l, r}); t != nil {
		return t
	}
	double := false
	for _, e := range []sql.Expression{l, r} {
		t := e.Type(ctx)
		switch {
		case t == types.Null, kindOf(t) == compareExact:
		case kindOf(t) == compareFloat:
			double = true
		default:
			return nil
		}
	}
	if double {
		return floatType
	}
	return nil
}

// mergedBranch is the plan builder's projection over a branch; nil: there is none.
// Unlike a person's, its aliases have no ids.
func mergedBranch(ctx *sql.Context, n sql.Node) *plan.Project {
	p, ok := n.(*plan.Project)
	if !ok || len(p.Projections) != len(p.Child.Schema(ctx)) {
		return nil
	}
	converts := false
	for _, e := range p.Projections {
		switch e := e.(type) {
		case *expression.GetField:
		case *expression.Alias:
			if e.Id() != 0 {
				return nil
			}
			converts = true
		default:
			return nil
		}
	}
	if !converts {
		return nil
	}
	return p
}

// currentColumn is column i of a projection of the plan builder, of the type that
// the column below has by now.
func currentColumn(ctx *sql.Context, p *plan.Project, i int) sql.Expression {
	e := p.Projections[i]
	f := mergedColumn(e)
	now := p.Child.Schema(ctx)[i].Type
	if f == nil || f.Type(ctx).Equals(now) {
		return e
	}
	out, _, err := transform.Expr(ctx, e, func(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
		if e == sql.Expression(f) {
			return retyped(ctx, f, now), transform.NewTree, nil
		}
		return e, transform.SameTree, nil
	})
	if err != nil {
		return e
	}
	return out
}

// mergedColumn is the column that a projection of the plan builder passes on or
// converts; nil: it is ours.
func mergedColumn(e sql.Expression) *expression.GetField {
	if a, ok := e.(*expression.Alias); ok {
		e = a.Child
	}
	if c, ok := e.(*expression.Convert); ok {
		e = c.Child
	}
	f, _ := e.(*expression.GetField)
	return f
}

// branchValue is what column i of a branch is made of, which tells the digits of
// a constant; or the column.
func branchValue(ctx *sql.Context, n sql.Node, i int, column sql.Expression) sql.Expression {
	for {
		switch b := n.(type) {
		case *plan.Project:
			if i >= len(b.Projections) {
				return column
			}
			if a, ok := b.Projections[i].(*expression.Alias); ok {
				return a.Child
			}
			return b.Projections[i]
		case *plan.SetOp:
			if columns := b.Schema(ctx); i < len(columns) {
				c := columns[i]
				return expression.NewGetField(i, c.Type, c.Name, c.Nullable)
			}
			return column
		case *plan.Distinct:
			n = b.Child
		case *plan.Limit:
			n = b.Child
		case *plan.Offset:
			n = b.Child
		case *plan.Sort:
			n = b.Child
		default:
			return column
		}
	}
}
