package tables

import (
	"math"
	"strconv"
	"testing"
)

// TestDoublesAsMySQL holds texts that a server of MySQL's family (MariaDB
// 10.11, whose dtoa is the same) shows for these numbers.
func TestDoublesAsMySQL(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "-0", 1: "1", -2.5: "-2.5", 0.1: "0.1", 1e-7: "0.0000001",
		1e14: "100000000000000", 1e15: "1e15", 1.5e15: "1.5e15", 1e100: "1e100", -1e300: "-1e300", 1e-300: "1e-300",
		1234567890123456: "1.234567890123456e15", 1428571428571428.5: "1428571428571428.5",
		12345678901234567: "1.2345678901234568e16", 123456789012345.6: "123456789012345.6", 100000000000000.5: "100000000000000.5",
		0.00001234567890123456: "0.00001234567890123456", 1.2345678901234567e-14: "0.000000000000012345678901234567",
		1.2345678901234567e-16: "1.2345678901234568e-16", 410500: "410500", 0.30000000000000004: "0.30000000000000004",
	} {
		if got := string(AppendDouble(nil, f)); got != want {
			t.Errorf("%v is shown as %s, want %s", f, got, want)
		}
	}
	for f, want := range map[float64]string{0.1: "0.1", 1.0 / 3: "0.333333", 1234567: "1234570", 1e20: "1e20", 123456: "123456"} {
		if got := string(AppendFloat(nil, float64(float32(f)))); got != want {
			t.Errorf("the FLOAT %v is shown as %s, want %s", f, got, want)
		}
	}
}

func FuzzDoublesReadBack(f *testing.F) {
	for _, x := range []float64{0, 1.5, math.MaxFloat64, 5e-324, 1428571428571428.5, 1e-15} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		for _, x := range []float64{x, -x} {
			text := string(AppendDouble(nil, x))
			if back, err := strconv.ParseFloat(text, 64); err != nil || math.Float64bits(back) != math.Float64bits(x) {
				t.Errorf("%v is shown as %s, which reads as %v, %v", x, text, back, err)
			}
		}
	})
}
