package semantics

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// The first byte of an encoded value. No encoding is a prefix of another one,
// so a row's key is the concatenation of its values' encodings.
const (
	keyNull byte = iota
	keyText
	keyInt
	keyUint // above the largest BIGINT
	keyDecimal
	keyFloat
	keyTime
	keySpan
	keyJSON
	keyOther
)

// keyCoder turns rows into byte strings that are equal exactly when MySQL's
// GROUP BY and DISTINCT hold the rows equal: NULL equals NULL, text compares by
// its collation, 1.0 equals 1.00, -0.0 equals 0.0, JSON compares by value.
// It is used by one goroutine.
type keyCoder struct {
	types []sql.Type
	colls []sql.CollationID // of text columns whose collation is not binary; else 0
	buf   []byte
}

func newKeyCoder(columns []sql.Type) *keyCoder {
	c := &keyCoder{types: columns, colls: make([]sql.CollationID, len(columns))}
	for i, t := range columns {
		if st, ok := t.(sql.StringType); ok && !bytewise(st.Collation()) {
			c.colls[i] = st.Collation()
		}
	}
	return c
}

func schemaTypes(s sql.Schema) []sql.Type {
	out := make([]sql.Type, len(s))
	for i, c := range s {
		out[i] = c.Type
	}
	return out
}

func expressionTypes(ctx *sql.Context, exprs []sql.Expression) []sql.Type {
	out := make([]sql.Type, len(exprs))
	for i, e := range exprs {
		out[i] = e.Type(ctx)
	}
	return out
}

// bytewise says that a collation holds only identical strings equal.
func bytewise(c sql.CollationID) bool {
	return c == sql.Collation_binary || c == sql.Collation_Unspecified || strings.HasSuffix(c.Name(), "_bin")
}

// row encodes a row. Rows of a subquery carry the outer row in front
// (plan.PrependRowInPlan), which is the same for all of them: only the columns
// at the end count. The result is valid until the next call.
func (c *keyCoder) row(ctx *sql.Context, row sql.Row) ([]byte, error) {
	if len(row) > len(c.types) {
		row = row[len(row)-len(c.types):]
	}
	c.buf = c.buf[:0]
	for i, v := range row {
		if err := c.appendValue(ctx, i, v); err != nil {
			return nil, err
		}
	}
	return c.buf, nil
}

func (c *keyCoder) appendValue(ctx *sql.Context, column int, v any) error {
	v, err := sql.UnwrapAny(ctx, v)
	if err != nil {
		return err
	}
	if v == nil {
		c.buf = append(c.buf, keyNull)
		return nil
	}
	t := c.types[column]
	switch {
	case types.IsText(t):
		return c.appendText(ctx, column, v)
	case types.IsJSON(t):
		return c.appendJSON(ctx, v)
	case types.IsFloat(t):
		if f, ok := exactToFloat(v); ok {
			v = f
		}
	}
	if ext, ok := t.(sql.ExtendedType); ok {
		b, err := ext.SerializeValue(ctx, v)
		if err != nil {
			return err
		}
		c.appendBytes(keyOther, b)
		return nil
	}
	return c.appendPlain(ctx, v)
}

// appendText encodes a value of a text column. Where the collation holds
// different strings equal, the key is made of the characters' weights.
func (c *keyCoder) appendText(ctx *sql.Context, column int, v any) error {
	s, ok := v.(string)
	if !ok {
		if b, isBytes := v.([]byte); isBytes {
			s = string(b)
		} else {
			var err error
			if st, isString := c.types[column].(sql.StringType); isString {
				s, err = types.ConvertToString(ctx, v, st, nil)
			} else {
				return c.appendPlain(ctx, v) // ENUM and SET count by number
			}
			if err != nil {
				return err
			}
		}
	}
	return c.appendCollated(c.colls[column], s)
}

// weights collects what a collation writes.
type weights []byte

func (w *weights) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

func (c *keyCoder) appendPlain(ctx *sql.Context, v any) error {
	switch v := v.(type) {
	case bool:
		if v {
			c.appendFixed(keyInt, 1)
		} else {
			c.appendFixed(keyInt, 0)
		}
	case int:
		c.appendFixed(keyInt, uint64(v))
	case int8:
		c.appendFixed(keyInt, uint64(v))
	case int16:
		c.appendFixed(keyInt, uint64(v))
	case int32:
		c.appendFixed(keyInt, uint64(v))
	case int64:
		c.appendFixed(keyInt, uint64(v))
	case uint:
		c.appendUint(uint64(v))
	case uint8:
		c.appendUint(uint64(v))
	case uint16:
		c.appendUint(uint64(v))
	case uint32:
		c.appendUint(uint64(v))
	case uint64:
		c.appendUint(v)
	case float32:
		c.appendFloat(float64(v))
	case float64:
		c.appendFloat(v)
	case *apd.Decimal:
		c.appendDecimal(v)
	case string:
		c.appendString(keyText, v)
	case []byte:
		c.appendBytes(keyText, v)
	case time.Time:
		c.appendFixed(keyTime, uint64(v.Unix()))
		c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(v.Nanosecond()))
	case types.Timespan:
		c.appendFixed(keySpan, uint64(v))
	case sql.JSONWrapper:
		return c.appendJSON(ctx, v)
	default:
		c.appendString(keyOther, fmt.Sprintf("%T %v", v, v))
	}
	return nil
}

func (c *keyCoder) appendUint(v uint64) {
	if v > math.MaxInt64 {
		c.appendFixed(keyUint, v)
		return
	}
	c.appendFixed(keyInt, v)
}

func (c *keyCoder) appendFixed(kind byte, v uint64) {
	c.buf = binary.BigEndian.AppendUint64(append(c.buf, kind), v)
}

func (c *keyCoder) appendString(kind byte, s string) {
	c.buf = binary.AppendUvarint(append(c.buf, kind), uint64(len(s)))
	c.buf = append(c.buf, s...)
}

func (c *keyCoder) appendBytes(kind byte, b []byte) {
	c.buf = binary.AppendUvarint(append(c.buf, kind), uint64(len(b)))
	c.buf = append(c.buf, b...)
}

func (c *keyCoder) appendFloat(f float64) {
	if f == 0 {
		f = 0 // the negative zero equals the positive one
	}
	c.appendFixed(keyFloat, math.Float64bits(f))
}

// appendDecimal encodes the number, whatever its scale, as an integer where it is one.
func (c *keyCoder) appendDecimal(d *apd.Decimal) {
	if d.Form != apd.Finite {
		c.appendString(keyDecimal, d.String())
		return
	}
	var r apd.Decimal
	r.Reduce(d)
	if r.Exponent >= 0 && r.Exponent <= 19 {
		if n, err := r.Int64(); err == nil {
			c.appendFixed(keyInt, uint64(n))
			return
		}
		if !r.Negative {
			if n, ok := decimalToUint64(&r); ok {
				c.appendUint(n)
				return
			}
		}
	}
	c.appendString(keyDecimal, r.Text('e'))
}

// exactToFloat converts an integer or a decimal that stands in a column of type DOUBLE.
func exactToFloat(v any) (float64, bool) {
	if d, ok := v.(*apd.Decimal); ok {
		f, err := d.Float64()
		return f, err == nil
	}
	if n, ok := toInt64(v); ok {
		return float64(n), true
	}
	if u, ok := v.(uint64); ok {
		return float64(u), true
	}
	return 0, false
}
