package semantics

import (
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Operator is a binary arithmetic operator.
type Operator string

// The operators, as SQL writes them.
const (
	Plus      Operator = "+"
	Minus     Operator = "-"
	Times     Operator = "*"
	Divide    Operator = "/"
	IntDivide Operator = "DIV"
	Modulo    Operator = "%"
)

// Arithmetic is Left Op Right. It stands for go-mysql-server's
// expression.Arithmetic, Div, IntDiv and Mod, whose integers wrap around and
// whose results have other types than MySQL's.
type Arithmetic struct {
	Op          Operator
	Left, Right sql.Expression

	// Unrounded says that Eval keeps the digits that MySQL computes with beyond
	// the scale of the result: so inside a comparison, where 1/3*3 = 1 is false.
	Unrounded bool

	typ   sql.Type
	class numericClass
	scale int32 // of typ, where it is a DECIMAL; or anyScale
}

// anyScale is the scale of a result whose operands do not say theirs.
const anyScale = -1

var (
	_ sql.Expression         = (*Arithmetic)(nil)
	_ sql.CollationCoercible = (*Arithmetic)(nil)
	_ exactEvaluator         = (*Arithmetic)(nil)
)

// NewArithmetic returns left op right.
func NewArithmetic(ctx *sql.Context, op Operator, left, right sql.Expression) *Arithmetic {
	a := &Arithmetic{Op: op, Left: left, Right: right}
	a.resolveType(ctx)
	return a
}

// resolveType follows MySQL's Item_num_op and its subclasses (item_func.cc,
// set_numeric_type and result_precision).
func (a *Arithmetic) resolveType(ctx *sql.Context) {
	l, r := numericOf(ctx, a.Left), numericOf(ctx, a.Right)
	if a.typ = l.deferred; a.typ == nil {
		a.typ = r.deferred
	}
	if a.typ != nil {
		return
	}
	unsigned := l.class == classUint || r.class == classUint
	switch imprecise := l.imprecise || r.imprecise; {
	case a.Op == IntDivide:
		a.setInteger(unsigned)
	case l.class == classFloat || r.class == classFloat:
		a.class, a.typ = classFloat, floatType
	case imprecise:
		a.class, a.typ, a.scale = classDecimal, types.InternalDecimalType, anyScale
	case a.Op == Divide:
		a.setDecimal(l.precision+r.scale+divPrecisionIncrement, l.scale+divPrecisionIncrement)
	case l.class == classDecimal || r.class == classDecimal:
		scale := max(l.scale, r.scale)
		whole := max(l.precision-l.scale, r.precision-r.scale)
		switch a.Op {
		case Times:
			a.setDecimal(l.precision+r.precision, l.scale+r.scale)
		case Modulo:
			a.setDecimal(whole+scale, scale)
		default:
			a.setDecimal(whole+1+scale, scale)
		}
	case a.Op == Modulo:
		a.setInteger(l.class == classUint)
	default:
		a.setInteger(unsigned)
	}
}

func (a *Arithmetic) setInteger(unsigned bool) {
	a.class, a.typ = classInt, types.Int64
	if unsigned {
		a.class, a.typ = classUint, types.Uint64
	}
}

func (a *Arithmetic) setDecimal(precision, scale int) {
	a.class, a.typ = classDecimal, decimalType(precision, scale)
	a.scale = int32(a.typ.(sql.DecimalType).Scale())
	if a.Unrounded {
		a.typ = decimalType(types.DecimalTypeMaxPrecision, types.DecimalTypeMaxScale)
	}
}

// Type implements sql.Expression.
func (a *Arithmetic) Type(*sql.Context) sql.Type { return a.typ }

// IsNullable implements sql.Expression.
func (a *Arithmetic) IsNullable(ctx *sql.Context) bool {
	switch a.Op {
	case Divide, IntDivide, Modulo:
		return true // by zero
	}
	return a.Left.IsNullable(ctx) || a.Right.IsNullable(ctx)
}

// Resolved implements sql.Expression.
func (a *Arithmetic) Resolved() bool { return a.Left.Resolved() && a.Right.Resolved() }

// Children implements sql.Expression.
func (a *Arithmetic) Children() []sql.Expression { return []sql.Expression{a.Left, a.Right} }

// WithChildren implements sql.Expression.
func (a *Arithmetic) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 2 {
		return nil, sql.ErrInvalidChildrenNumber.New(a, len(children), 2)
	}
	out := &Arithmetic{Op: a.Op, Left: children[0], Right: children[1], Unrounded: a.Unrounded}
	out.resolveType(ctx)
	return out, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Arithmetic) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression, in SQL that parses again.
