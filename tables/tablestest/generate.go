package tablestest

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"gridgate/tables"
)

// generator makes queries over one table, with constants that occur in it.
type generator struct {
	snapshot  tables.Snapshot
	evaluator Evaluator
	cols      []*tables.Col
	samples   [][]tables.Value // of each column, never empty
	joins     bool             // the rows are few enough to join them with themselves
}

// maxJoined is how many rows may be joined with themselves in a query.
const maxJoined = 100

func newGenerator(s tables.Snapshot, rows [][]tables.Value, e Evaluator) *generator {
	g := &generator{snapshot: s, evaluator: e, joins: len(rows) <= maxJoined}
	for i, c := range s.Columns() {
		g.cols = append(g.cols, &tables.Col{Index: i, Name: c.Name, Typ: c.Type, Null: c.Nullable})
		seen := map[tables.Value]bool{}
		var values []tables.Value
		for _, row := range rows {
			if v := row[i]; !v.IsNull() && !seen[v] && len(values) < 200 {
				seen[v] = true
				values = append(values, v)
			}
		}
		values = append(values, tables.NullOf(c.Type))
		g.samples = append(g.samples, values)
	}
	return g
}

// state is one query in the making.
type state struct {
	g    *generator
	t    *rapid.T
	args tables.Args
}

func (g *generator) query(t *rapid.T) (tables.Query, tables.Args) {
	s := &state{g: g, t: t}
	q := tables.Query{From: &tables.Scan{Snapshot: g.snapshot}}
	switch n := s.upTo(19, "source"); {
	case n == 0 && g.joins:
		s.join(&q)
	case n == 1:
		return s.overDerived(), s.args
	}
	for range s.upTo(3, "conjuncts") {
		q.Where = append(q.Where, s.condition(2))
	}
	if s.bool("grouped") {
		s.group(&q)
	} else {
		for _, c := range s.subset("columns") {
			var e tables.Expr = c
			if s.upTo(5, "expression") == 0 {
				e = s.over(c, 3)
			}
			q.Output = append(q.Output, e)
		}
		if len(q.Output) == 0 {
			q.Output = []tables.Expr{g.cols[0]}
		}
	}
	q.Distinct = s.upTo(3, "distinct") == 0
	if s.bool("ordered") {
		for i := range q.Output {
			if s.bool("sort key") {
				q.OrderBy = append(q.OrderBy, tables.Order{Expr: q.Output[i], Desc: s.bool("desc")})
			}
		}
	}
	s.limit(&q)
	return q, s.args
}

func (s *state) limit(q *tables.Query) {
	if !s.bool("limited") {
		return
	}
	n := int64(1 + s.upTo(20, "limit"))
	q.Limit = &n
	if s.bool("offset") {
		q.Offset = int64(s.upTo(10, "offset by"))
	}
}

// join puts the table beside itself. Conditions, keys and outputs are of the
// left one, which is enough: which of its rows come, and how often, is the join's.
func (s *state) join(q *tables.Query) {
	c := rapid.SampledFrom(s.g.cols).Draw(s.t, "joined by")
	right := *c
	right.Scan = 1
	kind := rapid.SampledFrom([]tables.JoinKind{tables.JoinInner, tables.JoinLeft, tables.JoinSemi, tables.JoinAnti}).Draw(s.t, "join")
	on := []tables.Expr{call(tables.OpEq, c, &right)}
	if s.bool("residual") {
		d := rapid.SampledFrom(s.g.cols).Draw(s.t, "residual of")
		other := *d
		other.Scan = 1
		on = append(on, s.compare(d, &other))
	}
	q.From = &tables.Join{
		Kind: kind, Left: &tables.Scan{Snapshot: s.g.snapshot, Alias: "a"}, Right: &tables.Scan{Snapshot: s.g.snapshot, Alias: "b"}, On: on,
	}
}

