package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/sqltypes"
)

// appendTextBinary appends a value that is known as MySQL's text in the binary
// protocol's form of its column. The form is the column's, also where the
// value was made by another type: the client reads by the column.
func appendTextBinary(dst []byte, c *column, text []byte) ([]byte, error) {
	s := string(text)
	switch {
	case c.width > 0:
		u, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			i, ierr := strconv.ParseInt(s, 10, 64)
			if ierr != nil {
				return dst, fmt.Errorf("%q isn't a value of %s", s, c.typ)
			}
			u = uint64(i)
		}
		return appendIntBinary(dst, u, c.width), nil
	case c.wire == sqltypes.Float64, c.wire == sqltypes.Float32:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return dst, fmt.Errorf("%q isn't a value of %s", s, c.typ)
		}
		if c.wire == sqltypes.Float32 {
			return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(f))), nil
		}
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f)), nil
	case c.isDate():
		return appendDateText(dst, c, s)
	case c.wire == sqltypes.Time:
		micros, err := parseClock(s)
		if err != nil {
			return dst, fmt.Errorf("%q isn't a value of %s: %w", s, c.typ, err)
		}
		return appendTimeBinary(dst, micros), nil
	default:
		return appendBytes(dst, text), nil
	}
}

// appendDateText appends a date with or without a time of day. Zero dates,
// which no calendar has, are written as nothing.
func appendDateText(dst []byte, c *column, s string) ([]byte, error) {
	date, clock, _ := strings.Cut(s, " ")
	if date == "0000-00-00" {
		return append(dst, 0), nil
	}
	if n := len("0000-00-00") - len(date); n > 0 { // go-mysql-server writes short years short
		date = strings.Repeat("0", n) + date
	}
	t, err := time.Parse("2006-01-02", date)
	if err != nil {
		return dst, fmt.Errorf("%q isn't a value of %s", s, c.typ)
	}
	micros := t.UnixMicro()
	if clock != "" {
		m, err := parseClock(clock)
		if err != nil {
			return dst, fmt.Errorf("%q isn't a value of %s: %w", s, c.typ, err)
		}
		micros += m
	}
	return appendDatetimeBinary(dst, micros), nil
}

// parseClock reads [-]h:mm:ss[.ffffff] as microseconds.
func parseClock(s string) (int64, error) {
	rest, neg := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(rest, ".")
	parts := strings.Split(whole, ":")
	if len(parts) != 3 || len(frac) > 6 {
		return 0, fmt.Errorf("not a time of day")
	}
	var micros int64
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("not a time of day")
		}
		micros = micros*60 + int64(n)
	}
	micros *= microsPerSecond
	if frac != "" {
		n, err := strconv.ParseUint((frac + "000000")[:6], 10, 32)
		if err != nil {
			return 0, fmt.Errorf("not a time of day")
		}
		micros += int64(n)
	}
	if neg {
		micros = -micros
	}
	return micros, nil
}

// cutLength takes a length-encoded value, which is not NULL, from the front
// of b.
func cutLength(b []byte) (value, rest []byte) {
	n, head := 0, 1
	switch b[0] {
	case 0xfc:
		n, head = int(binary.LittleEndian.Uint16(b[1:])), 3
	case 0xfd:
		n, head = int(b[1])|int(b[2])<<8|int(b[3])<<16, 4
	case 0xfe:
		n, head = int(binary.LittleEndian.Uint64(b[1:])), 9
	default:
		n = int(b[0])
	}
	return b[head : head+n : head+n], b[head+n:]
}
