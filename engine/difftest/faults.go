package difftest

import "gridgate/tables"

func like(e tables.Expr) bool {
	c, ok := e.(*tables.Call)
	return ok && c.Op == tables.OpLike
}

// Faults are wrong translations, as any store might make them.
var Faults = map[string]func(tables.Query) tables.Query{
	"dropped conjunct": func(q tables.Query) tables.Query {
		if len(q.Where) > 0 {
			q.Where = q.Where[1:]
		}
		return q
	},
	"< for <=":           swapOp(tables.OpLe, tables.OpLt),
	"> for >=":           swapOp(tables.OpGe, tables.OpGt),
	"= for <=>":          swapOp(tables.OpNullSafeEq, tables.OpEq),
	"AND for OR":         swapOp(tables.OpOr, tables.OpAnd),
	"<= for <":           swapOp(tables.OpLt, tables.OpLe),
	">= for >":           swapOp(tables.OpGt, tables.OpGe),
	"= for <>":           swapOp(tables.OpNe, tables.OpEq),
	"lost OFFSET":        func(q tables.Query) tables.Query { q.Offset = 0; return q },
	"lost LIMIT":         func(q tables.Query) tables.Query { q.Limit = nil; return q },
	"lost DISTINCT":      func(q tables.Query) tables.Query { q.Distinct = false; return q },
	"lost ORDER BY":      func(q tables.Query) tables.Query { q.OrderBy = nil; return q },
	"lost HAVING":        func(q tables.Query) tables.Query { q.Having = nil; return q },
	"LIMIT off by one":   func(q tables.Query) tables.Query { return limitPlus(q, 1) },
	"ascending for DESC": flipOrder,
	"lost second key": func(q tables.Query) tables.Query {
		if len(q.GroupBy) > 1 {
			keys := append([]tables.Expr{}, q.GroupBy...)
			keys[1] = keys[0]
			q.GroupBy = keys
		}
		return q
	},
	"COUNT(*) for COUNT(x)": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Func == tables.AggCount && !a.Distinct {
				a.Func, a.Arg = tables.AggCountStar, nil
			}
			return a
		})
	},
	"COUNT(x) for COUNT(DISTINCT x)": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg { a.Distinct = false; return a })
	},
	"IN without its last value": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if in, ok := e.(*tables.In); ok && len(in.List) > 1 {
				return &tables.In{Left: in.Left, List: in.List[:len(in.List)-1]}
			}
			return e
		})
	},
	"lost NOT": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == tables.OpNot {
				return c.Args[0]
			}
			return e
		})
	},
	"IS NULL always false": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == tables.OpIsNull {
				return &tables.Lit{Value: tables.Value{Type: tables.Bool}}
			}
			return e
		})
	},
	"LIKE without its first character": func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if !like(e) {
				return e
			}
			c := *e.(*tables.Call)
			p, ok := c.Args[1].(*tables.Lit)
			if !ok || p.Value.S == "" {
				return e
			}
			c.Args = []tables.Expr{c.Args[0], &tables.Lit{Value: tables.TextValue(p.Value.S[1:])}, c.Args[2]}
			return &c
		})
	},
}

