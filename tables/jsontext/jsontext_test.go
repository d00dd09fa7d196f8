package jsontext

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: `{}`, ` [ ] `: `[]`, `null`: `null`, `"x"`: `"x"`,
		`{"bb":1,"a":[1,true,null],"c":{"y":2,"x":1}}`:                   `{"a": [1, true, null], "c": {"x": 1, "y": 2}, "bb": 1}`,
		`{"a":1,"b":2,"a":3}`:                                            `{"a": 3, "b": 2}`,
		`9007199254740993`:                                               `9007199254740993`,
		`[9223372036854775807,9223372036854775808,-9223372036854775808]`: `[9223372036854775807, 9223372036854775808, -9223372036854775808]`,
		`18446744073709551615`:                                           `18446744073709551615`,
		`18446744073709551616`:                                           `1.8446744073709552e19`,
		`-9223372036854775809`:                                           `-9.223372036854776e18`,
		`1.0`:                                                            `1.0`, `-0`: `0`, `-0.0`: `-0.0`, `0.0`: `0.0`, `0e5`: `0.0`,
		`1e20`: `1e20`, `1E2`: `100.0`, `1e14`: `100000000000000.0`, `1e15`: `1e15`, `123456789012345680000`: `1.2345678901234568e20`,
		`1234567890123456.5`: `1234567890123456.5`, `0.1`: `0.1`, `1e-5`: `0.00001`, `1e-15`: `0.000000000000001`, `1e-16`: `1e-16`,
		`1.5e-300`: `1.5e-300`, `1.7976931348623157e308`: `1.7976931348623157e308`, `12.50`: `12.5`,
		`"\u00e9\/\b\u0001\"\\\ud83d\ude00"`: `"é/\b\u0001\"\\😀"`,
		"\"\u007f\u2028\"":                   "\"\u007f\u2028\"",
	} {
		got, err := Normalize([]byte(in))
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", in, got, err, want)
		}
		if again, err := Normalize([]byte(got)); err != nil || again != got {
			t.Errorf("%s: again %s, %v", got, again, err)
		}
	}
}

func TestWhatMySQLDoesNotTake(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if _, err := Parse([]byte(deep(MaxDepth))); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
	for in, want := range map[string]string{
		``: "empty", `  `: "too early", `{"a":`: "too early", `{"a"}`: "no JSON", `{a:1}`: "no JSON", `[1,]`: "no JSON",
		`{} {}`: "follows", `1 2`: "follows", `NaN`: "no JSON", `{"v":NaN}`: "no JSON", `-Infinity`: "no JSON", `01`: "",
		`"` + "\xff" + `"`: "UTF-8", `"\ud800"`: "no JSON", `1e999`: "DOUBLE", `-1e999`: "DOUBLE",
		deep(MaxDepth + 1): "deeper", strings.Repeat("[", 1_000_000): "deeper", strings.Repeat(`{"a":`, 1000): "deeper",
		"\"a\nb\"": "no JSON", `'a'`: "no JSON",
	} {
		_, err := Parse([]byte(in))
		var e *SyntaxError
		if !errors.As(err, &e) || !strings.Contains(e.Text, want) || e.Offset < 0 || e.Offset > int64(len(in)) {
			t.Errorf("%.30q: %v", in, err)
		}
	}
}

// FuzzNormalize: what is printed means what was read, and printing it again
// changes nothing.
func FuzzNormalize(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x",null,true],"a":{}}`, `"\ud83d\ude00"`, `-0.0`, `1e-7`, `[[[]]]`, `18446744073709551615`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := Normalize(in)
		if err != nil {
			return
		}
		if twice, err := Normalize([]byte(once)); err != nil || twice != once {
			t.Fatalf("%q, then %q: %v", once, twice, err)
		}
		var a, b any
		if err := json.Unmarshal(in, &a); err != nil {
			t.Fatalf("%q is JSON here, but %v", in, err)
		}
		if err := json.Unmarshal([]byte(once), &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q became %q: %v", in, once, err)
		}
	})
}

func TestDoublesReadBack(t *testing.T) {
	for _, f := range []float64{0, 1, 1.5, math.Pi, 1e22, 1e23, 5e-324, math.MaxFloat64, 123456.789e3, 1e14, 999999999999999, 9999999999999998} {
		for _, x := range []float64{f, -f, 1 / (f + 1)} {
			var back float64
			if err := json.Unmarshal(AppendDouble(nil, x), &back); err != nil || back != x {
				t.Errorf("%v is printed as %s, %v", x, AppendDouble(nil, x), err)
			}
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	for name, text := range map[string]string{
		"130": `{"time": "2025-01-01T10:00:00.250Z", "station": "DK1", "production": 1000.5, "kind": "wind", "unit": "MW", "schema_version": 1}`,
		"1k":  `{"items": [` + strings.TrimSuffix(strings.Repeat(`{"id": 12345, "name": "a name", "value": 17.25}, `, 20), ", ") + `]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Normalize([]byte(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
