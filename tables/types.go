package tables

import (
	"fmt"
	"strconv"
)

// Kind says which family of SQL types a Type belongs to, and so which slice of
// a Vector holds its values.
type Kind uint8

// The kinds, with the Go representation of their values.
const (
	KindNull      Kind = iota // the type of a bare NULL; no values
	KindBool                  // TINYINT(1): int64 0 or 1, or any int8 where a store holds such
	KindInt8                  // TINYINT: int64
	KindInt16                 // SMALLINT: int64
	KindInt32                 // INT: int64
	KindInt64                 // BIGINT: int64
	KindUint64                // BIGINT UNSIGNED: uint64
	KindFloat32               // FLOAT: float64 holding a float32
	KindFloat64               // DOUBLE: float64; never NaN or infinite
	KindDecimal               // DECIMAL(Precision, Scale): canonical text, Scale digits after the point
	KindText                  // VARCHAR(Length), or LONGTEXT when Length is 0: valid UTF-8, compared by code point
	KindBytes                 // LONGBLOB: any bytes
	KindDate                  // DATE: int64 days since 1970-01-01
	KindDatetime              // DATETIME(Scale): int64 microseconds since 1970-01-01 00:00:00 of no zone
	KindTimestamp             // TIMESTAMP(Scale), an instant: int64 microseconds since the epoch, UTC
	KindTime                  // TIME(Scale): int64 microseconds, may be negative
	KindJSON                  // JSON: text as MySQL prints it
)

var kindNames = [...]string{
	KindNull: "NULL", KindBool: "TINYINT(1)", KindInt8: "TINYINT", KindInt16: "SMALLINT", KindInt32: "INT",
	KindInt64: "BIGINT", KindUint64: "BIGINT UNSIGNED", KindFloat32: "FLOAT", KindFloat64: "DOUBLE",
	KindDecimal: "DECIMAL", KindText: "LONGTEXT", KindBytes: "LONGBLOB", KindDate: "DATE",
	KindDatetime: "DATETIME", KindTimestamp: "TIMESTAMP", KindTime: "TIME", KindJSON: "JSON",
}

// String is MySQL's name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Storage says which slice of a Vector holds the values of a kind.
type Storage uint8

// The storages.
const (
	StoreNone Storage = iota
	StoreInts
	StoreUints
	StoreFloats
	StoreStrings
)

// Storage of the kind's values in Vector and Value.
func (k Kind) Storage() Storage {
	switch k {
	case KindNull:
		return StoreNone
	case KindUint64:
		return StoreUints
	case KindFloat32, KindFloat64:
		return StoreFloats
	case KindDecimal, KindText, KindBytes, KindJSON:
		return StoreStrings
	default:
		return StoreInts
	}
}

// IsInteger reports whether the kind's values are whole numbers.
func (k Kind) IsInteger() bool { return k >= KindBool && k <= KindUint64 }

// Type is a SQL type. The zero Type is that of NULL. Types are comparable
// with ==.
type Type struct {
	Kind      Kind
	Precision uint8 // KindDecimal: digits in all, 1 to 65
	Scale     uint8 // KindDecimal: digits after the point, 0 to 30; temporal kinds: fractional digits, 0 to 6
	Length    int   // KindText: greatest number of characters of a VARCHAR, 0 for LONGTEXT
}

// The types without parameters, and makers for the rest.
var (
	Null    = Type{}
	Bool    = Type{Kind: KindBool}
	Int64   = Type{Kind: KindInt64}
	Uint64  = Type{Kind: KindUint64}
	Float64 = Type{Kind: KindFloat64}
	Text    = Type{Kind: KindText}
	Bytes   = Type{Kind: KindBytes}
	Date    = Type{Kind: KindDate}
	JSON    = Type{Kind: KindJSON}
)

// Varchar is VARCHAR(n); n in characters, at least 1.
func Varchar(n int) Type { return Type{Kind: KindText, Length: n} }

// Decimal is DECIMAL(precision, scale).
func Decimal(precision, scale uint8) Type {
	return Type{Kind: KindDecimal, Precision: precision, Scale: scale}
}

// Datetime is DATETIME(scale): a wall clock reading without a zone.
func Datetime(scale uint8) Type { return Type{Kind: KindDatetime, Scale: scale} }

// The range of a TIMESTAMP(3), in microseconds since the epoch: 1970-01-01
// 00:00:01 to 2038-01-19 03:14:07.999, UTC.
const (
	LeastTimestamp    = 1_000_000
	GreatestTimestamp = 2_147_483_647_999_000
)

// Timestamp is TIMESTAMP(scale): an instant, kept in UTC.
func Timestamp(scale uint8) Type { return Type{Kind: KindTimestamp, Scale: scale} }

// String is the type as MySQL writes it in DESCRIBE.
func (t Type) String() string {
	switch t.Kind {
	case KindDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case KindText:
		if t.Length > 0 {
			return fmt.Sprintf("VARCHAR(%d)", t.Length)
		}
	case KindDatetime, KindTimestamp, KindTime:
		if t.Scale > 0 {
			return fmt.Sprintf("%s(%d)", t.Kind, t.Scale)
		}
	}
	return t.Kind.String()
}
