package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/encodings"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"gridgate/tables"
)

// encoder writes the rows of one result in one of the two protocols. Values
// look the same whether they come in vectors or from go-mysql-server.
type encoder struct {
	ctx     *sql.Context
	cols    []column
	binary  bool
	zone    *time.Location // of TIMESTAMP; nil: UTC
	scratch []byte
}

// column is how a column is written.
type column struct {
	typ   sql.Type
	wire  querypb.Type
	scale int               // digits after the second that a DATETIME or TIMESTAMP shows
	width int               // bytes of an integer in the binary protocol; 0: not an integer
	text  bool              // values are text in a character set
	conv  encodings.Encoder // of text, when the client's character set isn't UTF-8
}

func newEncoder(ctx *sql.Context, schema sql.Schema, binary bool, zone *time.Location) *encoder {
	e := &encoder{ctx: ctx, cols: make([]column, len(schema)), binary: binary, zone: zone, scratch: make([]byte, 0, 512)}
	conv := conversion(ctx.GetCharacterSetResults())
	for i, c := range schema {
		col := &e.cols[i]
		col.typ, col.wire = c.Type, c.Type.Type()
		col.width = integerWidth(col.wire)
		if d, ok := c.Type.(sql.DatetimeType); ok {
			col.scale = d.Precision()
		}
		if col.text = isText(c.Type); col.text {
			col.conv = conv
		}
	}
	return e
}

// conversion is the encoder of a character set; nil where UTF-8 can go out as
// it is.
func conversion(id sql.CharacterSetID) encodings.Encoder {
	switch id {
	case sql.CharacterSet_Unspecified, sql.CharacterSet_binary, sql.CharacterSet_utf8mb4, sql.CharacterSet_utf8mb3:
		return nil
	}
	return id.Encoder()
}

func integerWidth(t querypb.Type) int {
	switch t {
	case sqltypes.Int8, sqltypes.Uint8:
		return 1
	case sqltypes.Int16, sqltypes.Uint16, sqltypes.Year:
		return 2
	case sqltypes.Int24, sqltypes.Uint24, sqltypes.Int32, sqltypes.Uint32:
		return 4
	case sqltypes.Int64, sqltypes.Uint64:
		return 8
	}
	return 0
}

