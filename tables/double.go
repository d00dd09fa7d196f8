package tables

import (
	"math"
	"strconv"
)

// maxPlain is how many digits before the point, or zeros behind it, MySQL
// writes before it takes an exponent (MAX_DECPT_FOR_F_FORMAT of its dtoa.cc).
const maxPlain = 15

// AppendDouble appends a DOUBLE as MySQL shows it (my_gcvt): the fewest digits
// that read back as the same number; with an exponent where it has more than 15
// digits before the point, unless that would be no shorter, or 15 zeros and more
// behind it. The exponent has neither a plus sign nor leading zeros.
func AppendDouble(dst []byte, f float64) []byte {
	return appendShortest(dst, f, -1)
}

// AppendFloat appends a FLOAT as MySQL shows it: with at most six significant
// digits.
func AppendFloat(dst []byte, f float64) []byte {
	return appendShortest(dst, f, 5)
}

// appendShortest appends f with at most digits digits after the first one; -1:
// as many as it takes.
func appendShortest(dst []byte, f float64, digits int) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 && (digits < 0 || math.Abs(f) < 1e6) {
		if f == 0 && math.Signbit(f) {
			return append(dst, '-', '0')
		}
		return strconv.AppendInt(dst, int64(f), 10)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	}
	var buffer [32]byte
	text := strconv.AppendFloat(buffer[:0], math.Abs(f), 'e', digits, 64) // d.ddde±xx
	e := len(text) - 1
	for text[e] != 'e' {
		e--
	}
	exponent, _ := strconv.Atoi(string(text[e+1:])) // strconv wrote it
	significant := text[:1]
	if e > 1 {
		copy(text[1:], text[2:e]) // over the point
		significant = text[:e-1]
	}
	for len(significant) > 1 && significant[len(significant)-1] == '0' {
		significant = significant[:len(significant)-1]
	}
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	// The number is 0.SIGNIFICANT times ten to the power of point.
	point := exponent + 1
	switch {
	case point <= -maxPlain || point > maxPlain && len(significant) <= point:
		dst = append(dst, significant[0])
		if len(significant) > 1 {
			dst = append(append(dst, '.'), significant[1:]...)
		}
		return strconv.AppendInt(append(dst, 'e'), int64(exponent), 10)
	case point <= 0:
		dst = append(dst, '0', '.')
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, significant...)
	case point < len(significant):
		dst = append(append(dst, significant[:point]...), '.')
		return append(dst, significant[point:]...)
	}
	dst = append(dst, significant...)
	for range point - len(significant) {
		dst = append(dst, '0')
	}
	return dst
}
