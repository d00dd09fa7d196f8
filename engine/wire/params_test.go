package wire

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

func asText(b []byte) (string, error) { return string(b), nil }

// TestParameters: a value of each type becomes the constant that the client means.
func TestParameters(t *testing.T) {
	le16, le32, le64 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32, binary.LittleEndian.AppendUint64
	day := le16(nil, 2026)
	day = append(day, 10, 25)
	clock := append(append([]byte{}, day...), 2, 30, 5)
	with := func(n int, b []byte) []byte { return append([]byte{byte(n)}, b...) }
	for _, c := range []struct {
		name string
		typ  uint16
		sent []byte
		kind sqlparser.ValType
		want string
	}{
		{"TINYINT", typeTiny, []byte{0xff}, sqlparser.IntVal, "-1"},
		{"TINYINT UNSIGNED", typeTiny | unsignedFlag, []byte{0xff}, sqlparser.IntVal, "255"},
		{"SMALLINT", typeShort, le16(nil, 0x8000), sqlparser.IntVal, "-32768"},
		{"INT", typeLong, le32(nil, 0xfffffffe), sqlparser.IntVal, "-2"},
		{"INT UNSIGNED", typeLong | unsignedFlag, le32(nil, 0xfffffffe), sqlparser.IntVal, "4294967294"},
		{"BIGINT", typeLongLong, le64(nil, 1<<63), sqlparser.IntVal, "-9223372036854775808"},
		{"BIGINT UNSIGNED", typeLongLong | unsignedFlag, le64(nil, 1<<63), sqlparser.IntVal, "9223372036854775808"},
		{"FLOAT", typeFloat, le32(nil, math.Float32bits(0.1)), sqlparser.FloatVal, "1e-01"},
		{"DOUBLE", typeDouble, le64(nil, math.Float64bits(-2.5)), sqlparser.FloatVal, "-2.5e+00"},
		{"DECIMAL", typeNewDecimal, with(4, []byte("1.50")), sqlparser.FloatVal, "1.50"},
		{"VARCHAR", 0xfd, with(2, []byte("\xc3\xa9")), sqlparser.StrVal, "\u00e9"},
		{"BLOB", typeBlob, with(2, []byte{0xff, 0}), sqlparser.StrVal, "\xff\x00"},
		{"DATE", typeDate, with(4, day), sqlparser.StrVal, "2026-10-25"},
		{"DATETIME of a day", typeDatetime, with(4, day), sqlparser.StrVal, "2026-10-25 00:00:00"},
		{"DATETIME", typeDatetime, with(7, clock), sqlparser.StrVal, "2026-10-25 02:30:05"},
		{"TIMESTAMP", typeTimestamp, with(11, le32(append([]byte{}, clock...), 250)), sqlparser.StrVal, "2026-10-25 02:30:05.000250"},
		{"no date", typeDatetime, []byte{0}, sqlparser.StrVal, "0000-00-00 00:00:00"},
		{"TIME", typeTime, with(8, append(le32([]byte{1}, 2), 3, 4, 5)), sqlparser.StrVal, "-51:04:05"},
		{"TIME with a fraction", typeTime, with(12, le32(append(le32([]byte{0}, 0), 3, 4, 5), 7)), sqlparser.StrVal, "03:04:05.000007"},
	} {
		p := &prepared{params: 1}
		in := payload{b: append(le16([]byte{0, 1}, c.typ), c.sent...)}
		got, err := p.bind(&in, asText)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		v, ok := got["v1"].(*sqlparser.SQLVal)
		if !ok || v.Type != c.kind || string(v.Val) != c.want {
			t.Errorf("%s: got %#v, want %s", c.name, got["v1"], c.want)
		}
		// The types hold for the next execution too.
		in = payload{b: append([]byte{0, 0}, c.sent...)}
		if got, err := p.bind(&in, asText); err != nil || len(got) != 1 {
			t.Errorf("%s again: %v, %v", c.name, got, err)
		}
	}
	for name, sent := range map[string][]byte{
		"nothing": nil, "no types": {0, 0}, "half a value": append(le16([]byte{0, 1}, typeLong), 1),
		"a text that is too long": append(le16([]byte{0, 1}, 0xfd), 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
		"no number":               append(le16([]byte{0, 1}, typeDouble), le64(nil, math.Float64bits(math.NaN()))...),
		"no decimal":              append(le16([]byte{0, 1}, typeNewDecimal), 1, 'x'),
	} {
		in := payload{b: sent}
		if got, err := (&prepared{params: 1}).bind(&in, asText); err == nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
