package difftest

import (
	"context"

	"gridgate/tables"
)

// WithFault is a store whose queries are compiled with a fault planted: the
// differential test over it must find a difference. Plain scans stay right,
// since the reference answer is made from them.
func WithFault(s tables.Store, fault func(tables.Query) tables.Query) tables.Store {
	return &faultyStore{Store: s, fault: fault}
}

type faultyStore struct {
	tables.Store
	fault func(tables.Query) tables.Query
}

// Table implements tables.Store.
func (s *faultyStore) Table(ctx context.Context, name string) (tables.Snapshot, error) {
	t, err := s.Store.Table(ctx, name)
	if err != nil {
		return nil, err
	}
	return &faultySnapshot{Snapshot: t, fault: s.fault}, nil
}

type faultySnapshot struct {
	tables.Snapshot
	fault func(tables.Query) tables.Query
}

// Compile implements tables.Snapshot. What the store would refuse without the
// fault is refused; what it refuses only with it is compiled without.
func (s *faultySnapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	q = tables.MapScans(q, func(x *tables.Scan) *tables.Scan {
		own := x.Snapshot
		if f, ok := own.(*faultySnapshot); ok {
			own = f.Snapshot
		}
		return &tables.Scan{Snapshot: own, Alias: x.Alias}
	})
	right, refused := s.Snapshot.Compile(q)
	if refused != nil || plainScan(&q) {
		return right, refused
	}
	if wrong, refused := s.Snapshot.Compile(s.fault(q)); refused == nil {
		return wrong, nil
	}
	return right, nil
}

func plainScan(q *tables.Query) bool {
	if _, ok := q.From.(*tables.Scan); !ok {
		return false
	}
	return len(q.Where) == 0 && !q.Grouped && !q.Distinct && len(q.OrderBy) == 0 && q.Limit == nil && q.Offset == 0
}

func like(e tables.Expr) bool {
	c, ok := e.(*tables.Call)
	return ok && c.Op == tables.OpLike
}

// Faults are wrong translations, as a store might make them.
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
