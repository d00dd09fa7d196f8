package wire

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
)

// Field flags that the wire library has no name for.
const (
	flagBlob   = 16
	flagBinary = 128
)

// noFixedDecimals is what MySQL gives as decimals of FLOAT and DOUBLE.
const noFixedDecimals = 31

// fieldsOf describes the columns of a result to the client as MySQL does.
func fieldsOf(ctx *sql.Context, schema sql.Schema) []*querypb.Field {
	results := ctx.GetCharacterSetResults()
	fields := make([]*querypb.Field, len(schema))
	flat := make([]querypb.Field, len(schema))
	for i, c := range schema {
		f := &flat[i]
		fields[i] = f
		f.Name, f.OrgName = c.Name, c.Name
		f.Table, f.OrgTable = c.Source, c.Source
		f.Database = c.DatabaseSource
		f.Type = c.Type.Type()
		f.Charset = charsetOf(c.Type, results)
		f.ColumnLength = lengthOf(ctx, c.Type)
		f.Decimals = decimalsOf(c.Type)
		f.Flags = flagsOf(c)
	}
	return fields
}

// charsetOf is the character set of a column as a collation's number: that of
// the results for text, binary for all that isn't text.
func charsetOf(t sql.Type, results sql.CharacterSetID) uint32 {
	if !isText(t) && !types.IsJSON(t) {
		return uint32(sql.Collation_binary)
	}
	if results != sql.CharacterSet_Unspecified {
		return uint32(results)
	}
	if c, ok := t.(sql.TypeWithCollation); ok {
		return uint32(c.Collation().CharacterSet())
	}
	return uint32(sql.Collation_Default.CharacterSet())
}

// isText reports whether values of t are text in a character set.
func isText(t sql.Type) bool {
	switch t.Type() {
	case sqltypes.Char, sqltypes.VarChar, sqltypes.Text, sqltypes.Enum, sqltypes.Set:
		return true
	}
	return false
}

func lengthOf(ctx *sql.Context, t sql.Type) uint32 {
	// TINYINT(1): clients take a length of 1 for a boolean.
	if n, ok := t.(sql.NumberType); ok && n.DisplayWidth() == 1 {
		return 1
	}
	return t.MaxTextResponseByteLength(ctx)
}

func decimalsOf(t sql.Type) uint32 {
	switch t.Type() {
	case sqltypes.Float32, sqltypes.Float64:
		return noFixedDecimals
	case sqltypes.Decimal:
		if d, ok := t.(sql.DecimalType); ok {
			return uint32(d.Scale())
		}
	case sqltypes.Datetime, sqltypes.Timestamp:
		if d, ok := t.(sql.DatetimeType); ok {
			return uint32(d.Precision())
		}
	case sqltypes.Time:
		return 6
	}
	return 0
}

// flagsOf is a column's flags. The wire library takes flags for its own
// default when they are 0, so those of the type are always among them.
func flagsOf(c *sql.Column) uint32 {
	_, typeFlags := sqltypes.TypeToMySQL(c.Type.Type())
	flags := uint32(typeFlags)
	if !c.Nullable {
		flags |= uint32(querypb.MySqlFlag_NOT_NULL_FLAG)
	}
	if c.PrimaryKey {
		flags |= uint32(querypb.MySqlFlag_PRI_KEY_FLAG)
	}
	if c.AutoIncrement {
		flags |= uint32(querypb.MySqlFlag_AUTO_INCREMENT_FLAG)
	}
	if types.IsUnsigned(c.Type) {
		flags |= uint32(querypb.MySqlFlag_UNSIGNED_FLAG)
	}
	switch c.Type.Type() {
	case sqltypes.Text:
		flags |= flagBlob
	case sqltypes.Blob, sqltypes.TypeJSON, sqltypes.Geometry:
		flags |= flagBlob | flagBinary
	case sqltypes.Timestamp:
		flags |= flagBinary
	}
	return flags
}
