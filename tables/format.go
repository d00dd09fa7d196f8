package tables

import (
	"strconv"
	"strings"
)

// FormatExpr writes e as SQL, for EXPLAIN, messages and tests. KeyRef and
// AggRef are written as the expressions they stand for in q; a Param as its
// value where args has it, else as "?". q may be nil when e has neither.
func FormatExpr(e Expr, q *Query, args Args) string {
	f := formatter{q: q, args: args, names: sourceNames(q)}
	f.expr(e, 0)
	return f.b.String()
}

// FormatQuery writes q as one SQL SELECT.
func FormatQuery(q *Query, args Args) string {
	f := formatter{q: q, args: args, names: sourceNames(q)}
	f.query(nil)
	return f.b.String()
}

type formatter struct {
	b     strings.Builder
	q     *Query
	args  Args
	names []string // of the query's sources, where there are several
}

// sourceNames are the names by which the columns of several sources are told
// apart; nil where there is one.
func sourceNames(q *Query) []string {
	if q == nil {
		return nil
	}
	sources := q.Sources()
	if len(sources) < 2 {
		return nil
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		switch s := s.(type) {
		case *Scan:
			names[i] = s.Alias
			if s.Alias == "" {
				names[i] = s.Snapshot.Name()
			}
		case *Derived:
			names[i] = s.name(i)
		}
	}
	return names
}

func (d *Derived) name(i int) string {
	if d.Alias == "" {
		return "t" + strconv.Itoa(i+1)
	}
	return d.Alias
}

// query writes the query; names are those of its columns, where they are used.
func (f *formatter) query(names []string) {
	q := f.q
	f.b.WriteString("SELECT ")
	if q.Distinct {
		f.b.WriteString("DISTINCT ")
	}
	if len(q.Output) == 0 {
		f.b.WriteString("1")
	}
	for i, e := range q.Output {
		if i > 0 {
			f.b.WriteString(", ")
		}
		f.expr(e, 0)
		if c, ok := e.(*Col); i < len(names) && (!ok || c.Name != names[i]) {
			f.b.WriteString(" AS " + names[i])
		}
	}
	f.b.WriteString(" FROM ")
	at := 0
	f.source(q.From, &at)
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
	f.orderBy(q.OrderBy)
	if q.Limit != nil {
		f.b.WriteString(" LIMIT " + strconv.FormatInt(*q.Limit, 10))
	}
	if q.Offset > 0 {
		f.b.WriteString(" OFFSET " + strconv.FormatInt(q.Offset, 10))
	}
}

func (f *formatter) orderBy(keys []Order) {
	for i, o := range keys {
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
}

// source writes s, whose first source is number at.
func (f *formatter) source(s Source, at *int) {
	switch s := s.(type) {
	case *Scan:
		f.b.WriteString(s.Snapshot.Name())
		if s.Alias != "" && s.Alias != s.Snapshot.Name() {
			f.b.WriteString(" AS " + s.Alias)
		}
		*at++
	case *Derived:
		inner := formatter{q: &s.Query, args: f.args, names: sourceNames(&s.Query)}
		inner.query(s.Names)
		f.b.WriteString("(" + inner.b.String() + ") AS " + s.name(*at))
		*at++
	case *Join:
		f.source(s.Left, at)
		f.b.WriteString(" " + s.Kind.String() + " ")
		f.source(s.Right, at)
		if len(s.On) > 0 {
			f.b.WriteString(" ON ")
			f.conjuncts(s.On)
		}
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
	OpOr: 1, OpXor: 1, OpAnd: 2, OpNot: 3, OpIsNull: 4, OpIsTrue: 4, OpIsFalse: 4, OpLike: 4, OpRegexp: 4,
	OpEq: 4, OpNe: 4, OpLt: 4, OpLe: 4, OpGt: 4, OpGe: 4, OpNullSafeEq: 4, OpAdd: 5, OpSub: 5, OpMul: 6, OpDiv: 6, OpIntDiv: 6, OpMod: 6, OpNeg: 7,
}

func (f *formatter) expr(e Expr, outer int) {
	switch e := e.(type) {
	case *Col:
		if e.Scan < len(f.names) {
			f.b.WriteString(f.names[e.Scan] + ".")
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
	if a.Func == AggGroupConcat {
		f.orderBy(a.OrderBy)
		if a.Separator != "," {
			f.b.WriteString(" SEPARATOR " + QuoteSQL(a.Separator))
		}
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
		f.function(e)
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
	case OpIsNull, OpIsTrue, OpIsFalse:
		f.expr(e.Args[0], own+1)
		f.b.WriteString(" " + e.Op.String())
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
		if own == 4 || e.Op == OpXor {
			left = own + 1
		}
		f.expr(e.Args[0], left)
		f.b.WriteString(" " + e.Op.String() + " ")
		f.expr(e.Args[1], own+1)
	}
}

// function writes an operator that is none between its operands.
func (f *formatter) function(e *Call) {
	switch e.Op {
	case OpCase:
		f.caseWhen(e)
		return
	case OpCast:
		f.b.WriteString("CAST(")
		f.expr(e.Args[0], 0)
		f.b.WriteString(" AS " + castName(e.Typ) + ")")
		return
	case OpTrim, OpLTrim, OpRTrim:
		f.b.WriteString("TRIM(" + trimSides[e.Op] + " ")
		f.expr(e.Args[1], 0)
		f.b.WriteString(" FROM ")
		f.expr(e.Args[0], 0)
		f.b.WriteByte(')')
		return
	case OpDateAdd, OpDateSub:
		f.b.WriteString(e.Op.String() + "(")
		f.expr(e.Args[0], 0)
		f.b.WriteString(", INTERVAL ")
		f.expr(e.Args[1], 0)
		f.b.WriteString(" " + unitName(e.Args[2]) + ")")
		return
	case OpTimestampDiff:
		f.b.WriteString(e.Op.String() + "(" + unitName(e.Args[0]) + ", ")
		f.list(e.Args[1:], ", ")
		f.b.WriteByte(')')
		return
	}
	f.b.WriteString(e.Op.String() + "(")
	f.list(e.Args, ", ")
	f.b.WriteByte(')')
}

var trimSides = map[Op]string{OpTrim: "BOTH", OpLTrim: "LEADING", OpRTrim: "TRAILING"}

func unitName(e Expr) string {
	if l, ok := e.(*Lit); ok {
		return l.Value.S
	}
	return "?"
}

// castName is t as CAST writes it.
func castName(t Type) string {
	switch t.Kind {
	case KindInt64:
		return "SIGNED"
	case KindUint64:
		return "UNSIGNED"
	case KindText:
		if t.Length > 0 {
			return "CHAR(" + strconv.Itoa(t.Length) + ")"
		}
		return "CHAR"
	}
	return t.String()
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
