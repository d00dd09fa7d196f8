package wire

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
	"pgregory.net/rapid"

	"gridgate/engine/semantics"
	"gridgate/tables"
)

// sample is a value in the three forms that meet on the wire: a vector's, a
// row's of go-mysql-server, and MySQL's text. In most cases the text is also
// what go-mysql-server's type prints; differs says why not.
type sample struct {
	typ     tables.Type
	value   tables.Value
	gmsType gsql.Type
	gms     any
	text    string
	differs string
}

const noScale = "go-mysql-server's TIME has no scale"

var inUTC, _ = semantics.ParseZone("UTC")

func sampleTime(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999999", s)
	if err != nil {
		panic(err)
	}
	return t
}

func samples() []sample {
	var out []sample
	add := func(t tables.Type, v tables.Value, gt gsql.Type, g any, text string, differs ...string) {
		v.Type = t
		out = append(out, sample{t, v, gt, g, text, strings.Join(differs, "")})
	}
	ints := func(kind tables.Kind, gt gsql.Type, conv func(int64) any, values ...int64) {
		for _, i := range values {
			add(tables.Type{Kind: kind}, tables.Value{I: i}, gt, conv(i), strconv.FormatInt(i, 10))
		}
	}
	ints(tables.KindBool, types.Boolean, func(i int64) any { return int8(i) }, 0, 1)
	ints(tables.KindInt8, types.Int8, func(i int64) any { return int8(i) }, -128, 0, 127)
	ints(tables.KindInt16, types.Int16, func(i int64) any { return int16(i) }, math.MinInt16, math.MaxInt16)
	ints(tables.KindInt32, types.Int32, func(i int64) any { return int32(i) }, math.MinInt32, -1, math.MaxInt32)
	ints(tables.KindInt64, types.Int64, func(i int64) any { return i }, math.MinInt64, -1, 0, math.MaxInt64)
	for _, u := range []uint64{0, 7, math.MaxUint64} {
		add(tables.Uint64, tables.Value{U: u}, types.Uint64, u, strconv.FormatUint(u, 10))
	}
	const exponent = "go-mysql-server writes exponents as Go does"
	for _, f := range []struct {
		f       float64
		text    string
		differs string
	}{
		{0, "0", ""}, {-1.5, "-1.5", ""}, {0.1, "0.1", ""}, {123456, "123456", ""}, {1.0 / 3, "0.3333333333333333", ""},
		{1234567, "1234567", exponent}, {1e14, "100000000000000", exponent}, {1e15, "1e15", exponent},
		{1.5e-5, "0.000015", exponent}, {1e-15, "0.000000000000001", exponent}, {1.25e-16, "1.25e-16", ""},
		{1.7976931348623157e308, "1.7976931348623157e308", exponent}, {123456789.125, "123456789.125", exponent},
	} {
		add(tables.Float64, tables.Value{F: f.f}, types.Float64, f.f, f.text, f.differs)
	}
	for _, f := range []struct {
		f       float32
		text    string
		differs string
	}{
		{0, "0", ""}, {1.5, "1.5", ""}, {0.1, "0.1", ""},
		{3.14159274, "3.14159", "MySQL shows six digits of a FLOAT"}, {16777216, "16777200", "MySQL shows six digits of a FLOAT"},
		{1e20, "1e20", exponent},
	} {
		add(tables.Type{Kind: tables.KindFloat32}, tables.Value{F: float64(f.f)}, types.Float32, f.f, f.text, f.differs)
	}
	for _, d := range []string{"0.00", "-1.50", "99999999.99"} {
		dec, err := types.MustCreateDecimalType(10, 2).ConvertToDecimal(d)
		if err != nil {
			panic(err)
		}
		add(tables.Decimal(10, 2), tables.Value{S: d}, types.MustCreateDecimalType(10, 2), dec, d)
	}
	for _, s := range []string{"", "plain", "grüße, 世界 🌍", strings.Repeat("x", 300), strings.Repeat("y", 70000)} {
		add(tables.Text, tables.Value{S: s}, types.LongText, s, s)
		add(tables.Varchar(100000), tables.Value{S: s}, types.LongText, s, s)
		add(tables.Bytes, tables.Value{S: s + "\x00\xff"}, types.LongBlob, []byte(s+"\x00\xff"), s+"\x00\xff")
	}
	add(tables.JSON, tables.Value{S: `{"a": [1, 2.5, null, "x"]}`}, types.JSON, semantics.NewDocument(`{"a": [1, 2.5, null, "x"]}`), `{"a": [1, 2.5, null, "x"]}`)
	for _, d := range []string{"1970-01-01", "1969-12-31", "2000-02-29", "9999-12-31", "1600-03-01"} {
		t := sampleTime(d + " 00:00:00")
		add(tables.Date, tables.Value{I: t.Unix() / 86400}, types.Date, t, d)
	}
	year := sampleTime("0987-06-05 00:00:00")
	add(tables.Date, tables.Value{I: year.Unix() / 86400}, types.Date, year, "0987-06-05", "go-mysql-server writes short years short")
	for scale := range uint8(7) {
		text := "2024-02-29 23:59:58.123456"
		want := text[:19]
		if scale > 0 {
			want = text[:20+scale]
		}
		t := sampleTime(want)
		add(tables.Datetime(scale), tables.Value{I: t.UnixMicro()}, types.MustCreateDatetimeType(sqltypes.Datetime, int(scale)), t, want)
		add(tables.Timestamp(scale), tables.Value{I: t.UnixMicro()}, types.MustCreateDatetimeType(sqltypes.Timestamp, int(scale)), t, want)
	}
	midnight := sampleTime("2024-02-29 00:00:00")
	add(tables.Datetime(3), tables.Value{I: midnight.UnixMicro()}, types.MustCreateDatetimeType(sqltypes.Datetime, 3), midnight, "2024-02-29 00:00:00.000")
	old := sampleTime("1901-01-01 00:00:00.5")
	add(tables.Datetime(1), tables.Value{I: old.UnixMicro()}, types.MustCreateDatetimeType(sqltypes.Datetime, 1), old, "1901-01-01 00:00:00.5")
	const second = int64(microsPerSecond)
	for _, x := range []struct {
		micros  int64
		scale   uint8
		text    string
		differs string
	}{
		{0, 0, "00:00:00", noScale}, {3661 * second, 0, "01:01:01", noScale}, {-3661 * second, 0, "-01:01:01", noScale},
		{838*3600*second + 59*second, 0, "838:00:59", noScale}, {1500000, 3, "00:00:01.500", noScale},
		{500000, 6, "00:00:00.500000", ""}, {-1, 6, "-00:00:00.000001", ""},
	} {
		add(tables.Type{Kind: tables.KindTime, Scale: x.scale}, tables.Value{I: x.micros}, types.Time, types.Timespan(x.micros), x.text, x.differs)
	}
	return out
}

