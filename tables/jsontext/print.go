package jsontext

import (
	"bytes"
	"strconv"

	"gridgate/tables"
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

// AppendDouble appends a DOUBLE as MySQL prints it in JSON: as anywhere else,
// with ".0" where it would look like an integer (wrapper_to_string in its
// json_dom.cc).
func AppendDouble(dst []byte, f float64) []byte {
	start := len(dst)
	dst = tables.AppendDouble(dst, f)
	if bytes.ContainsAny(dst[start:], ".e") {
		return dst
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