// overDerived counts, or chooses among, the rows of a query. That has a LIMIT
// over a total order of its rows, or none.
func (s *state) overDerived() tables.Query {
	inner := tables.Query{From: &tables.Scan{Snapshot: s.g.snapshot}}
	for range s.upTo(1, "inner conjuncts") {
		inner.Where = append(inner.Where, s.condition(1))
	}
	if s.bool("inner grouped") {
		s.group(&inner)
	} else {
		inner.Output = []tables.Expr{rapid.SampledFrom(s.g.cols).Draw(s.t, "inner column")}
		inner.Distinct = s.bool("inner distinct")
	}
	if s.bool("inner limit") {
		for _, e := range inner.Output {
			inner.OrderBy = append(inner.OrderBy, tables.Order{Expr: e, Desc: s.bool("inner desc")})
		}
		s.limit(&inner)
	}
	d := &tables.Derived{Query: inner, Alias: "d"}
	q := tables.Query{From: d}
	var columns []tables.Expr
	for i, e := range inner.Output {
		name := string(rune('a' + i%26))
		d.Names = append(d.Names, name)
		columns = append(columns, &tables.Col{Index: i, Name: name, Typ: e.Type(), Null: e.Nullable()})
	}
	first := columns[0]
	if s.bool("outer condition") {
		q.Where = []tables.Expr{call(tables.OpNot, &tables.Call{Op: tables.OpIsNull, Args: []tables.Expr{first}, Typ: tables.Bool})}
	}
	if !s.bool("counted") {
		q.Output = columns
		return q
	}
	q.Grouped = true
	if s.bool("outer key") {
		q.GroupBy = []tables.Expr{first}
		q.Output = []tables.Expr{&tables.KeyRef{Typ: first.Type(), Null: first.Nullable()}}
	}
	q.Aggs = []tables.Agg{{Func: tables.AggCountStar, Typ: tables.Int64}}
	q.Output = append(q.Output, &tables.AggRef{Typ: tables.Int64})
	return q
}

func (s *state) group(q *tables.Query) {
	q.Grouped = true
	for _, c := range s.subset("keys") {
		var key tables.Expr = c
		if s.upTo(5, "key expression") == 0 {
			key = s.over(c, 2)
		}
		if slices.ContainsFunc(q.GroupBy, func(k tables.Expr) bool { return tables.Equal(k, key) }) {
			continue
		}
		q.Output = append(q.Output, &tables.KeyRef{N: len(q.GroupBy), Typ: key.Type(), Null: key.Nullable()})
		q.GroupBy = append(q.GroupBy, key)
	}
	for range 1 + s.upTo(2, "aggregates") {
		a := s.aggregate()
		q.Output = append(q.Output, &tables.AggRef{N: len(q.Aggs), Typ: a.Typ, Null: a.Null})
		q.Aggs = append(q.Aggs, a)
	}
	if s.upTo(3, "having") == 0 {
		n := &tables.Lit{Value: tables.IntValue(int64(s.upTo(5, "having count")))}
		at := s.upTo(len(q.Aggs)-1, "of")
		a := q.Aggs[at]
		if familyOf(a.Typ.Kind) == ofNumber {
			q.Having = append(q.Having, s.compare(&tables.AggRef{N: at, Typ: a.Typ, Null: a.Null}, n))
		}
	}
}

// condition draws a predicate of at most the given depth.
func (s *state) condition(depth int) tables.Expr {
	kinds := 10
	if depth == 0 {
		kinds = 4
	}
	c := rapid.SampledFrom(s.g.cols).Draw(s.t, "column")
	switch s.upTo(kinds-1, "condition") {
	case 0, 1:
		return s.compare(c, s.constant(c))
	case 2:
		in := &tables.In{Left: c}
		if s.bool("keys") {
			in.Keys = &tables.Param{N: len(s.args), Typ: c.Typ}
			var keys []tables.Value
			for range 1 + s.upTo(4, "number of keys") {
				v := s.value(c)
				if !v.IsNull() && !slices.Contains(keys, v) {
					keys = append(keys, v)
				}
			}
			s.args = append(s.args, tables.Arg{Keys: keys})
			return in
		}
		for range 1 + s.upTo(4, "list") {
			in.List = append(in.List, &tables.Lit{Value: s.value(c)})
		}
		return in
	case 3:
		if c.Typ.Kind == tables.KindText && s.bool("like") {
			return s.like(c)
		}
		return &tables.Call{Op: tables.OpIsNull, Args: []tables.Expr{c}, Typ: tables.Bool}
	case 4:
		return call(tables.OpAnd, s.condition(depth-1), s.condition(depth-1))
	case 5:
		return call(tables.OpOr, s.condition(depth-1), s.condition(depth-1))
	case 6:
		return call(tables.OpNot, s.condition(depth-1))
	case 7:
		op := rapid.SampledFrom([]tables.Op{tables.OpIsTrue, tables.OpIsFalse}).Draw(s.t, "is")
		return &tables.Call{Op: op, Args: []tables.Expr{s.condition(depth - 1)}, Typ: tables.Bool}
	case 8:
		return call(tables.OpXor, s.condition(depth-1), s.condition(depth-1))
	default:
		return s.overExpression(c)
	}
}

// overExpression compares an expression with what it may be.
func (s *state) overExpression(c *tables.Col) tables.Expr {
	e := s.over(c, 3)
	switch familyOf(e.Type().Kind) {
	case ofNumber:
		return s.compare(e, s.number(20))
	case ofText:
		return s.compare(e, lit(tables.TextValue(s.one([]string{"a", "name1", "1", "", "2023"}, "compared with"))))
	}
	return &tables.Call{Op: tables.OpIsNull, Args: []tables.Expr{e}, Typ: tables.Bool}
}

