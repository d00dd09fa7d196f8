package planner

import (
	"encoding/binary"
	"math"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/eval"
	"gridgate/tables"
)

// keyList collects distinct keys of one column.
type keyList struct {
	values []tables.Value
	seen   map[tables.Value]struct{}
}

func (l *keyList) add(v tables.Value) {
	if l.seen == nil {
		l.seen = map[tables.Value]struct{}{}
	}
	if _, there := l.seen[v]; !there {
		l.seen[v] = struct{}{}
		l.values = append(l.values, v)
	}
}

// A key is a value by which rows are matched, whatever the width of its type.
type keyOf tables.Value

func keyValue(ctx *sql.Context, e sql.Expression, x any) (keyOf, error) {
	t, ok := eval.TableType(e.Type(ctx))
	if !ok {
		return keyOf{}, cannotf("a key has the type %s", e.Type(ctx))
	}
	v, err := eval.FromSQL(ctx, x, t)
	return keyOf(v), err
}

// as is the key as a value of type t, which compares with its own type as they
// are; fits is false where t has no such value.
func (k keyOf) as(t tables.Type) (_ tables.Value, fits bool) {
	v := tables.Value(k)
	from := v.Type
	v.Type = t
	switch t.Kind {
	case tables.KindUint64:
		if from.Kind != tables.KindUint64 {
			fits = v.I >= 0
			v.U, v.I = uint64(v.I), 0
			return v, fits
		}
	case tables.KindBool, tables.KindInt8, tables.KindInt16, tables.KindInt32, tables.KindInt64:
		if from.Kind == tables.KindUint64 {
			fits = v.U <= math.MaxInt64
			v.I, v.U = int64(v.U), 0
		} else {
			fits = true
		}
		bits := integerBits[t.Kind]
		return v, fits && v.I >= -1<<(bits-1) && v.I <= 1<<(bits-1)-1
	case tables.KindFloat64:
		if v.F == 0 {
			v.F = 0 // -0 equals 0
		}
	case tables.KindDatetime, tables.KindTimestamp, tables.KindTime:
		unit := int64(1)
		for range 6 - t.Scale {
			unit *= 10
		}
		return v, v.I%unit == 0
	}
	return v, true
}

var integerBits = map[tables.Kind]uint{
	tables.KindBool: 8, tables.KindInt8: 8, tables.KindInt16: 16, tables.KindInt32: 32, tables.KindInt64: 64,
}

// appendKey appends what is the same for equal values.
func appendKey(b []byte, k keyOf) []byte {
	switch k.Type.Kind.Storage() {
	case tables.StoreInts:
		if k.I < 0 {
			b = append(b, '-')
		}
		return binary.LittleEndian.AppendUint64(b, uint64(k.I))
	case tables.StoreUints:
		return binary.LittleEndian.AppendUint64(b, k.U)
	case tables.StoreFloats:
		if k.F == 0 {
			return binary.LittleEndian.AppendUint64(b, 0)
		}
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(k.F))
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(k.S)))
	return append(b, k.S...)
}
