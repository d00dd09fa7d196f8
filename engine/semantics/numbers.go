package semantics

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// toInt64 returns a Go integer (or a boolean) that fits BIGINT.
func toInt64(v any) (int64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int:
		return int64(v), true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case uint:
		return int64(v), v <= 1<<63-1
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), v <= 1<<63-1
	}
	return 0, false
}

// bigOf returns a decimal's value times 10^-Exponent as an integer.
func bigOf(d *apd.Decimal) *big.Int {
	n := d.Coeff.MathBigInt()
	if d.Negative {
		n.Neg(n)
	}
	return n
}

// decimalOf returns n * 10^-scale.
func decimalOf(n *big.Int, scale int32) *apd.Decimal {
	c := new(apd.BigInt).SetMathBigInt(n)
	return apd.NewWithBigInt(c, -scale)
}

// decimalToUint64 returns an integral decimal that fits BIGINT UNSIGNED.
func decimalToUint64(d *apd.Decimal) (uint64, bool) {
	if d.Negative && d.Sign() != 0 {
		return 0, false
	}
	n := rescale(d, 0)
	return n.Uint64(), n.IsUint64()
}

// rescale returns d times 10^scale as an integer, rounded half away from zero,
// as MySQL rounds exact numbers (manual, "Rounding Behavior").
func rescale(d *apd.Decimal, scale int32) *big.Int {
	n := bigOf(d)
	shift := scale + d.Exponent
	switch {
	case shift > 0:
		return n.Mul(n, pow10(shift))
	case shift < 0:
		return divRound(n, pow10(-shift))
	}
	return n
}

// roundDecimal returns d with exactly scale digits after the point.
func roundDecimal(d *apd.Decimal, scale int32) *apd.Decimal {
	if d.Exponent == -scale || d.Form != apd.Finite {
		return d
	}
	return decimalOf(rescale(d, scale), scale)
}

func pow10(n int32) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// divRound returns n/d (d > 0), rounded half away from zero.
func divRound(n, d *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(d) >= 0 {
		if n.Sign() < 0 {
			q.Sub(q, big.NewInt(1))
		} else {
			q.Add(q, big.NewInt(1))
		}
	}
	return q
}
