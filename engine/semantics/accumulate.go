package semantics

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
)

// accumulator computes one aggregate over values that are not NULL.
type accumulator interface {
	add(ctx *sql.Context, v any) error
	// remove takes a value out again that was added; false: it cannot.
	remove(ctx *sql.Context, v any) (bool, error)
	result(ctx *sql.Context) (any, error)
}

func newAccumulator(ctx *sql.Context, a *Aggregate) accumulator {
	class := numericOf(ctx, a.Arg).class
	switch a.Func {
	case Sum, Avg:
		if class == classFloat {
			return &floatSum{avg: a.Func == Avg}
		}
		var scale int32
		if t, ok := a.Type(ctx).(sql.DecimalType); ok {
			scale = int32(t.Scale())
		}
		return &exactSum{avg: a.Func == Avg, scale: scale}
	}
	return &variance{of: a.Func}
}

// exactSum adds integers and decimals without rounding. Integers are added in a
// machine word as long as they fit.
type exactSum struct {
	avg   bool
	scale int32 // of the result
	small int64
	large *apd.Decimal // the rest; nil: none
	count int64
}

func (s *exactSum) add(ctx *sql.Context, v any) error {
	s.count++
	return s.plus(ctx, v, 1)
}

func (s *exactSum) remove(ctx *sql.Context, v any) (bool, error) {
	s.count--
	return true, s.plus(ctx, v, -1)
}

func (s *exactSum) plus(ctx *sql.Context, v any, sign int64) error {
	if n, ok := toInt64(v); ok && n != math.MinInt64 {
		n *= sign
		if sum := s.small + n; (sum > s.small) == (n > 0) {
			s.small = sum
			return nil
		}
		s.spill()
		s.small = n
		return nil
	}
	d, err := toDecimal(ctx, v)
	if err != nil {
		return err
	}
	if s.large == nil {
		s.large = new(apd.Decimal)
	}
	if sign < 0 {
		_, err = sql.DecimalCtx.Sub(s.large, s.large, d)
	} else {
		_, err = sql.DecimalCtx.Add(s.large, s.large, d)
	}
	return err
}

// spill moves the machine word into the decimal.
func (s *exactSum) spill() {
	if s.large == nil {
		s.large = new(apd.Decimal)
	}
	_, _ = sql.DecimalCtx.Add(s.large, s.large, apd.New(s.small, 0)) // exact: no condition is possible
	s.small = 0
}

func (s *exactSum) result(*sql.Context) (any, error) {
	if s.count == 0 {
		return nil, nil
	}
	sum := apd.New(s.small, 0)
	if s.large != nil {
		if _, err := sql.DecimalCtx.Add(sum, sum, s.large); err != nil {
			return nil, err
		}
	}
	if s.avg {
		scale := max(0, -sum.Exponent)
		sum = divideDecimal(roundDecimal(sum, scale), apd.New(s.count, 0))
	}
	return roundDecimal(sum, s.scale), nil
}

// floatSum adds DOUBLEs one after the other, as MySQL does.
type floatSum struct {
	avg   bool
	sum   float64
	count int64
}

func (s *floatSum) add(ctx *sql.Context, v any) error {
	f, err := toFloat64(ctx, v)
	if err != nil {
		return err
	}
	s.sum += f
	s.count++
	return nil
}

// remove refuses: subtracting would round differently from adding anew
// (MySQL's windowing_use_high_precision).
func (*floatSum) remove(*sql.Context, any) (bool, error) { return false, nil }

func (s *floatSum) result(*sql.Context) (any, error) {
	switch {
	case s.count == 0:
		return nil, nil
	case s.avg:
		return s.sum / float64(s.count), nil
	}
	return s.sum, nil
}

// variance is Welford's recurrence, which is also MySQL's (item_sum.cc,
// variance_fp_recurrence_next): one pass, no cancellation.
type variance struct {
	of         AggregateFunc
	count      int64
	mean, sum2 float64
}

func (a *variance) add(ctx *sql.Context, v any) error {
	x, err := toFloat64(ctx, v)
	if err != nil {
		return err
	}
	a.count++
	before := a.mean
	a.mean += (x - before) / float64(a.count)
	a.sum2 += (x - before) * (x - a.mean)
	return nil
}

func (*variance) remove(*sql.Context, any) (bool, error) { return false, nil }

func (a *variance) result(*sql.Context) (any, error) {
	degrees := a.count
	if a.of == StdDevSamp || a.of == VarSamp {
		degrees--
	}
	if degrees <= 0 {
		return nil, nil
	}
	v := a.sum2 / float64(degrees)
	if a.of == StdDevPop || a.of == StdDevSamp {
		return math.Sqrt(v), nil
	}
	return v, nil
}

// divideDecimal divides as MySQL's decimal library does (strings/decimal.cc,
// do_div_mod): operands are stored nine digits to a word, the quotient gets at
// least div_precision_increment digits more than the dividend, rounded up to
// whole words, and what comes after is cut off. The caller rounds to the
// expression's scale. d must not be zero.
func divideDecimal(n, d *apd.Decimal) *apd.Decimal {
	const perWord = 9
	words := func(digits int32) int32 { return (digits + perWord - 1) / perWord * perWord }
	ns, ds := max(0, -n.Exponent), max(0, -d.Exponent)
	extra := max(0, divPrecisionIncrement-(words(ns)-ns)-(words(ds)-ds))
	scale := min(words(words(ns)+words(ds)+extra), maxQuotientScale)
	num, den := bigOf(n), bigOf(d)
	// n/d = num/den * 10^(n.Exponent-d.Exponent)
	if shift := scale + n.Exponent - d.Exponent; shift >= 0 {
		num.Mul(num, pow10(shift))
	} else {
		den.Mul(den, pow10(-shift))
	}
	return decimalOf(new(big.Int).Quo(num, den), scale)
}

// maxQuotientScale is what a decimal of nine words can hold after the point.
const maxQuotientScale = 81
