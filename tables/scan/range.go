package scan

import (
	"fmt"
	"math"

	"gridgate/tables"
)

// TimeRange are the conjuncts that bound a TIMESTAMP column: comparisons with
// constants and arguments of type TIMESTAMP.
type TimeRange struct {
	Column    int
	conjuncts []*tables.Call
}

// mirrored is the operator with its sides exchanged.
var mirrored = map[tables.Op]tables.Op{
	tables.OpEq: tables.OpEq, tables.OpLt: tables.OpGt, tables.OpLe: tables.OpGe, tables.OpGt: tables.OpLt, tables.OpGe: tables.OpLe,
}

// Add takes the conjunct if it is such a one.
func (r *TimeRange) Add(e tables.Expr) bool {
	c, ok := e.(*tables.Call)
	if !ok {
		return false
	}
	op, ok := mirrored[c.Op]
	if !ok {
		return false
	}
	switch {
	case isColumn(c.Args[0], r.Column) && isInstant(c.Args[1]):
	case isColumn(c.Args[1], r.Column) && isInstant(c.Args[0]):
		c = &tables.Call{Op: op, Args: []tables.Expr{c.Args[1], c.Args[0]}, Typ: c.Typ, Null: c.Null}
	default:
		return false
	}
	r.conjuncts = append(r.conjuncts, c)
	return true
}

func isInstant(e tables.Expr) bool {
	kind := e.Type().Kind
	return constant(e) && (kind == tables.KindTimestamp || kind == tables.KindNull)
}

// Any reports whether a conjunct was taken.
func (r *TimeRange) Any() bool { return len(r.conjuncts) > 0 }

// Bounds are the least and the greatest value that pass all conjuncts, in
// microseconds; with least > greatest nothing passes. The error says that an
// argument is missing.
func (r *TimeRange) Bounds(args tables.Args) (least, greatest int64, err error) {
	least, greatest = math.MinInt64, math.MaxInt64
	for _, c := range r.conjuncts {
		v, ok := value(c.Args[1], args)
		if !ok {
			return 0, 0, fmt.Errorf("argument %d is missing", c.Args[1].(*tables.Param).N)
		}
		if v.IsNull() { // a comparison with NULL is never true
			return 1, 0, nil
		}
		switch c.Op {
		case tables.OpEq:
			least, greatest = max(least, v.I), min(greatest, v.I)
		case tables.OpLt:
			greatest = min(greatest, v.I-1)
		case tables.OpLe:
			greatest = min(greatest, v.I)
		case tables.OpGt:
			least = max(least, v.I+1)
		case tables.OpGe:
			least = max(least, v.I)
		}
	}
	return least, greatest, nil
}