func testContext() *gsql.Context {
	return gsql.NewContext(context.Background(), gsql.WithSession(gsql.NewBaseSession()))
}

// TestValueForms: a value has the same text whether it comes in a vector or in
// a row, and that is MySQL's; it is also what go-mysql-server's type prints,
// where that is MySQL's.
func TestValueForms(t *testing.T) {
	ctx := testContext()
	for i, s := range samples() {
		t.Run(fmt.Sprintf("%d %s %.20q", i, s.typ, s.text), func(t *testing.T) {
			schema := gsql.Schema{{Name: "v", Type: s.gmsType, Nullable: true}}
			b := tables.Batch{N: 2, Cols: []tables.Vector{tables.NewVector(s.typ, 2)}}
			b.Cols[0].Set(0, s.value)
			b.Cols[0].SetNull(1)

			enc := newEncoder(ctx, schema, false, inUTC)
			vector := must(enc.appendBatchRow(nil, &b, 0))
			row := must(enc.appendRow(nil, gsql.Row{s.gms}))
			if got, rest := cutLength(vector); string(got) != s.text || len(rest) != 0 {
				t.Errorf("of the vector: got %.60q, want %.60q", got, s.text)
			}
			if (s.differs != noScale || s.typ.Scale == 0) && !bytes.Equal(row, vector) {
				t.Errorf("of the row: got %.60q, of the vector: %.60q", row, vector)
			}
			printed, err := s.gmsType.SQL(ctx, nil, s.gms)
			if err != nil {
				t.Fatal(err)
			}
			if same := printed.ToString() == s.text; same != (s.differs == "") {
				t.Errorf("go-mysql-server prints %.60q, want %.60q (differs: %q)", printed.ToString(), s.text, s.differs)
			}
			if got := must(enc.appendBatchRow(nil, &b, 1)); !bytes.Equal(got, []byte{0xfb}) {
				t.Errorf("NULL: got %q", got)
			}
			if got := must(enc.appendRow(nil, gsql.Row{nil})); !bytes.Equal(got, []byte{0xfb}) {
				t.Errorf("NULL: got %q", got)
			}

			enc = newEncoder(ctx, schema, true, inUTC)
			vector = must(enc.appendBatchRow(nil, &b, 0))
			if row = must(enc.appendRow(nil, gsql.Row{s.gms})); !bytes.Equal(row, vector) {
				t.Errorf("binary: of the row % .60x, of the vector % .60x", row, vector)
			}
			if got, want := must(enc.appendBatchRow(nil, &b, 1)), []byte{0, 4}; !bytes.Equal(got, want) {
				t.Errorf("binary NULL: got % x, want % x", got, want)
			}
			if got, want := must(enc.appendRow(nil, gsql.Row{nil})), []byte{0, 4}; !bytes.Equal(got, want) {
				t.Errorf("binary NULL: got % x, want % x", got, want)
			}
		})
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestBinaryOfText: what is written of a vector's value in the binary protocol
// is what its text would be read as.
func TestBinaryOfText(t *testing.T) {
	ctx := testContext()
	for i, s := range samples() {
		if s.typ.Kind == tables.KindFloat32 {
			continue // its text has fewer digits
		}
		schema := gsql.Schema{{Name: "v", Type: s.gmsType}}
		b := tables.Batch{N: 1, Cols: []tables.Vector{tables.NewVector(s.typ, 1)}}
		b.Cols[0].Set(0, s.value)
		enc := newEncoder(ctx, schema, true, inUTC)
		direct := must(enc.appendBatchRow(nil, &b, 0))
		viaText := must(appendTextBinary([]byte{0, 0}, &enc.cols[0], []byte(s.text)))
		if !bytes.Equal(direct, viaText) {
			t.Errorf("%d %s %.20q: % .40x, by way of text % .40x", i, s.typ, s.text, direct, viaText)
		}
	}
}

// TestZone shows instants in the session's zone, and nothing else.
func TestZone(t *testing.T) {
	zone, err := semantics.ParseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := sampleTime("2024-07-01 22:30:00.5")
	schema := gsql.Schema{
		{Name: "ts", Type: types.MustCreateDatetimeType(sqltypes.Timestamp, 3)},
		{Name: "dt", Type: types.MustCreateDatetimeType(sqltypes.Datetime, 3)},
	}
	b := tables.Batch{N: 1, Cols: []tables.Vector{tables.NewVector(tables.Timestamp(3), 1), tables.NewVector(tables.Datetime(3), 1)}}
	b.Cols[0].Ints[0], b.Cols[1].Ints[0] = at.UnixMicro(), at.UnixMicro()
	for _, binary := range []bool{false, true} {
		enc := newEncoder(testContext(), schema, binary, zone)
		vector := must(enc.appendBatchRow(nil, &b, 0))
		row := must(enc.appendRow(nil, gsql.Row{at, at}))
		if !bytes.Equal(vector, row) {
			t.Errorf("of the vector %q, of the row %q", vector, row)
		}
		if want := "\x172024-07-02 00:30:00.500\x172024-07-01 22:30:00.500"; !binary && string(vector) != want {
			t.Errorf("got %q, want %q", vector, want)
		}
	}
}

// TestFloats: the text of a DOUBLE reads back as the same number.
func TestFloats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return
		}
		text := string(tables.AppendDouble(nil, f))
		if got, err := strconv.ParseFloat(text, 64); err != nil || math.Float64bits(got) != math.Float64bits(f) {
			t.Errorf("%g became %s (%v)", f, text, err)
		}
		if len(text) > 250 || strings.Contains(text, "+") {
			t.Errorf("%g became %s", f, text)
		}
	})
}

// TestDates: days become the dates that package time says.
func TestDates(t *testing.T) {
	first, last := sampleTime("0000-01-01 00:00:00").UnixMicro(), sampleTime("9999-12-31 23:59:59.999999").UnixMicro()
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(first, last).Draw(t, "micros")
		got := string(appendDatetime(nil, micros, 6))
		if want := time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000000"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
