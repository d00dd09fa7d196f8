package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

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
			return short(tables.AppendDouble(append(dst, 0), x), start), false, nil
		}
	case sql.JSONWrapper:
		if c.wire == sqltypes.TypeJSON {
			text, err := semantics.JSONText(e.ctx, x)
			return appendBytes(dst, text), false, err
		}
	case types.Timespan:
		if c.wire == sqltypes.Time {
			return e.appendTimespan(dst, int64(x)), false, nil
		}
	case time.Time:
		if c.wire == sqltypes.Timestamp {
			x = e.zone.LocalTime(x)
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
			return short(tables.AppendFloat(dst, f), start), false, nil
		}
		return short(tables.AppendDouble(dst, f), start), false, nil
	}
	return appendBytes(dst, raw), false, nil
}

func (e *encoder) appendInt(dst []byte, c *column, x int64) []byte {
	if e.binary {
		return appendIntBinary(dst, uint64(x), c.width)
	}
	return appendIntText(dst, x)
}

// appendTimespan appends a TIME of go-mysql-server, whose type knows no scale
// and shows six digits always. MySQL's is TIME(0) unless something has a
// fraction, so the digits are shown where they say something.
func (e *encoder) appendTimespan(dst []byte, micros int64) []byte {
	if e.binary {
		return appendTimeBinary(dst, micros)
	}
	scale := 0
	if micros%microsPerSecond != 0 {
		scale = 6
	}
	start := len(dst)
	return short(appendTime(append(dst, 0), micros, scale), start)
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
