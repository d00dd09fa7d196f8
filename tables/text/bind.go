package text

import (
	"fmt"
	"math"
	"unicode/utf8"

	"gridgate/tables"
)

// A binder turns expressions of WHERE and HAVING into predicates, or says why
// it can't. It runs twice over each: when a query is compiled, without
// arguments, and when it is opened, with them.
type binder struct {
	columns []column
	keys    []column // what KeyRef means; nil: not grouped
	args    tables.Args
	dry     bool // no args yet: a Param is NULL

	usesText bool // the line or word
	usesLine bool // byte_offset or pos
}

// A refusal is why an expression can't be computed here.
type refusal struct{ code, text string }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code: code, text: fmt.Sprintf(format, args...)}
}

// conjunction binds es and joins them with AND.
func (b *binder) conjunction(es []tables.Expr) (predicate, *refusal) {
	var all predicate
	for _, e := range es {
		p, r := b.condition(e)
		if r != nil {
			return nil, r
		}
		if all == nil {
			all = p
		} else {
			all = and{all, p}
		}
	}
	return all, nil
}

// condition binds e, which stands where a truth value is needed.
func (b *binder) condition(e tables.Expr) (predicate, *refusal) {
	switch e := e.(type) {
	case *tables.Lit:
		v := e.Value
		switch {
		case v.IsNull():
			return constant(unknown), nil
		case v.Type.Kind.IsInteger():
			return constant(truthOf(v.I != 0 || v.U != 0)), nil
		}
	case *tables.In:
		return b.in(e)
	case *tables.Call:
		return b.call(e)
	}
	return nil, refuse("condition", "only comparisons, IN, LIKE, IS NULL and AND, OR and NOT of them are computed while files are read")
}

func (b *binder) call(e *tables.Call) (predicate, *refusal) {
	switch e.Op {
	case tables.OpAnd, tables.OpOr:
		x, r := b.condition(e.Args[0])
		if r != nil {
			return nil, r
		}
		y, r := b.condition(e.Args[1])
		if r != nil {
			return nil, r
		}
		if e.Op == tables.OpAnd {
			return and{x, y}, nil
		}
		return or{x, y}, nil
	case tables.OpNot:
		x, r := b.condition(e.Args[0])
		if r != nil {
			return nil, r
		}
		return not{x}, nil
	case tables.OpIsNull:
		return b.isNull(e.Args[0])
	case tables.OpEq, tables.OpNe, tables.OpLt, tables.OpLe, tables.OpGt, tables.OpGe, tables.OpNullSafeEq:
		return b.compare(e)
	case tables.OpLike:
		return b.like(e)
	}
	return nil, refuse("function", "%s isn't computed while files are read", e.Op)
}

func (b *binder) isNull(e tables.Expr) (predicate, *refusal) {
	switch familyOf(e) {
	case familyText:
		x, r := b.text(e)
		return textIsNull{x}, r
	case familyInt:
		switch e.(type) {
		case *tables.Call, *tables.In: // a condition
			x, r := b.condition(e)
			return isNull{x}, r
		}
		x, r := b.int(e)
		// With NULL on one side, <=> is IS NULL.
		return compareInt{tables.OpNullSafeEq, x, intOperand{value: integer{null: true}}}, r
	case familyNull:
		return constant(yes), nil
	}
	return nil, refuse("type", "a value of type %s isn't read from files", e.Type())
}

func (b *binder) compare(e *tables.Call) (predicate, *refusal) {
	x, y := familyOf(e.Args[0]), familyOf(e.Args[1])
	switch {
	case x == familyOther || y == familyOther || x != y && x != familyNull && y != familyNull:
		return nil, refuse("type", "%s is compared with %s, and MySQL would convert one of them", e.Args[0].Type(), e.Args[1].Type())
	case x == familyText || y == familyText:
		s, r := b.text(e.Args[0])
		if r != nil {
			return nil, r
		}
		t, r := b.text(e.Args[1])
		return compareText{e.Op, s, t}, r
	}
	s, r := b.int(e.Args[0])
	if r != nil {
		return nil, r
	}
	t, r := b.int(e.Args[1])
	return compareInt{e.Op, s, t}, r
}

func (b *binder) like(e *tables.Call) (predicate, *refusal) {
	for _, a := range e.Args[:2] {
		if f := familyOf(a); f != familyText && f != familyNull {
			return nil, refuse("type", "LIKE on a value of type %s would convert it to text", a.Type())
		}
	}
	x, r := b.text(e.Args[0])
	if r != nil {
		return nil, r
	}
	pattern, r := b.text(e.Args[1])
	if r != nil {
		return nil, r
	}
	if pattern.isColumn {
		return nil, refuse("pattern", "the pattern of LIKE is a column")
	}
	lit, ok := e.Args[2].(*tables.Lit)
	if !ok || lit.Value.IsNull() || lit.Value.Type.Kind != tables.KindText {
		return nil, refuse("escape", "the escape character of LIKE isn't a plain literal")
	}
	escape := noEscape
	if s := lit.Value.S; s != "" {
		var size int
		escape, size = utf8.DecodeRuneInString(s)
		if size != len(s) {
			return nil, refuse("escape", "the escape of LIKE is more than one character")
		}
		if escape == '%' || escape == '_' {
			return nil, refuse("escape", "MySQL treats %s as the escape character of LIKE in its own way", s)
		}
	}
	if pattern.null {
		return constant(unknown), nil
	}
	return like{x, compileLike(pattern.value, escape)}, nil
}

