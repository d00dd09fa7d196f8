package difftest

import (
	"slices"
	"strings"

	"gridgate/tables"
)

// KeyFaults are defects of stores that find rows by texts that are keys and by
// ranges of time, and give whole columns of them.
var KeyFaults = map[string]Fault{
	"a range without its end": {Query: func(q tables.Query) tables.Query {
		return withoutConjuncts(q, func(e tables.Expr) bool {
			c, ok := e.(*tables.Call)
			return ok && (c.Op == tables.OpLt || c.Op == tables.OpLe) && c.Args[1].Type().Kind == tables.KindTimestamp
		})
	}},
	"a range without its begin": {Query: func(q tables.Query) tables.Query {
		return withoutConjuncts(q, func(e tables.Expr) bool {
			c, ok := e.(*tables.Call)
			return ok && (c.Op == tables.OpGt || c.Op == tables.OpGe) && c.Args[1].Type().Kind == tables.KindTimestamp
		})
	}},
	"a bound without its fraction": {Query: func(q tables.Query) tables.Query {
		return mapInstants(q, func(us int64) int64 { return us - us%1e6 })
	}},
	"a bound in UTC for the session's zone": {Query: func(q tables.Query) tables.Query {
		return mapInstants(q, func(us int64) int64 { return us + faultyZone })
	}},
	"a bound in seconds rounded up": {Query: func(q tables.Query) tables.Query {
		return mapInstants(q, func(us int64) int64 { return (us + 999_999) / 1e6 * 1e6 })
	}},
	"OFFSET off by one": {Query: func(q tables.Query) tables.Query {
		if q.Offset > 0 {
			q.Offset++
		}
		return q
	}},
	"LIMIT one short": {Query: func(q tables.Query) tables.Query {
		if q.Limit != nil && *q.Limit > 1 {
			return limitPlus(q, -1)
		}
		return q
	}},
	"LIMIT counts the skipped rows": {Query: func(q tables.Query) tables.Query {
		if q.Limit != nil && *q.Limit > q.Offset {
			return limitPlus(q, -q.Offset)
		}
		return q
	}},
	"LIMIT before the condition": {Query: func(q tables.Query) tables.Query {
		if q.Limit == nil || len(q.Where) == 0 {
			return q
		}
		return limitedFirst(q)
	}},
	"case-folded keys": {
		Query: func(q tables.Query) tables.Query {
			return mapTextKeys(q, func(e tables.Expr) tables.Expr { return call(tables.OpLower, tables.Text, e) })
		},
		Args: mapKeys(strings.ToLower),
	},
	"keys without their trailing spaces": {
		Query: func(q tables.Query) tables.Query {
			space := &tables.Lit{Value: tables.TextValue(" ")}
			return mapTextKeys(q, func(e tables.Expr) tables.Expr { return call(tables.OpRTrim, tables.Text, e, space) })
		},
		Args: mapKeys(func(s string) string { return strings.TrimRight(s, " ") }),
	},
	"'' finds NULL": {Query: func(q tables.Query) tables.Query {
		empty := &tables.Lit{Value: tables.TextValue("")}
		return mapTextKeys(q, func(e tables.Expr) tables.Expr {
			if _, ok := e.(*tables.Col); ok && e.Nullable() {
				return call(tables.OpIfNull, e.Type(), e, empty)
			}
			return e
		})
	}},
	"NULL in a list finds NULL": {Query: func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if in, ok := e.(*tables.In); ok {
				for _, x := range in.List {
					if l, ok := x.(*tables.Lit); ok && l.Value.IsNull() {
						return call(tables.OpOr, tables.Bool, e, call(tables.OpIsNull, tables.Bool, in.Left))
					}
				}
			}
			return e
		})
	}},
	"a key is a prefix": {Query: func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			c, ok := e.(*tables.Call)
			if !ok || c.Op != tables.OpEq || c.Args[1].Type().Kind != tables.KindText {
				return e
			}
			length := call(tables.OpCharLength, tables.Int64, c.Args[1])
			return call(c.Op, c.Typ, call(tables.OpLeft, tables.Text, c.Args[0], length), c.Args[1])
		})
	}},
	"a key beyond ASCII is not found": {Query: withoutKeys(func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
	})},
	"IN with its first value only": {Query: func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			if in, ok := e.(*tables.In); ok && len(in.List) > 1 {
				return &tables.In{Left: in.Left, List: in.List[:1]}
			}
			return e
		})
	}},
	"a row for each mention of a key": {Give: func(q *tables.Query, rows [][]tables.Value) [][]tables.Value {
		for _, e := range q.Where {
			if in, ok := e.(*tables.In); ok && q.Limit == nil && mentionsTwice(in.List) {
				return append(rows, rows...)
			}
		}
		return rows
	}},
	"the last key of a batch lost": {Args: func(_, now tables.Args) tables.Args {
		return mapArgKeys(now, func(keys []tables.Value) []tables.Value { return keys[:len(keys)-1] })
	}},
	"the first key of a batch only": {Args: func(_, now tables.Args) tables.Args {
		return mapArgKeys(now, func(keys []tables.Value) []tables.Value { return keys[:1] })
	}},
	"the arguments of the run before": {Args: func(before, now tables.Args) tables.Args {
		if before != nil {
			return before
		}
		return now
	}},
	"only the first of two conditions on a column": {Query: func(q tables.Query) tables.Query {
		seen := map[int]bool{}
		return withoutConjuncts(q, func(e tables.Expr) bool {
			again := false
			tables.Walk(e, func(x tables.Expr) bool {
				if c, ok := x.(*tables.Col); ok {
					again, seen[c.Index] = seen[c.Index], true
				}
				return true
			})
			return again
		})
	}},
	"a condition claimed as done": {Claims: func(q tables.Query, why *tables.Unsupported) (tables.Query, bool) {
		if why.Part != tables.PartWhere {
			return q, false
		}
		n := -1
		return withoutConjuncts(q, func(tables.Expr) bool { n++; return n == why.Index }), true
	}},
	"ORDER BY claimed as done": {Claims: func(q tables.Query, why *tables.Unsupported) (tables.Query, bool) {
		q.OrderBy = nil
		return q, why.Part == tables.PartOrderBy
	}},
	"DISTINCT claimed as done": {Claims: func(q tables.Query, why *tables.Unsupported) (tables.Query, bool) {
		q.Distinct = false
		return q, why.Part == tables.PartDistinct
	}},
	"the table's rows counted for those that match": {Claims: func(q tables.Query, why *tables.Unsupported) (tables.Query, bool) {
		counts := why.Part == tables.PartAggs && len(q.Aggs) == 1 && q.Aggs[0].Func == tables.AggCountStar
		q.Where = nil
		return q, counts
	}},
	"values that are not NULL counted for rows": {Claims: func(q tables.Query, why *tables.Unsupported) (tables.Query, bool) {
		counts := why.Part == tables.PartAggs && len(q.Aggs) == 1 && q.Aggs[0].Func == tables.AggCount
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			a.Func, a.Arg, a.Distinct = tables.AggCountStar, nil, false
			return a
		}), counts
	}},
}