func (a *Arithmetic) String() string {
	return fmt.Sprintf("(%s %s %s)", a.Left, a.Op, a.Right)
}

// DebugString implements sql.DebugStringer.
func (a *Arithmetic) DebugString(ctx *sql.Context) string {
	return fmt.Sprintf("(%s %s %s)", sql.DebugString(ctx, a.Left), a.Op, sql.DebugString(ctx, a.Right))
}

// Negation is the unary minus.
type Negation struct {
	Arg sql.Expression

	typ   sql.Type
	class numericClass
	scale int32 // of typ, where it is a DECIMAL
}

var (
	_ sql.Expression         = (*Negation)(nil)
	_ sql.CollationCoercible = (*Negation)(nil)
	_ exactEvaluator         = (*Negation)(nil)
)

// NewNegation returns -arg.
func NewNegation(ctx *sql.Context, arg sql.Expression) *Negation {
	n := &Negation{Arg: arg}
	of := numericOf(ctx, arg)
	switch {
	case of.deferred != nil:
		n.typ = of.deferred
	case of.class == classFloat:
		n.class, n.typ = classFloat, floatType
	case of.imprecise:
		n.class, n.typ, n.scale = classDecimal, types.InternalDecimalType, anyScale
	case of.class == classDecimal:
		n.class, n.typ, n.scale = classDecimal, decimalType(of.precision, of.scale), int32(of.scale)
	case negatesBeyondBigint(arg):
		// A constant that BIGINT cannot hold when negated (Item_func_neg::resolve_type).
		n.class, n.typ = classDecimal, decimalType(of.precision, 0)
	default:
		n.class, n.typ = classInt, types.Int64
	}
	return n
}

func negatesBeyondBigint(e sql.Expression) bool {
	lit, ok := e.(*expression.Literal)
	if !ok {
		return false
	}
	switch v := lit.Value().(type) {
	case uint64:
		return v > 1<<63
	case int64:
		return v == -1<<63
	}
	return false
}

// Type implements sql.Expression.
func (n *Negation) Type(*sql.Context) sql.Type { return n.typ }

// IsNullable implements sql.Expression.
func (n *Negation) IsNullable(ctx *sql.Context) bool { return n.Arg.IsNullable(ctx) }

// Resolved implements sql.Expression.
func (n *Negation) Resolved() bool { return n.Arg.Resolved() }

// Children implements sql.Expression.
func (n *Negation) Children() []sql.Expression { return []sql.Expression{n.Arg} }

// WithChildren implements sql.Expression.
func (n *Negation) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(n, len(children), 1)
	}
	return NewNegation(ctx, children[0]), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*Negation) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression, in SQL that parses again.
func (n *Negation) String() string { return "-" + n.Arg.String() }

// DebugString implements sql.DebugStringer.
func (n *Negation) DebugString(ctx *sql.Context) string { return "-" + sql.DebugString(ctx, n.Arg) }

// printed shows an expression as MySQL does in error 1690: columns in full and
// quoted.
func printed(e sql.Expression) string {
	switch e := e.(type) {
	case *expression.GetField:
		var parts []string
		for _, p := range []string{e.Database(), e.Table(), e.Name()} {
			if p != "" {
				parts = append(parts, "`"+p+"`")
			}
		}
		return strings.Join(parts, ".")
	case *Arithmetic:
		return fmt.Sprintf("(%s %s %s)", printed(e.Left), e.Op, printed(e.Right))
	case *Negation:
		return "-(" + printed(e.Arg) + ")"
	}
	return e.String()
}
