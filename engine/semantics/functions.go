package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Functions returns the functions and aggregates that replace
// go-mysql-server's or are added to them. Install makes the catalog prefer them.
func Functions() []sql.Function {
	fns := []sql.Function{
		aggregate("sum", Sum),
		aggregate("avg", Avg),
		aggregate("std", StdDevPop),
		aggregate("stddev", StdDevPop),
		aggregate("stddev_pop", StdDevPop),
		aggregate("stddev_samp", StdDevSamp),
		aggregate("variance", VarPop),
		aggregate("var_pop", VarPop),
		aggregate("var_samp", VarSamp),

		operator("mod", Modulo, false),
		sql.Function1{Name: negationName, Fn: func(ctx *sql.Context, e sql.Expression) sql.Expression {
			return NewNegation(ctx, e)
		}},

		sql.Function1{Name: ownName, Fn: func(ctx *sql.Context, e sql.Expression) sql.Expression {
			if lit, ok := e.(*expression.Literal); ok && (types.IsDecimal(lit.Type(ctx)) || types.IsFloat(lit.Type(ctx))) {
				return newNamed(lit, lit.String())
			}
			if c, ok := e.(*expression.Convert); ok {
				if exact := exactCast(ctx, c); exact != nil {
					return newNamed(exact, c.String())
				}
			}
			return e
		}},

		sql.Function2{Name: charName, Fn: newCharCast},
		sql.Function1{Name: "date", Fn: newDate},

		sql.FunctionN{Name: "from_unixtime", Fn: NewFromUnixTime},
		sql.FunctionN{Name: "unix_timestamp", Fn: NewUnixTimestamp},
		sql.Function3{Name: "convert_tz", Fn: convertTZ},
		sql.FunctionN{Name: "timestamp", Fn: newTimestamp},

		sql.FunctionN{Name: "rand", Fn: NewRand},
		volatile1("sleep", function.NewSleep),
		volatile0("uuid", function.NewUUIDFunc),
	}
	fns = append(fns, clocks()...)
	fns = append(fns, moved()...)
	fns = append(fns, choices()...)
	fns = append(fns, textFunctions()...)
	fns = append(fns, newFloor("floor", false), newFloor("ceil", true), newFloor("ceiling", true))
	fns = append(fns, newTimeLiteral(dateLiteralName, true), newTimeLiteral(timestampLiteralName, false))
	fns = append(fns,
		sql.FunctionN{Name: "round", Fn: newRound("round", false)},
		sql.FunctionN{Name: "truncate", Fn: newRound("truncate", true)})
	for _, op := range []Operator{Plus, Minus, Times, Divide, IntDivide, Modulo} {
		name := operatorPrefix + string(op)
		fns = append(fns, operator(name, op, false), operator(name+unroundedSuffix, op, true))
	}
	return fns
}

func aggregate(name string, f AggregateFunc) sql.Function {
	return sql.Function1{Name: name, Fn: func(_ *sql.Context, e sql.Expression) sql.Expression {
		return NewAggregate(f, e)
	}}
}

func operator(name string, op Operator, unrounded bool) sql.Function {
	return sql.Function2{Name: name, Fn: func(ctx *sql.Context, l, r sql.Expression) sql.Expression {
		a := &Arithmetic{Op: op, Left: l, Right: r, Unrounded: unrounded}
		a.resolveType(ctx)
		return a
	}}
}

func volatile0(name string, fn func(*sql.Context) sql.Expression) sql.Function {
	return sql.Function0{Name: name, Fn: func(ctx *sql.Context) sql.Expression {
		return NewVolatile(fn(ctx))
	}}
}

func volatile1(name string, fn func(*sql.Context, sql.Expression) sql.Expression) sql.Function {
	return sql.Function1{Name: name, Fn: func(ctx *sql.Context, e sql.Expression) sql.Expression {
		return NewVolatile(fn(ctx, e))
	}}
}