func call(op tables.Op, args ...tables.Expr) tables.Expr {
	c := &tables.Call{Op: op, Args: args, Typ: tables.Bool}
	for _, a := range args {
		c.Null = c.Null || a.Nullable()
	}
	return c
}

var comparisons = []tables.Op{tables.OpEq, tables.OpNe, tables.OpLt, tables.OpLe, tables.OpGt, tables.OpGe, tables.OpNullSafeEq}

func (s *state) compare(a, b tables.Expr) tables.Expr {
	op := rapid.SampledFrom(comparisons).Draw(s.t, "operator")
	if s.bool("mirrored") {
		a, b = b, a
	}
	c := call(op, a, b).(*tables.Call)
	if op == tables.OpNullSafeEq {
		c.Null = false
	}
	return c
}

// constant is a value of the column as literal or argument; now and then of
// another type, which a store may refuse but must not get wrong.
func (s *state) constant(c *tables.Col) tables.Expr {
	v := s.value(c)
	switch s.upTo(9, "constant") {
	case 0:
		return &tables.Lit{Value: tables.IntValue(int64(s.upTo(3, "number")))}
	case 1, 2:
		s.args = append(s.args, tables.Arg{Value: v})
		return &tables.Param{N: len(s.args) - 1, Typ: c.Typ}
	}
	return &tables.Lit{Value: v}
}

func (s *state) value(c *tables.Col) tables.Value {
	return rapid.SampledFrom(s.g.samples[c.Index]).Draw(s.t, "value")
}

// like makes a pattern from a value: parts of it become wildcards.
func (s *state) like(c *tables.Col) tables.Expr {
	v := s.value(c)
	runes := []rune(v.S)
	var b strings.Builder
	for i := 0; i < len(runes) && i < 12; i++ {
		switch s.upTo(7, "like") {
		case 0:
			b.WriteByte('%')
		case 1:
			b.WriteByte('_')
		case 2:
			b.WriteByte('\\')
			b.WriteRune(runes[i])
		default:
			b.WriteRune(runes[i])
		}
	}
	if s.bool("open end") {
		b.WriteByte('%')
	}
	return call(tables.OpLike, c, &tables.Lit{Value: tables.TextValue(b.String())}, &tables.Lit{Value: tables.TextValue(`\`)})
}

func (s *state) subset(name string) []*tables.Col {
	var out []*tables.Col
	for _, c := range s.g.cols {
		if s.bool(name) {
			out = append(out, c)
		}
	}
	return out
}

func (s *state) bool(name string) bool       { return rapid.Bool().Draw(s.t, name) }
func (s *state) upTo(n int, name string) int { return rapid.IntRange(0, n).Draw(s.t, name) }

// operators counts what q asks for beyond a scan.
func operators(q *tables.Query) map[string]int {
	m := map[string]int{"where": len(q.Where), "having": len(q.Having)}
	count := func(name string, asked bool) {
		if asked {
			m[name] = 1
		} else {
			m[name] = 0
		}
	}
	_, join := q.From.(*tables.Join)
	count("join", join)
	_, derived := q.From.(*tables.Derived)
	count("derived", derived)
	computed := 0
	for _, e := range append(append([]tables.Expr{}, q.Output...), q.GroupBy...) {
		switch e.(type) {
		case *tables.Col, *tables.KeyRef, *tables.AggRef:
		default:
			computed++
		}
	}
	m["expressions"] = computed
	counts, others := 0, 0
	for _, a := range q.Aggs {
		if a.Func <= tables.AggCount {
			counts++
		} else {
			others++
		}
	}
	m["counts"], m["aggregates"] = counts, others
	count("group by", q.Grouped)
	count("distinct", q.Distinct)
	count("order by", len(q.OrderBy) > 0)
	count("limit", q.Limit != nil)
	count("offset", q.Offset > 0)
	return m
}

// without is q less what the store refused, and less what stands on that.
func without(q tables.Query, refused *tables.Unsupported, all tables.Query) tables.Query {
	switch refused.Part {
	case tables.PartWhere:
		q.Where = slices.Delete(slices.Clone(q.Where), refused.Index, refused.Index+1)
	case tables.PartHaving:
		q.Having = slices.Delete(slices.Clone(q.Having), refused.Index, refused.Index+1)
	case tables.PartDistinct:
		q.Distinct = false
	case tables.PartOrderBy:
		q.OrderBy, q.Limit, q.Offset = nil, nil, 0
	case tables.PartLimit, tables.PartOffset:
		q.Limit, q.Offset = nil, 0
	case tables.PartGroupBy, tables.PartAggs:
		where := q.Where
		q = all
		q.Where = where
	default:
		q = all // nothing less than a scan is left to offer
	}
	return q
}
