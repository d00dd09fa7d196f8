package wire

import (
	"context"
	"testing"

	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
)

// TestFields: how columns are described to clients.
func TestFields(t *testing.T) {
	const (
		notNull, primary, blob, unsigned, bin = 1, 2, 16, 32, 128
		utf8, none                            = 255, 63
	)
	col := func(name string, t gsql.Type, nullable bool) *gsql.Column {
		return &gsql.Column{Name: name, Type: t, Nullable: nullable, Source: "tab", DatabaseSource: "db"}
	}
	key := col("id", types.Int64, false)
	key.PrimaryKey = true
	for _, c := range []struct {
		col      *gsql.Column
		typ      querypb.Type
		charset  uint32
		length   uint32
		decimals uint32
		flags    uint32
	}{
		{key, sqltypes.Int64, none, 20, 0, notNull | primary},
		{col("b", types.Boolean, true), sqltypes.Int8, none, 1, 0, 0},
		{col("i8", types.Int8, true), sqltypes.Int8, none, 4, 0, 0},
		{col("u", types.Uint64, false), sqltypes.Uint64, none, 20, 0, notNull | unsigned},
		{col("d", types.Float64, true), sqltypes.Float64, none, 22, 31, 0},
		{col("dec", types.MustCreateDecimalType(10, 2), true), sqltypes.Decimal, none, 12, 2, 0},
		{col("v", types.MustCreateStringWithDefaults(sqltypes.VarChar, 20), true), sqltypes.VarChar, utf8, 80, 0, 0},
		{col("t", types.LongText, true), sqltypes.Text, utf8, 4294967295, 0, blob},
		{col("bl", types.LongBlob, true), sqltypes.Blob, none, 4294967295, 0, blob | bin},
		{col("j", types.JSON, true), sqltypes.TypeJSON, utf8, 4294967295, 0, blob | bin},
		{col("da", types.Date, true), sqltypes.Date, none, 10, 0, bin},
		{col("dt", types.MustCreateDatetimeType(sqltypes.Datetime, 3), true), sqltypes.Datetime, none, 26, 3, bin},
		{col("ts", types.MustCreateDatetimeType(sqltypes.Timestamp, 3), true), sqltypes.Timestamp, none, 26, 3, bin},
	} {
		t.Run(c.col.Name, func(t *testing.T) {
			f := fieldsOf(testContext(), gsql.Schema{c.col})[0]
			if f.Name != c.col.Name || f.OrgName != c.col.Name || f.Table != "tab" || f.OrgTable != "tab" || f.Database != "db" {
				t.Errorf("names: %v", f)
			}
			if f.Type != c.typ || f.Charset != c.charset || f.ColumnLength != c.length || f.Decimals != c.decimals || f.Flags != c.flags {
				t.Errorf("got %v charset %d length %d decimals %d flags %d", f.Type, f.Charset, f.ColumnLength, f.Decimals, f.Flags)
			}
		})
	}
}

// TestSession: what a client sets holds, and a reset ends it.
func TestSession(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	ask := func(query string) string {
		c.command(0x03, []byte(query))
		if p := c.packet(); p[0] == 0 {
			return ""
		}
		c.packet() // the column
		value := "NULL"
		if p := c.packet(); p[0] != 0xfb {
			v, _ := cutLength(p)
			value = string(v)
		}
		c.packet() // the end
		return value
	}
	ask("SET @x = 5")
	if got := ask("SELECT @x"); got != "5" {
		t.Errorf("@x: got %q", got)
	}
	c.command(0x02, []byte("information_schema"))
	if p := c.packet(); p[0] != 0 {
		t.Fatalf("COM_INIT_DB: %q", p)
	}
	c.command(0x1f, nil)
	if p := c.packet(); p[0] != 0 {
		t.Fatalf("COM_RESET_CONNECTION: %q", p)
	}
	if got := ask("SELECT @x"); got != "NULL" {
		t.Errorf("@x after the reset: got %q", got)
	}
	if got := ask("SELECT DATABASE()"); got != "information_schema" {
		t.Errorf("the database after the reset: got %q", got)
	}
	c.command(0x02, []byte("nowhere"))
	if p := c.packet(); errorCode(p) != 1049 {
		t.Errorf("COM_INIT_DB: %q", p)
	}
	c.command(0x04, []byte("t\x00")) // COM_FIELD_LIST
	if p := c.packet(); errorCode(p) != 1146 {
		t.Errorf("the columns of no table: %q", p)
	}
	c.command(0x02, []byte("mem"))
	c.packet()
	c.command(0x04, []byte("t\x00%\x00"))
	n := 0
	for p := c.packet(); p[0] != 0xfe; p = c.packet() {
		if p[len(p)-1] != 0xfb {
			t.Errorf("a column without its default: %q", p)
		}
		n++
	}
	if n != 2 {
		t.Errorf("got %d columns, want 2", n)
	}
	if err := h.open("").PingContext(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestCharacterSet: text goes out in the client's character set.
func TestCharacterSet(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	c.command(0x03, []byte("SET character_set_results = 'latin1'"))
	if p := c.packet(); p[0] != 0 {
		t.Fatalf("%q", p)
	}
	c.command(0x03, []byte("SELECT 'grün 世'"))
	c.packet()
	c.packet()
	if v, _ := cutLength(c.packet()); string(v) != "gr\xfcn ?" {
		t.Errorf("got %q", v)
	}
	c.packet()
}
