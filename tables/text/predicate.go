package text

import "gridgate/tables"

// truth is SQL's three-valued logic.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// A row is what a predicate sees: a row of a table, or a group.
type row struct {
	file   *file
	text   string // the line or word, valid UTF-8
	offset int64
	pos    int64
	counts []int64 // of a group
}

// A predicate is a condition with its arguments in place. It is immutable.
type predicate interface{ eval(r *row) truth }

type (
	constant truth
	not      struct{ p predicate }
	and      struct{ a, b predicate }
	or       struct{ a, b predicate }
	isNull   struct{ p predicate } // of a condition

	textIsNull struct{ x textOperand }

	compareText struct {
		op   tables.Op
		a, b textOperand
	}
	compareInt struct {
		op   tables.Op
		a, b intOperand
	}
	textIn struct {
		x       textOperand
		list    map[string]struct{}
		hasNull bool
	}
	intIn struct {
		x       intOperand
		list    map[int64]struct{}
		hasNull bool
	}
	like struct {
		x       textOperand
		pattern *pattern
	}
)

func (c constant) eval(*row) truth { return truth(c) }

func (n not) eval(r *row) truth {
	switch n.p.eval(r) {
	case no:
		return yes
	case yes:
		return no
	}
	return unknown
}

func (n and) eval(r *row) truth {
	a := n.a.eval(r)
	if a == no {
		return no
	}
	switch n.b.eval(r) {
	case no:
		return no
	case yes:
		return a
	}
	return unknown
}

func (n or) eval(r *row) truth {
	a := n.a.eval(r)
	if a == yes {
		return yes
	}
	switch n.b.eval(r) {
	case yes:
		return yes
	case no:
		return a
	}
	return unknown
}

func (n isNull) eval(r *row) truth { return truthOf(n.p.eval(r) == unknown) }

func (n textIsNull) eval(r *row) truth {
	_, null := n.x.get(r)
	return truthOf(null)
}

func (n compareText) eval(r *row) truth {
	a, aNull := n.a.get(r)
	b, bNull := n.b.get(r)
	if aNull || bNull {
		return compareNull(n.op, aNull && bNull)
	}
	switch n.op {
	case tables.OpEq, tables.OpNullSafeEq:
		return truthOf(a == b)
	case tables.OpNe:
		return truthOf(a != b)
	case tables.OpLt:
		return truthOf(a < b)
	case tables.OpLe:
		return truthOf(a <= b)
	case tables.OpGt:
		return truthOf(a > b)
	}
	return truthOf(a >= b)
}

func compareNull(op tables.Op, both bool) truth {
	if op == tables.OpNullSafeEq {
		return truthOf(both)
	}
	return unknown
}

func (n compareInt) eval(r *row) truth {
	a, b := n.a.get(r), n.b.get(r)
	if a.null || b.null {
		return compareNull(n.op, a.null && b.null)
	}
	c := a.compare(b)
	switch n.op {
	case tables.OpEq, tables.OpNullSafeEq:
		return truthOf(c == 0)
	case tables.OpNe:
		return truthOf(c != 0)
	case tables.OpLt:
		return truthOf(c < 0)
	case tables.OpLe:
		return truthOf(c <= 0)
	case tables.OpGt:
		return truthOf(c > 0)
	}
	return truthOf(c >= 0)
}

func (n textIn) eval(r *row) truth {
	x, null := n.x.get(r)
	if null && (len(n.list) > 0 || n.hasNull) { // nothing at all is in an empty list, not even NULL
		return unknown
	}
	_, found := n.list[x]
	found = found && !null
	return inList(found, n.hasNull)
}

func (n intIn) eval(r *row) truth {
	x := n.x.get(r)
	if x.null && (len(n.list) > 0 || n.hasNull) {
		return unknown
	}
	_, found := n.list[x.i]
	return inList(found && !x.above && !x.null, n.hasNull)
}

func inList(found, hasNull bool) truth {
	switch {
	case found:
		return yes
	case hasNull:
		return unknown
	}
	return no
}

func (n like) eval(r *row) truth {
	x, null := n.x.get(r)
	if null {
		return unknown
	}
	return truthOf(n.pattern.match(x))
}

// A textOperand is a text column or a constant.
type textOperand struct {
	isColumn bool
	column   column
	value    string
	null     bool // the constant is NULL
}

func (o textOperand) get(r *row) (s string, null bool) {
	if !o.isColumn {
		return o.value, o.null
	}
	switch o.column.kind {
	case colText:
		return r.text, false
	case colPath:
		return r.file.path, false
	}
	v := r.file.partition(o.column.partition)
	return v.value, v.null
}

// An intOperand is an integer column, a group's count, or a constant.
type intOperand struct {
	kind  intKind
	count int // which of the row's counts
	value integer
}

type intKind uint8

const (
	intConstant intKind = iota
	intOffset
	intPos
	intCount
)

// integer is a BIGINT, BIGINT UNSIGNED or NULL.
type integer struct {
	i     int64
	above bool // greater than any BIGINT; i tells such numbers apart
	null  bool
}

func (a integer) compare(b integer) int {
	switch {
	case a.above != b.above:
		if a.above {
			return 1
		}
		return -1
	case a.i < b.i:
		return -1
	case a.i > b.i:
		return 1
	}
	return 0
}

func (o intOperand) get(r *row) integer {
	switch o.kind {
	case intOffset:
		return integer{i: r.offset}
	case intPos:
		return integer{i: r.pos}
	case intCount:
		return integer{i: r.counts[o.count]}
	}
	return o.value
}
