package eval

import (
	"fmt"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// RowValue is value i of v as go-mysql-server keeps it in a row.
func RowValue(v *tables.Vector, i int) (any, error) {
	if v.Nulls.Get(i) {
		return nil, nil
	}
	switch v.Type.Kind {
	case tables.KindBool, tables.KindInt8:
		return int8(v.Ints[i]), nil
	case tables.KindInt64:
		return v.Ints[i], nil
	case tables.KindText:
		return v.Strings[i], nil
	case tables.KindFloat64:
		return v.Floats[i], nil
	}
	return ToSQL(v.Value(i))
}

// ToSQL is v as go-mysql-server keeps it in a row. The error says that a
// DECIMAL is no number.
func ToSQL(v tables.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	switch v.Type.Kind {
	case tables.KindBool, tables.KindInt8:
		return int8(v.I), nil
	case tables.KindInt16:
		return int16(v.I), nil
	case tables.KindInt32:
		return int32(v.I), nil
	case tables.KindInt64:
		return v.I, nil
	case tables.KindUint64:
		return v.U, nil
	case tables.KindFloat32:
		return float32(v.F), nil
	case tables.KindFloat64:
		return v.F, nil
	case tables.KindDecimal:
		d, _, err := apd.NewFromString(v.S)
		if err != nil {
			return nil, fmt.Errorf("reading the DECIMAL %q: %w", v.S, err)
		}
		return d, nil
	case tables.KindText:
		return v.S, nil
	case tables.KindBytes:
		return []byte(v.S), nil
	case tables.KindDate:
		return time.Unix(v.I*86400, 0).UTC(), nil
	case tables.KindDatetime, tables.KindTimestamp:
		return time.UnixMicro(v.I).UTC(), nil
	case tables.KindTime:
		return types.Timespan(v.I), nil
	case tables.KindJSON:
		return semantics.NewDocument(v.S), nil
	}
	return nil, fmt.Errorf("a value of unknown type %v", v.Type)
}

// FromSQL is a go-mysql-server value as one of type t, converted as MySQL
// would on assignment where the Go type differs.
func FromSQL(ctx *sql.Context, x any, t tables.Type) (tables.Value, error) {
	if x == nil {
		return tables.NullOf(t), nil
	}
	x, err := sql.UnwrapAny(ctx, x)
	if err != nil {
		return tables.Value{}, err
	}
	to := SQLType(t)
	if t.Kind == tables.KindTimestamp {
		// An instant may be beyond the years that a TIMESTAMP can be stored in:
		// those that a column is compared with are.
		to = SQLType(tables.Datetime(t.Scale))
	}
	c, in, err := to.Convert(ctx, x)
	if err != nil {
		return tables.Value{}, err
	}
	if in != sql.InRange {
		return tables.Value{}, fmt.Errorf("%v is out of the range of %v", x, t)
	}
	v := tables.Value{Type: t}
	switch c := c.(type) {
	case bool:
		if c {
			v.I = 1
		}
	case int8:
		v.I = int64(c)
	case int16:
		v.I = int64(c)
	case int32:
		v.I = int64(c)
	case int64:
		v.I = c
	case uint64:
		v.U = c
	case float32:
		v.F = float64(c)
	case float64:
		v.F = c
	case *apd.Decimal:
		v.S = c.Text('f')
	case string:
		v.S = c
	case []byte:
		v.S = string(c)
	case types.Timespan:
		v.I = int64(c)
	case time.Time:
		if t.Kind == tables.KindDate {
			v.I = floorDiv(c.Unix(), 86400)
		} else {
			v.I = c.UnixMicro()
		}
	case sql.JSONWrapper:
		text, err := semantics.JSONText(ctx, c)
		if err != nil {
			return tables.Value{}, err
		}
		v.S = string(text)
	default:
		return tables.Value{}, fmt.Errorf("no conversion of %T to %v", c, t)
	}
	return v, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
