package tables

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A Value is one SQL value with its type. The zero Value is an untyped NULL.
// Which field holds it is said by Type.Kind.Storage. Values are comparable
// with ==, which is identity of representation, not SQL equality.
type Value struct {
	Type Type
	Null bool
	I    int64
	U    uint64
	F    float64
	S    string
}

// NullOf is NULL of type t.
func NullOf(t Type) Value { return Value{Type: t, Null: true} }

// IntValue is a BIGINT.
func IntValue(i int64) Value { return Value{Type: Int64, I: i} }

// UintValue is a BIGINT UNSIGNED.
func UintValue(u uint64) Value { return Value{Type: Uint64, U: u} }

// FloatValue is a DOUBLE.
func FloatValue(f float64) Value { return Value{Type: Float64, F: f} }

// TextValue is a LONGTEXT.
func TextValue(s string) Value { return Value{Type: Text, S: s} }

// IsNull reports whether v is NULL, typed or not.
func (v Value) IsNull() bool { return v.Null || v.Type.Kind == KindNull }

// SQL is v as a MySQL literal, for messages and EXPLAIN; text is quoted with
// MySQL's escapes.
func (v Value) SQL() string {
	if v.IsNull() {
		return "NULL"
	}
	switch v.Type.Kind {
	case KindText, KindJSON:
		return QuoteSQL(v.S)
	case KindBytes:
		const hex = "0123456789abcdef"
		var b strings.Builder
		b.WriteString("0x")
		for i := 0; i < len(v.S); i++ {
			b.WriteByte(hex[v.S[i]>>4])
			b.WriteByte(hex[v.S[i]&15])
		}
		return b.String()
	case KindDecimal:
		return v.S
	case KindUint64:
		return strconv.FormatUint(v.U, 10)
	case KindFloat32, KindFloat64:
		return FormatFloat(v.F)
	case KindDate:
		return "DATE'" + time.Unix(v.I*86400, 0).UTC().Format("2006-01-02") + "'"
	case KindDatetime, KindTimestamp:
		s := time.UnixMicro(v.I).UTC().Format("2006-01-02 15:04:05.000000")
		if v.Type.Scale == 0 {
			s = s[:19]
		} else {
			s = s[:20+int(v.Type.Scale)]
		}
		return v.Type.Kind.String() + "'" + s + "'"
	default:
		return strconv.FormatInt(v.I, 10)
	}
}

// FormatFloat writes f so that it reads back as the same DOUBLE and is
// recognisably one (it has an exponent).
func FormatFloat(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64) + "e0"
	}
	return strconv.FormatFloat(f, 'e', -1, 64)
}

var sqlEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`, "\n", `\n`, "\r", `\r`, "\x1a", `\Z`)

// QuoteSQL writes s as a MySQL string literal.
func QuoteSQL(s string) string { return "'" + sqlEscapes.Replace(s) + "'" }
