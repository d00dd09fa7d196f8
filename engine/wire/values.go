package wire

import (
	"encoding/binary"
	"strconv"

	"github.com/dolthub/vitess/go/mysql"
)

// This file appends the two protocols' elements of a row.

// appendLength writes a length-encoded integer.
func appendLength(dst []byte, n int) []byte {
	switch {
	case n < 251:
		return append(dst, byte(n))
	case n < 1<<16:
		return append(dst, 0xfc, byte(n), byte(n>>8))
	case n < 1<<24:
		return append(dst, 0xfd, byte(n), byte(n>>8), byte(n>>16))
	default:
		return binary.LittleEndian.AppendUint64(append(dst, 0xfe), uint64(n))
	}
}

func appendString(dst []byte, s string) []byte { return append(appendLength(dst, len(s)), s...) }

func appendBytes(dst, b []byte) []byte { return append(appendLength(dst, len(b)), b...) }

func appendNull(dst []byte) []byte { return append(dst, mysql.NullValue) }

// short prefixes with its length what f appends, which is shorter than 251
// bytes.
func short(dst []byte, start int) []byte {
	dst[start] = byte(len(dst) - start - 1)
	return dst
}

func appendIntText(dst []byte, i int64) []byte {
	start := len(dst)
	return short(strconv.AppendInt(append(dst, 0), i, 10), start)
}

func appendUintText(dst []byte, u uint64) []byte {
	start := len(dst)
	return short(strconv.AppendUint(append(dst, 0), u, 10), start)
}

// appendIntBinary writes the low width bytes of v.
func appendIntBinary(dst []byte, v uint64, width int) []byte {
	switch width {
	case 1:
		return append(dst, byte(v))
	case 2:
		return binary.LittleEndian.AppendUint16(dst, uint16(v))
	case 4:
		return binary.LittleEndian.AppendUint32(dst, uint32(v))
	default:
		return binary.LittleEndian.AppendUint64(dst, v)
	}
}

// appendDateBinary writes a day counted from 1970-01-01.
func appendDateBinary(dst []byte, days int64) []byte {
	y, m, d := civil(days)
	return append(dst, 4, byte(y), byte(y>>8), byte(m), byte(d))
}

// appendDatetimeBinary writes a wall clock's reading, as short as it can be.
func appendDatetimeBinary(dst []byte, micros int64) []byte {
	days := floorDiv(micros, microsPerDay)
	clock := micros - days*microsPerDay
	start := len(dst)
	dst = appendDateBinary(dst, days)
	if clock == 0 {
		return dst
	}
	secs, frac := clock/microsPerSecond, clock%microsPerSecond
	dst = append(dst, byte(secs/3600), byte(secs/60%60), byte(secs%60))
	dst[start] = 7
	if frac == 0 {
		return dst
	}
	dst[start] = 11
	return binary.LittleEndian.AppendUint32(dst, uint32(frac))
}

// appendTimeBinary writes a TIME, as short as it can be.
func appendTimeBinary(dst []byte, micros int64) []byte {
	if micros == 0 {
		return append(dst, 0)
	}
	neg := byte(0)
	if micros < 0 {
		neg, micros = 1, -micros
	}
	secs, frac := micros/microsPerSecond, micros%microsPerSecond
	start := len(dst)
	dst = append(dst, 8, neg)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(secs/86400))
	dst = append(dst, byte(secs/3600%24), byte(secs/60%60), byte(secs%60))
	if frac == 0 {
		return dst
	}
	dst[start] = 12
	return binary.LittleEndian.AppendUint32(dst, uint32(frac))
}