// appendBatchRow appends row i of b, without the packet's header.
func (e *encoder) appendBatchRow(dst []byte, b *tables.Batch, i int) ([]byte, error) {
	if !e.binary {
		for j := range b.Cols {
			v := &b.Cols[j]
			if v.Nulls.Get(i) {
				dst = appendNull(dst)
				continue
			}
			dst = e.appendVectorText(dst, &e.cols[j], v, i)
		}
		return dst, nil
	}
	dst, nulls := e.openBinary(dst)
	for j := range b.Cols {
		v := &b.Cols[j]
		if v.Nulls.Get(i) {
			setNull(dst[nulls:], j)
			continue
		}
		var err error
		if dst, err = e.appendVectorBinary(dst, &e.cols[j], v, i); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// openBinary appends what a binary row begins with, and gives where its NULL
// bits are.
func (e *encoder) openBinary(dst []byte) (_ []byte, nulls int) {
	dst = append(dst, 0)
	nulls = len(dst)
	for n := (len(e.cols) + 7 + 2) / 8; n > 0; n-- {
		dst = append(dst, 0)
	}
	return dst, nulls
}

func setNull(bits []byte, col int) { bits[(col+2)/8] |= 1 << ((col + 2) % 8) }

// appendVectorText appends value i of v, which is not NULL.
func (e *encoder) appendVectorText(dst []byte, c *column, v *tables.Vector, i int) []byte {
	start := len(dst)
	switch v.Type.Kind {
	case tables.KindText:
		return c.appendText(dst, v.Strings[i])
	case tables.KindDecimal, tables.KindBytes, tables.KindJSON:
		return appendString(dst, v.Strings[i])
	case tables.KindUint64:
		return appendUintText(dst, v.Uints[i])
	case tables.KindFloat32:
		return short(appendFloat(append(dst, 0), v.Floats[i]), start)
	case tables.KindFloat64:
		return short(appendDouble(append(dst, 0), v.Floats[i]), start)
	case tables.KindDate:
		return short(appendDate(append(dst, 0), v.Ints[i]), start)
	case tables.KindDatetime:
		return short(appendDatetime(append(dst, 0), v.Ints[i], int(v.Type.Scale)), start)
	case tables.KindTimestamp:
		return short(appendDatetime(append(dst, 0), inZone(v.Ints[i], e.zone), int(v.Type.Scale)), start)
	case tables.KindTime:
		return short(appendTime(append(dst, 0), v.Ints[i], int(v.Type.Scale)), start)
	case tables.KindNull:
		return appendNull(dst)
	default:
		return appendIntText(dst, v.Ints[i])
	}
}

// appendVectorBinary appends value i of v, which is not NULL.
func (e *encoder) appendVectorBinary(dst []byte, c *column, v *tables.Vector, i int) ([]byte, error) {
	switch k := v.Type.Kind; {
	case k == tables.KindText && c.text:
		return c.appendText(dst, v.Strings[i]), nil
	case k.Storage() == tables.StoreStrings && !c.isNumber() && !c.isTemporal():
		return appendString(dst, v.Strings[i]), nil
	case k == tables.KindUint64 && c.width > 0:
		return appendIntBinary(dst, v.Uints[i], c.width), nil
	case k.IsInteger() && c.width > 0:
		return appendIntBinary(dst, uint64(v.Ints[i]), c.width), nil
	case k.Storage() == tables.StoreFloats && c.wire == sqltypes.Float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Floats[i])), nil
	case k.Storage() == tables.StoreFloats && c.wire == sqltypes.Float32:
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(v.Floats[i]))), nil
	case k == tables.KindDate && c.isDate():
		return appendDateBinary(dst, v.Ints[i]), nil
	case k == tables.KindDatetime && c.isDate():
		return appendDatetimeBinary(dst, v.Ints[i]), nil
	case k == tables.KindTimestamp && c.isDate():
		return appendDatetimeBinary(dst, inZone(v.Ints[i], e.zone)), nil
	case k == tables.KindTime && c.wire == sqltypes.Time:
		return appendTimeBinary(dst, v.Ints[i]), nil
	}
	// The vector isn't of the column's type: by way of its text.
	e.scratch = e.appendVectorText(e.scratch[:0], c, v, i)
	text, _ := cutLength(e.scratch)
	return appendTextBinary(dst, c, text)
}

func (c *column) isNumber() bool {
	return c.width > 0 || c.wire == sqltypes.Float64 || c.wire == sqltypes.Float32
}

func (c *column) isDate() bool {
	return c.wire == sqltypes.Date || c.wire == sqltypes.Datetime || c.wire == sqltypes.Timestamp
}

func (c *column) isTemporal() bool { return c.isDate() || c.wire == sqltypes.Time }

// appendText appends text in the client's character set. What that set has no
// character for becomes a question mark, as in MySQL.
func (c *column) appendText(dst []byte, s string) []byte {
	if c.conv == nil {
		return appendString(dst, s)
	}
	return appendBytes(dst, c.conv.EncodeReplaceUnknown([]byte(s)))
}

// appendRow appends a row of go-mysql-server, without the packet's header.
func (e *encoder) appendRow(dst []byte, row sql.Row) ([]byte, error) {
	if len(row) < len(e.cols) {
		return dst, fmt.Errorf("a row has %d values instead of %d", len(row), len(e.cols))
	}
	nulls := 0
	if e.binary {
		dst, nulls = e.openBinary(dst)
	}
	for j := range e.cols {
		c := &e.cols[j]
		v := row[j]
		if v == nil {
			if e.binary {
				setNull(dst[nulls:], j)
			} else {
				dst = appendNull(dst)
			}
			continue
		}
		var isNull bool
		var err error
		if dst, isNull, err = e.appendValue(dst, c, v); err != nil {
			return dst, err
		}
		if isNull && e.binary {
			setNull(dst[nulls:], j)
		}
	}
	return dst, nil
}

