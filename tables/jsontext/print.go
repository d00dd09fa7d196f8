package jsontext

import (
	"bytes"
	"math"
	"strconv"
)

// Normalize is text as MySQL prints it. The error is *SyntaxError.
func Normalize(text []byte) (string, error) {
	v, err := Parse(text)
	if err != nil {
		return "", err
	}
	return string(v.AppendMySQL(make([]byte, 0, len(text)+len(text)/8))), nil
}

// AppendMySQL appends the value as MySQL 8 prints a JSON column: names by
// length, then bytewise; a space after each colon and comma.
func (v *Value) AppendMySQL(dst []byte) []byte {
	switch v.Kind {
	case Null:
		return append(dst, "null"...)
	case True:
		return append(dst, "true"...)
	case False:
		return append(dst, "false"...)
	case Int:
		return strconv.AppendInt(dst, v.Int, 10)
	case Uint:
		return strconv.AppendUint(dst, v.Uint, 10)
	case Double:
		return AppendDouble(dst, v.Double)
	case String:
		return appendString(dst, v.Text)
	case Array:
		dst = append(dst, '[')
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = v.Items[i].AppendMySQL(dst)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, f := range v.members() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendString(dst, f.Name), ": "...)
		dst = f.Value.AppendMySQL(dst)
	}
	return append(dst, '}')
}

// maxPlain is how many digits before the point, or zeros behind it, MySQL
// writes before it takes an exponent (MAX_DECPT_FOR_F_FORMAT of its dtoa.cc).
const maxPlain = 15

// AppendDouble appends a DOUBLE as MySQL prints it in JSON: my_gcvt's shortest
// text that reads back, with ".0" where it would look like an integer
// (wrapper_to_string in its json_dom.cc).
func AppendDouble(dst []byte, f float64) []byte {
	var buffer [32]byte
	text := strconv.AppendFloat(buffer[:0], math.Abs(f), 'e', -1, 64) // d.ddde±xx
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	e := bytes.IndexByte(text, 'e')
	exponent, _ := strconv.Atoi(string(text[e+1:])) // strconv wrote it
	digits := append([]byte{text[0]}, bytes.TrimPrefix(text[1:e], []byte("."))...)
	// The number is 0.DIGITS times ten to the power of point, as in dtoa.
	point := exponent + 1
	if f == 0 {
		point = 1
	}
	switch {
	case point <= -maxPlain || point > maxPlain && len(digits) <= point:
		dst = append(dst, digits[0])
		if len(digits) > 1 {
			dst = append(append(dst, '.'), digits[1:]...)
		}
		return strconv.AppendInt(append(dst, 'e'), int64(exponent), 10)
	case point <= 0:
		dst = append(dst, "0."...)
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	case point < len(digits):
		dst = append(append(dst, digits[:point]...), '.')
		return append(dst, digits[point:]...)
	}
	dst = append(dst, digits...)
	for range point - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, ".0"...)
}

const hex = "0123456789abcdef"

// appendString quotes s with MySQL's escapes (double_quote in its json_dom.cc).
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
