package eval

import (
	"context"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"

	"gridgate/tables"
)

// fields stands for columns, keys and aggregates where only types matter.
func fields() Env {
	field := func(t tables.Type, null bool) sql.Expression {
		return expression.NewGetField(0, SQLType(t), "c", null)
	}
	return Env{
		Col: func(c *tables.Col) sql.Expression { return field(c.Typ, c.Null) },
		Key: func(k *tables.KeyRef) sql.Expression { return field(k.Typ, k.Null) },
		Agg: func(a *tables.AggRef) sql.Expression { return field(a.Typ, a.Null) },
	}
}

// TypeOf is the type of c's value, and whether it may be NULL; ok is false where
// the operator can't have such arguments, or gives a type that no store has.
func (Evaluator) TypeOf(c *tables.Call) (t tables.Type, null, ok bool) {
	ctx := sql.NewContext(context.Background(), sql.WithSession(sql.NewBaseSession()))
	e, err := Expr(ctx, c, fields())
	if err != nil {
		return t, false, false
	}
	t, ok = TableType(e.Type(ctx))
	return t, e.IsNullable(ctx), ok
}

// TypeOfAgg is TypeOf for an aggregate.
func (Evaluator) TypeOfAgg(a tables.Agg) (t tables.Type, null, ok bool) {
	ctx := sql.NewContext(context.Background(), sql.WithSession(sql.NewBaseSession()))
	r := &reference{ctx: ctx, q: &tables.Query{}}
	e, err := r.aggregate(a, fields())
	if err != nil {
		return t, false, false
	}
	t, ok = TableType(e.Type(ctx))
	return t, a.Func > tables.AggCount, ok
}
