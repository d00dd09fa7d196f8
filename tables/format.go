package tables

import (
	"strconv"
	"strings"
)

// FormatExpr writes e as SQL, for EXPLAIN, messages and tests. KeyRef and
// AggRef are written as the expressions they stand for in q; a Param as its
// value where args has it, else as "?". q may be nil when e has neither.
func FormatExpr(e Expr, q *Query, args Args) string {
	f := formatter{q: q, args: args}
	f.expr(e, 0)
	return f.b.String()
}

// FormatQuery writes q as one SQL SELECT.
func FormatQuery(q *Query, args Args) string {
	f := formatter{q: q, args: args}
	f.query()
	return f.b.String()
}

type formatter struct {
	b    strings.Builder
	q    *Query
	args Args
}

func (f *formatter) query() {
	q := f.q
	f.b.WriteString("SELECT ")
	if q.Distinct {
		f.b.WriteString("DISTINCT ")
	}
	if len(q.Output) == 0 {
		f.b.WriteString("1")
	}
	f.list(q.Output, ", ")
	f.b.WriteString(" FROM ")
	f.source(q.From)
	if len(q.Where) > 0 {
		f.b.WriteString(" WHERE ")
		f.conjuncts(q.Where)
	}
	if len(q.GroupBy) > 0 {
		f.b.WriteString(" GROUP BY ")
		f.list(q.GroupBy, ", ")
	}
	if len(q.Having) > 0 {
		f.b.WriteString(" HAVING ")
		f.conjuncts(q.Having)
	}
	for i, o := range q.OrderBy {
		if i == 0 {
			f.b.WriteString(" ORDER BY ")
		} else {
			f.b.WriteString(", ")
		}
		f.expr(o.Expr, 0)
		if o.Desc {
			f.b.WriteString(" DESC")
		}
	}
	if q.Limit != nil {
		f.b.WriteString(" LIMIT " + strconv.FormatInt(*q.Limit, 10))
	}
	if q.Offset > 0 {
		f.b.WriteString(" OFFSET " + strconv.FormatInt(q.Offset, 10))
	}
}

func (f *formatter) source(s Source) {
	switch s := s.(type) {
	case *Scan:
		f.b.WriteString(s.Snapshot.Name())
		if s.Alias != "" && s.Alias != s.Snapshot.Name() {
			f.b.WriteString(" AS " + s.Alias)
		}
	case *Join:
		f.source(s.Left)
		f.b.WriteString(" " + s.Kind.String() + " ")
		f.source(s.Right)
		f.b.WriteString(" ON ")
		f.conjuncts(s.On)
	}
}

func (f *formatter) list(es []Expr, sep string) {
	for i, e := range es {
		if i > 0 {
			f.b.WriteString(sep)
		}
		f.expr(e, 0)
	}
}

func (f *formatter) conjuncts(es []Expr) {
	for i, e := range es {
		if i > 0 {
			f.b.WriteString(" AND ")
		}
		f.expr(e, precedence[OpAnd]+1)
	}
}

var precedence = map[Op]int{
	OpOr: 1, OpAnd: 2, OpNot: 3, OpIsNull: 4, OpLike: 4, OpEq: 4, OpNe: 4, OpLt: 4, OpLe: 4, OpGt: 4, OpGe: 4,
	OpNullSafeEq: 4, OpAdd: 5, OpSub: 5, OpMul: 6, OpDiv: 6, OpIntDiv: 6, OpMod: 6, OpNeg: 7,
}

func (f *formatter) expr(e Expr, outer int) {
	switch e := e.(type) {
	case *Col:
		if f.q != nil && len(f.q.Scans()) > 1 {
			s := f.q.Scans()[e.Scan]
			if s.Alias != "" {
				f.b.WriteString(s.Alias + ".")
			} else {
				f.b.WriteString(s.Snapshot.Name() + ".")
			}
		}
		f.b.WriteString(e.Name)
	case *Lit:
		f.b.WriteString(e.Value.SQL())
	case *Param:
		if e.N < len(f.args) {
			f.b.WriteString(f.args[e.N].Value.SQL())
		} else {
			f.b.WriteByte('?')
		}
	case *KeyRef:
		if f.q != nil {
			f.expr(f.q.GroupBy[e.N], outer)
		} else {
			f.b.WriteString("key" + strconv.Itoa(e.N))
		}
	case *AggRef:
		if f.q != nil {
			f.agg(f.q.Aggs[e.N])
		} else {
			f.b.WriteString("agg" + strconv.Itoa(e.N))
		}
	case *In:
		f.in(e, outer)
	case *Call:
		f.call(e, outer)
	}
}

func (f *formatter) agg(a Agg) {
	f.b.WriteString(a.Func.String() + "(")
	if a.Distinct {
		f.b.WriteString("DISTINCT ")
	}
	if a.Arg == nil {
		f.b.WriteByte('*')
	} else {
		f.expr(a.Arg, 0)
	}
	f.b.WriteByte(')')
}

func (f *formatter) in(e *In, outer int) {
	const own = 4
	if outer > own {
		f.b.WriteByte('(')
		defer f.b.WriteByte(')')
	}
	f.expr(e.Left, own+1)
	f.b.WriteString(" IN (")
	switch {
	case e.Keys == nil:
		f.list(e.List, ", ")
	case e.Keys.N < len(f.args):
		for i, k := range f.args[e.Keys.N].Keys {
			if i > 0 {
				f.b.WriteString(", ")
			}
			f.b.WriteString(k.SQL())
		}
	default:
		f.b.WriteByte('?')
	}
	f.b.WriteByte(')')
}

func (f *formatter) call(e *Call, outer int) {
	own, infix := precedence[e.Op]
	if !infix {
		if e.Op == OpCase {
			f.caseWhen(e)
			return
		}
		f.b.WriteString(e.Op.String() + "(")
		f.list(e.Args, ", ")
		f.b.WriteByte(')')
		return
	}
	if outer > own {
		f.b.WriteByte('(')
		defer f.b.WriteByte(')')
	}
	switch e.Op {
	case OpNot:
		f.b.WriteString("NOT ")
		f.expr(e.Args[0], own+1)
	case OpNeg:
		f.b.WriteString("-")
		f.expr(e.Args[0], own+1)
	case OpIsNull:
		f.expr(e.Args[0], own+1)
		f.b.WriteString(" IS NULL")
	case OpLike:
		f.expr(e.Args[0], own+1)
		f.b.WriteString(" LIKE ")
		f.expr(e.Args[1], own+1)
		if l, ok := e.Args[2].(*Lit); !ok || l.Value.S != `\` {
			f.b.WriteString(" ESCAPE ")
			f.expr(e.Args[2], own+1)
		}
	default:
		// AND and OR are associative: no brackets on the left. Neither are
		// the left operands of arithmetic.
		left := own
		if own == 4 {
			left = own + 1
		}
		f.expr(e.Args[0], left)
		f.b.WriteString(" " + e.Op.String() + " ")
		f.expr(e.Args[1], own+1)
	}
}

func (f *formatter) caseWhen(e *Call) {
	f.b.WriteString("CASE")
	i := 0
	for ; i+1 < len(e.Args); i += 2 {
		f.b.WriteString(" WHEN ")
		f.expr(e.Args[i], 0)
		f.b.WriteString(" THEN ")
		f.expr(e.Args[i+1], 0)
	}
	if i < len(e.Args) {
		f.b.WriteString(" ELSE ")
		f.expr(e.Args[i], 0)
	}
	f.b.WriteString(" END")
}