// CacheFaults are further defects of stores that keep the newest readings of each
// station and kind under keys that are made of texts.
var CacheFaults = map[string]Fault{
	"a key with braces is not found": {Query: withoutKeys(func(s string) bool { return strings.ContainsAny(s, "{}") })},
	"an empty key is not found":      {Query: withoutKeys(func(s string) bool { return s == "" })},
	"only the newest reading of a station": {Read: func(columns []tables.Column, rows [][]tables.Value) [][]tables.Value {
		station := slices.IndexFunc(columns, func(c tables.Column) bool { return c.Name == "station" })
		ts := slices.IndexFunc(columns, func(c tables.Column) bool { return c.Name == "ts" })
		newest := map[string][]tables.Value{}
		for _, r := range rows {
			if n := newest[r[station].S]; n == nil || n[ts].I < r[ts].I {
				newest[r[station].S] = r
			}
		}
		return slices.DeleteFunc(rows, func(r []tables.Value) bool { return &r[0] != &newest[r[station].S][0] })
	}},
}

// faultyZone is the offset of the session's zone for faults about zones, in
// microseconds. Of a session in another zone they are other faults.
const faultyZone = 2 * 3600 * 1e6

func withoutConjuncts(q tables.Query, drop func(tables.Expr) bool) tables.Query {
	var where []tables.Expr
	for _, e := range q.Where {
		if !drop(e) {
			where = append(where, e)
		}
	}
	q.Where = where
	return q
}

