// Package eval turns the stores' expressions and queries back into
// go-mysql-server's, and values both ways. It is the only evaluator of
// tables.Expr: residual work in the gateway and the contract's test suite use
// it, so that there is one definition of what an expression means.
package eval

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"

	"gridgate/tables"
)

// textCollation compares by code point and does not pad: what the stores'
// bytewise comparison does.
const textCollation = sql.Collation_utf8mb4_0900_bin

var longText = types.MustCreateString(sqltypes.Text, types.LongTextBlobMax, textCollation)

// SQLType is go-mysql-server's type for t.
func SQLType(t tables.Type) sql.Type {
	switch t.Kind {
	case tables.KindNull:
		return types.Null
	case tables.KindBool:
		return types.Boolean
	case tables.KindInt8:
		return types.Int8
	case tables.KindInt16:
		return types.Int16
	case tables.KindInt32:
		return types.Int32
	case tables.KindInt64:
		return types.Int64
	case tables.KindUint64:
		return types.Uint64
	case tables.KindFloat32:
		return types.Float32
	case tables.KindFloat64:
		return types.Float64
	case tables.KindDecimal:
		return types.MustCreateDecimalType(t.Precision, t.Scale)
	case tables.KindText:
		if t.Length > 0 && t.Length <= longestVarchar {
			return types.MustCreateString(sqltypes.VarChar, int64(t.Length), textCollation)
		}
		return longText
	case tables.KindBytes:
		return types.LongBlob
	case tables.KindDate:
		return types.Date
	case tables.KindDatetime:
		return types.MustCreateDatetimeType(sqltypes.Datetime, int(t.Scale))
	case tables.KindTimestamp:
		return types.MustCreateDatetimeType(sqltypes.Timestamp, int(t.Scale))
	case tables.KindTime:
		return types.Time
	case tables.KindJSON:
		return types.JSON
	}
	panic(fmt.Sprintf("eval: no SQL type for %v", t)) // a Type with an unknown Kind can't be built outside package tables
}

// TableType is the contract's type for a go-mysql-server type; ok is false for
// types that no store may see (other collations, unsigned small integers, BIT,
// ENUM, geometry ...).
func TableType(t sql.Type) (out tables.Type, ok bool) {
	switch t {
	case types.Null:
		return tables.Null, true
	case types.Boolean:
		return tables.Bool, true
	}
	switch t.Type() {
	case sqltypes.Int8:
		return tables.Type{Kind: tables.KindInt8}, true
	case sqltypes.Int16:
		return tables.Type{Kind: tables.KindInt16}, true
	case sqltypes.Int32:
		return tables.Type{Kind: tables.KindInt32}, true
	case sqltypes.Int64:
		return tables.Int64, true
	case sqltypes.Uint64:
		return tables.Uint64, true
	case sqltypes.Float32:
		return tables.Type{Kind: tables.KindFloat32}, true
	case sqltypes.Float64:
		return tables.Float64, true
	case sqltypes.Decimal:
		d, ok := t.(sql.DecimalType)
		if !ok {
			return tables.Type{}, false
		}
		return tables.Decimal(d.Precision(), d.Scale()), true
	case sqltypes.Char, sqltypes.VarChar, sqltypes.Text:
		s, ok := t.(sql.StringType)
		if !ok || !codePointOrder(s.Collation()) {
			return tables.Type{}, false
		}
		if s.Type() == sqltypes.Text || s.MaxCharacterLength() > longestVarchar { // as system variables are
			return tables.Text, true
		}
		return tables.Varchar(int(s.MaxCharacterLength())), true
	case sqltypes.Date:
		return tables.Date, true
	case sqltypes.Datetime, sqltypes.Timestamp:
		d, ok := t.(sql.DatetimeType)
		if !ok {
			return tables.Type{}, false
		}
		if t.Type() == sqltypes.Datetime {
			return tables.Datetime(uint8(d.Precision())), true
		}
		return tables.Timestamp(uint8(d.Precision())), true
	case sqltypes.TypeJSON:
		return tables.JSON, true
	}
	return tables.Type{}, false
}

// longestVarchar is how many characters a VARCHAR may have: 65,535 bytes hold so
// many of four.
const longestVarchar = 16383

// codePointOrder reports whether strings of collation c compare by code point
// without padding. utf8mb4_bin pads with spaces, so it is not among them.
func codePointOrder(c sql.CollationID) bool { return c == textCollation }