func (b *binder) in(e *tables.In) (predicate, *refusal) {
	left := familyOf(e.Left)
	if left == familyOther {
		return nil, refuse("type", "a value of type %s isn't read from files", e.Left.Type())
	}
	list := e.List
	if e.Keys != nil {
		list = []tables.Expr{&tables.Lit{Value: tables.NullOf(e.Keys.Typ)}}
	}
	for _, x := range list {
		if f := familyOf(x); f == familyOther || left != familyNull && f != familyNull && f != left {
			return nil, refuse("type", "%s is looked for among values of type %s, and MySQL would convert one of them", e.Left.Type(), x.Type())
		}
	}
	if e.Keys != nil {
		list = list[:0]
		if !b.dry {
			if e.Keys.N >= len(b.args) {
				return nil, refuse("argument", "argument %d is missing", e.Keys.N)
			}
			for _, k := range b.args[e.Keys.N].Keys {
				list = append(list, &tables.Lit{Value: k})
			}
		}
	}
	if left == familyInt {
		return b.intIn(e.Left, list)
	}
	p := textIn{list: make(map[string]struct{}, len(list))}
	var r *refusal
	if p.x, r = b.text(e.Left); r != nil {
		return nil, r
	}
	for _, x := range list {
		item, r := b.text(x)
		if r != nil {
			return nil, r
		}
		if item.isColumn {
			return nil, refuse("list", "the list of IN holds a column")
		}
		if item.null {
			p.hasNull = true
		} else {
			p.list[item.value] = struct{}{}
		}
	}
	return p, nil
}

func (b *binder) intIn(left tables.Expr, list []tables.Expr) (predicate, *refusal) {
	p := intIn{list: make(map[int64]struct{}, len(list))}
	var r *refusal
	if p.x, r = b.int(left); r != nil {
		return nil, r
	}
	for _, x := range list {
		item, r := b.int(x)
		switch {
		case r != nil:
			return nil, r
		case item.kind != intConstant:
			return nil, refuse("list", "the list of IN holds a column")
		case item.value.null:
			p.hasNull = true
		case !item.value.above: // no column has such a value
			p.list[item.value.i] = struct{}{}
		}
	}
	return p, nil
}

// family is how values are compared.
type family uint8

const (
	familyOther family = iota
	familyNull         // a bare NULL: fits all
	familyText
	familyInt
)

func familyOf(e tables.Expr) family {
	switch k := e.Type().Kind; {
	case k == tables.KindNull:
		return familyNull
	case k == tables.KindText:
		return familyText
	case k.IsInteger():
		return familyInt
	}
	return familyOther
}

// text binds e as an operand that is text or NULL.
func (b *binder) text(e tables.Expr) (textOperand, *refusal) {
	switch e := e.(type) {
	case *tables.Lit:
		return textOperand{value: e.Value.S, null: e.Value.IsNull()}, nil
	case *tables.Param:
		v, r := b.argument(e)
		return textOperand{value: v.S, null: v.IsNull()}, r
	}
	c, r := b.column(e)
	if r == nil && !c.isText() {
		r = refuse("type", "a number stands where text is needed")
	}
	return textOperand{isColumn: true, column: c}, r
}

// int binds e as an operand that is an integer or NULL.
func (b *binder) int(e tables.Expr) (intOperand, *refusal) {
	var v tables.Value
	switch e := e.(type) {
	case *tables.Lit:
		v = e.Value
	case *tables.Param:
		var r *refusal
		if v, r = b.argument(e); r != nil {
			return intOperand{}, r
		}
	case *tables.AggRef:
		return intOperand{kind: intCount, count: e.N}, nil
	default:
		c, r := b.column(e)
		switch {
		case r != nil:
			return intOperand{}, r
		case c.kind == colOffset:
			return intOperand{kind: intOffset}, nil
		case c.kind == colPos:
			return intOperand{kind: intPos}, nil
		}
		return intOperand{}, refuse("type", "text stands where a number is needed")
	}
	switch {
	case v.IsNull():
		return intOperand{value: integer{null: true}}, nil
	case v.Type.Kind == tables.KindUint64 && v.U > math.MaxInt64:
		return intOperand{value: integer{i: int64(v.U - math.MaxInt64 - 1), above: true}}, nil
	case v.Type.Kind == tables.KindUint64:
		return intOperand{value: integer{i: int64(v.U)}}, nil
	}
	return intOperand{value: integer{i: v.I}}, nil
}

func (b *binder) argument(p *tables.Param) (tables.Value, *refusal) {
	if b.dry {
		return tables.NullOf(p.Typ), nil
	}
	if p.N >= len(b.args) {
		return tables.Value{}, refuse("argument", "argument %d is missing", p.N)
	}
	v := b.args[p.N].Value
	if !v.IsNull() && familyOf(p) != familyOf(&tables.Lit{Value: v}) {
		return v, refuse("argument", "argument %d is of type %s instead of %s", p.N, v.Type, p.Typ)
	}
	return v, nil
}

// column binds a reference to a column or a group key.
func (b *binder) column(e tables.Expr) (column, *refusal) {
	var c column
	switch e := e.(type) {
	case *tables.Col:
		if e.Scan != 0 || e.Index >= len(b.columns) || b.keys != nil {
			return c, refuse("column", "%s is no column of the table here", e.Name)
		}
		c = b.columns[e.Index]
	case *tables.KeyRef:
		if e.N >= len(b.keys) {
			return c, refuse("column", "there is no such group key")
		}
		c = b.keys[e.N]
	case *tables.Call:
		return c, refuse("function", "%s isn't computed while files are read", e.Op)
	default:
		return c, refuse("expression", "only columns and constants are compared while files are read")
	}
	b.usesText = b.usesText || c.kind == colText
	b.usesLine = b.usesLine || c.kind == colOffset || c.kind == colPos
	return c, nil
}