// mapInstants changes the instants that conditions are about.
func mapInstants(q tables.Query, f func(us int64) int64) tables.Query {
	return mapWhere(q, func(e tables.Expr) tables.Expr {
		l, ok := e.(*tables.Lit)
		if !ok || l.Value.IsNull() || l.Value.Type.Kind != tables.KindTimestamp {
			return e
		}
		v := l.Value
		v.I = f(v.I)
		return &tables.Lit{Value: v}
	})
}

// limitedFirst is q with its LIMIT and OFFSET below its WHERE.
func limitedFirst(q tables.Query) tables.Query {
	scan, ok := q.From.(*tables.Scan)
	if !ok {
		return q
	}
	inner := tables.Query{From: scan, Limit: q.Limit, Offset: q.Offset}
	var names []string
	for i, c := range scan.Snapshot.Columns() {
		inner.Output = append(inner.Output, &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable})
		names = append(names, c.Name)
	}
	q.From, q.Limit, q.Offset = &tables.Derived{Query: inner, Names: names}, nil, 0
	return q
}

// mapTextKeys changes both sides of equations and of IN between texts.
func mapTextKeys(q tables.Query, f func(tables.Expr) tables.Expr) tables.Query {
	return mapWhere(q, func(e tables.Expr) tables.Expr {
		switch e := e.(type) {
		case *tables.Call:
			if e.Op == tables.OpEq && e.Args[0].Type().Kind == tables.KindText && e.Args[1].Type().Kind == tables.KindText {
				return call(e.Op, e.Typ, f(e.Args[0]), f(e.Args[1]))
			}
		case *tables.In:
			if e.Left.Type().Kind != tables.KindText {
				return e
			}
			in := &tables.In{Left: f(e.Left), Keys: e.Keys}
			for _, x := range e.List {
				in.List = append(in.List, f(x))
			}
			return in
		}
		return e
	})
}

// withoutKeys makes equations with some texts find nothing, and takes them out
// of lists.
func withoutKeys(lost func(string) bool) func(tables.Query) tables.Query {
	isLost := func(e tables.Expr) bool {
		l, ok := e.(*tables.Lit)
		return ok && l.Value.Type.Kind == tables.KindText && !l.Value.IsNull() && lost(l.Value.S)
	}
	return func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			switch e := e.(type) {
			case *tables.Call:
				if e.Op == tables.OpEq && (isLost(e.Args[0]) || isLost(e.Args[1])) {
					return &tables.Lit{Value: tables.Value{Type: tables.Bool}}
				}
			case *tables.In:
				var list []tables.Expr
				for _, x := range e.List {
					if !isLost(x) {
						list = append(list, x)
					}
				}
				if len(list) == 0 && e.Keys == nil {
					return &tables.Lit{Value: tables.Value{Type: tables.Bool}}
				}
				return &tables.In{Left: e.Left, List: list, Keys: e.Keys}
			}
			return e
		})
	}
}

func mentionsTwice(list []tables.Expr) bool {
	for i, e := range list {
		for _, before := range list[:i] {
			if tables.Equal(e, before) {
				return true
			}
		}
	}
	return false
}

// mapKeys changes each key of a look-up, so that some become equal.
func mapKeys(f func(string) string) func(_, now tables.Args) tables.Args {
	return func(_, now tables.Args) tables.Args {
		return mapArgKeys(now, func(keys []tables.Value) []tables.Value {
			var out []tables.Value
			seen := map[tables.Value]bool{}
			for _, k := range keys {
				if k.Type.Kind == tables.KindText {
					k.S = f(k.S)
				}
				if !seen[k] {
					seen[k] = true
					out = append(out, k)
				}
			}
			return out
		})
	}
}

func mapArgKeys(args tables.Args, f func([]tables.Value) []tables.Value) tables.Args {
	out := append(tables.Args(nil), args...)
	for i := range out {
		if len(out[i].Keys) > 0 {
			out[i].Keys = f(append([]tables.Value(nil), out[i].Keys...))
		}
	}
	return out
}