// ExpressionFaults are wrong translations of expressions, as a store might make
// them that computes select lists, keys and aggregates other than counts.
var ExpressionFaults = map[string]func(tables.Query) tables.Query{
	"NULLs last": func(q tables.Query) tables.Query {
		var order []tables.Order
		for _, o := range q.OrderBy {
			order = append(order, tables.Order{Expr: call(tables.OpIsNull, tables.Bool, o.Expr)}, o)
		}
		q.OrderBy = order
		return q
	},
	"MIN for MAX": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Func == tables.AggMax {
				a.Func = tables.AggMin
			}
			return a
		})
	},
	"SUM(x) for SUM(DISTINCT x)": func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Func == tables.AggSum {
				a.Distinct = false
			}
			return a
		})
	},
	"DIV for /": mapCalls(tables.OpDiv, func(c *tables.Call) tables.Expr {
		one := &tables.Lit{Value: tables.IntValue(1)}
		return call(tables.OpDiv, c.Typ, call(tables.OpIntDiv, tables.Int64, c.Args...), one)
	}),
	"+ for -": mapCalls(tables.OpSub, func(c *tables.Call) tables.Expr { return call(tables.OpAdd, c.Typ, c.Args...) }),
	"LIKE without ESCAPE": mapCalls(tables.OpLike, func(c *tables.Call) tables.Expr {
		return call(c.Op, c.Typ, c.Args[0], c.Args[1], &tables.Lit{Value: tables.TextValue("")})
	}),
	"IS NULL inverted": mapCalls(tables.OpIsNull, func(c *tables.Call) tables.Expr {
		return call(tables.OpNot, c.Typ, c)
	}),
	"case-folded =": mapCalls(tables.OpEq, func(c *tables.Call) tables.Expr {
		if c.Args[0].Type().Kind != tables.KindText || c.Args[1].Type().Kind != tables.KindText {
			return c
		}
		return call(c.Op, c.Typ, call(tables.OpLower, tables.Text, c.Args[0]), call(tables.OpLower, tables.Text, c.Args[1]))
	}),
	"SUBSTRING from 0": mapCalls(tables.OpSubstring, func(c *tables.Call) tables.Expr {
		from := call(tables.OpAdd, tables.Int64, c.Args[1], &tables.Lit{Value: tables.IntValue(1)})
		return call(c.Op, c.Typ, append([]tables.Expr{c.Args[0], from}, c.Args[2:]...)...)
	}),
	"CASE without ELSE": mapCalls(tables.OpCase, func(c *tables.Call) tables.Expr {
		return &tables.Call{Op: c.Op, Args: c.Args[:len(c.Args)-len(c.Args)%2], Typ: c.Typ, Null: true}
	}),
	"IF with its branches swapped": mapCalls(tables.OpIf, func(c *tables.Call) tables.Expr {
		return call(c.Op, c.Typ, c.Args[0], c.Args[2], c.Args[1])
	}),
	"COALESCE without its first": mapCalls(tables.OpCoalesce, func(c *tables.Call) tables.Expr {
		return call(c.Op, c.Typ, c.Args[1:]...)
	}),
	"LENGTH for CHAR_LENGTH": mapCalls(tables.OpCharLength, func(c *tables.Call) tables.Expr {
		return call(tables.OpLength, c.Typ, c.Args...)
	}),
	"GROUP BY merges NULL with ''": func(q tables.Query) tables.Query {
		keys := make([]tables.Expr, len(q.GroupBy))
		for i, k := range q.GroupBy {
			keys[i] = k
			if k.Type().Kind == tables.KindText {
				keys[i] = call(tables.OpIfNull, k.Type(), k, &tables.Lit{Value: tables.TextValue("")})
			}
		}
		q.GroupBy = keys
		return q
	},
	"an instant without its fraction": func(q tables.Query) tables.Query {
		return mapExprs(q, func(e tables.Expr) tables.Expr {
			l, ok := e.(*tables.Lit)
			if k := e.Type().Kind; !ok || k != tables.KindTimestamp && k != tables.KindDatetime {
				return e
			}
			v := l.Value
			v.I -= v.I % 1e6
			return &tables.Lit{Value: v}
		})
	},
	"UTC for the session's zone": func(q tables.Query) tables.Query {
		return mapExprs(q, func(e tables.Expr) tables.Expr {
			c, ok := e.(*tables.Call)
			if !ok || c.Op != tables.OpLocalTime && c.Op != tables.OpInstant {
				return e
			}
			return &tables.Call{Op: c.Op, Args: []tables.Expr{c.Args[0], &tables.Lit{Value: tables.TextValue("UTC")}}, Typ: c.Typ, Null: c.Null}
		})
	},
}

func call(op tables.Op, typ tables.Type, args ...tables.Expr) *tables.Call {
	return &tables.Call{Op: op, Args: args, Typ: typ, Null: true}
}

// mapCalls replaces the calls of an operator wherever they stand.
func mapCalls(op tables.Op, f func(*tables.Call) tables.Expr) func(tables.Query) tables.Query {
	return func(q tables.Query) tables.Query {
		return mapExprs(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == op {
				return f(c)
			}
			return e
		})
	}
}

// mapExprs rewrites all expressions of a query.
func mapExprs(q tables.Query, f func(tables.Expr) tables.Expr) tables.Query {
	all := func(list []tables.Expr) []tables.Expr {
		out := make([]tables.Expr, len(list))
		for i, e := range list {
			out[i] = tables.Rewrite(e, f)
		}
		return out
	}
	q.Output, q.Where, q.GroupBy, q.Having = all(q.Output), all(q.Where), all(q.GroupBy), all(q.Having)
	order := make([]tables.Order, len(q.OrderBy))
	for i, o := range q.OrderBy {
		o.Expr = tables.Rewrite(o.Expr, f)
		order[i] = o
	}
	q.OrderBy = order
	return mapAggs(q, func(a tables.Agg) tables.Agg {
		if a.Arg != nil {
			a.Arg = tables.Rewrite(a.Arg, f)
		}
		return a
	})
}

func mapWhere(q tables.Query, f func(tables.Expr) tables.Expr) tables.Query {
	where := make([]tables.Expr, len(q.Where))
	for i, e := range q.Where {
		where[i] = tables.Rewrite(e, f)
	}
	q.Where = where
	return q
}

func swapOp(from, to tables.Op) func(tables.Query) tables.Query {
	return func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if c, ok := e.(*tables.Call); ok && c.Op == from {
				d := *c
				d.Op = to
				return &d
			}
			return e
		})
	}
}

func mapAggs(q tables.Query, f func(tables.Agg) tables.Agg) tables.Query {
	aggs := make([]tables.Agg, len(q.Aggs))
	for i, a := range q.Aggs {
		aggs[i] = f(a)
	}
	q.Aggs = aggs
	return q
}

func limitPlus(q tables.Query, n int64) tables.Query {
	if q.Limit != nil {
		more := *q.Limit + n
		q.Limit = &more
	}
	return q
}

func flipOrder(q tables.Query) tables.Query {
	order := append([]tables.Order{}, q.OrderBy...)
	for i := range order {
		order[i].Desc = false
	}
	q.OrderBy = order
	return q
}
