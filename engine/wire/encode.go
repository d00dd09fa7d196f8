package wire

import (
	"encoding/binary"
	"math"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/encodings"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// encoder writes the rows of one result in one of the two protocols. Values
// look the same whether they come in vectors or from go-mysql-server.
type encoder struct {
	ctx     *sql.Context
	cols    []column
	binary  bool
	zone    *semantics.Zone // in which a TIMESTAMP is shown
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

func newEncoder(ctx *sql.Context, schema sql.Schema, binary bool, zone *semantics.Zone) *encoder {
	e := &encoder{ctx: ctx, cols: make([]column, len(schema)), binary: binary, zone: zone, scratch: make([]byte, 0, 512)}
	conv := conversionOf(ctx.GetCharacterSetResults())
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

// conversionOf is the encoder of a character set; nil where UTF-8 can go out as it is.
func conversionOf(id sql.CharacterSetID) encodings.Encoder {
	if isUTF8(id) {
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
		return short(tables.AppendFloat(append(dst, 0), v.Floats[i]), start)
	case tables.KindFloat64:
		return short(tables.AppendDouble(append(dst, 0), v.Floats[i]), start)
	case tables.KindDate:
		return short(appendDate(append(dst, 0), v.Ints[i]), start)
	case tables.KindDatetime:
		return short(appendDatetime(append(dst, 0), v.Ints[i], int(v.Type.Scale)), start)
	case tables.KindTimestamp:
		return short(appendDatetime(append(dst, 0), e.zone.Local(v.Ints[i]), int(v.Type.Scale)), start)
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
		return appendDatetimeBinary(dst, e.zone.Local(v.Ints[i])), nil
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