// appendValue appends a value of go-mysql-server. The common ones are written
// at once; the others are converted by their type. Of a value that the type
// says is NULL, the binary form is nothing.
func (e *encoder) appendValue(dst []byte, c *column, v any) (_ []byte, isNull bool, err error) {
	switch x := v.(type) {
	case string:
		if c.text && c.wire != sqltypes.Enum && c.wire != sqltypes.Set {
			return c.appendText(dst, x), false, nil
		}
	case int64:
		if c.wire == sqltypes.Int64 {
			return e.appendInt(dst, c, x), false, nil
		}
	case int32:
		if c.wire == sqltypes.Int32 {
			return e.appendInt(dst, c, int64(x)), false, nil
		}
	case int8:
		if c.wire == sqltypes.Int8 {
			return e.appendInt(dst, c, int64(x)), false, nil
		}
	case uint64:
		if c.wire == sqltypes.Uint64 {
			if e.binary {
				return appendIntBinary(dst, x, 8), false, nil
			}
			return appendUintText(dst, x), false, nil
		}
	case float64:
		if c.wire == sqltypes.Float64 {
			if e.binary {
				return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x)), false, nil
			}
			start := len(dst)
			return short(appendDouble(append(dst, 0), x), start), false, nil
		}
	case time.Time:
		if c.wire == sqltypes.Timestamp && e.zone != nil {
			x = time.UnixMicro(inZone(x.UnixMicro(), e.zone)).UTC()
			v = x
		}
		if c.fits(x) {
			return e.appendTimestamp(dst, c, x), false, nil
		}
	}
	val, err := c.typ.SQL(e.ctx, e.scratch[:0], v)
	if err != nil {
		return dst, false, err
	}
	if val.IsNull() {
		if !e.binary {
			dst = appendNull(dst)
		}
		return dst, true, nil
	}
	raw := val.Raw()
	if e.binary {
		dst, err = appendTextBinary(dst, c, raw)
		return dst, false, err
	}
	switch c.wire {
	case sqltypes.Float64, sqltypes.Float32:
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			return appendBytes(dst, raw), false, nil
		}
		start := len(dst)
		dst = append(dst, 0)
		if c.wire == sqltypes.Float32 {
			return short(appendFloat(dst, f), start), false, nil
		}
		return short(appendDouble(dst, f), start), false, nil
	}
	return appendBytes(dst, raw), false, nil
}

func (e *encoder) appendInt(dst []byte, c *column, x int64) []byte {
	if e.binary {
		return appendIntBinary(dst, uint64(x), c.width)
	}
	return appendIntText(dst, x)
}

// fits reports whether t can be written for the column as it is. What is left
// to the type is rounding to the column's scale, and the zero date.
func (c *column) fits(t time.Time) bool {
	if t.Year() < 1 || t.Location() != time.UTC {
		return false
	}
	switch c.wire {
	case sqltypes.Date:
		return t.Truncate(24 * time.Hour).Equal(t)
	case sqltypes.Datetime, sqltypes.Timestamp:
		unit := time.Second
		for range c.scale {
			unit /= 10
		}
		return t.Nanosecond()%int(unit) == 0
	}
	return false
}

// appendTimestamp appends a time that fits.
func (e *encoder) appendTimestamp(dst []byte, c *column, t time.Time) []byte {
	micros := t.UnixMicro()
	start := len(dst)
	switch {
	case e.binary && c.wire == sqltypes.Date:
		return appendDateBinary(dst, floorDiv(micros, microsPerDay))
	case e.binary:
		return appendDatetimeBinary(dst, micros)
	case c.wire == sqltypes.Date:
		return short(appendDate(append(dst, 0), floorDiv(micros, microsPerDay)), start)
	default:
		return short(appendDatetime(append(dst, 0), micros, c.scale), start)
	}
}
