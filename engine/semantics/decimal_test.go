package semantics

import (
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"pgregory.net/rapid"
)

func TestRoundDecimal(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale int32
		want  string
	}{
		{"1.5", 0, "2"}, {"2.5", 0, "3"}, {"-2.5", 0, "-3"}, {"1.4999", 0, "1"}, {"-0.4", 0, "0"},
		{"1", 2, "1.00"}, {"9.995", 2, "10.00"}, {"0.005", 2, "0.01"}, {"123e2", 1, "12300.0"},
	} {
		d, _, err := apd.NewFromString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := roundDecimal(d, c.scale).Text('f'); got != c.want {
			t.Errorf("round(%s, %d) = %s; want %s", c.in, c.scale, got, c.want)
		}
	}
}

// TestExactSum compares the sum in a machine word that spills with one in big
// integers, also with values taken out again.
func TestExactSum(t *testing.T) {
	ctx := sql.NewEmptyContext()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64(), 1, 20).Draw(t, "values")
		removed := rapid.IntRange(0, len(values)-1).Draw(t, "removed")
		var sum exactSum
		want := new(big.Int)
		for _, v := range values {
			if err := sum.add(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range values[:removed] {
			if ok, err := sum.remove(ctx, v); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		for _, v := range values[removed:] {
			want.Add(want, big.NewInt(v))
		}
		got, err := sum.result(ctx)
		if err != nil || got.(*apd.Decimal).Text('f') != want.String() {
			t.Fatalf("sum = %v, %v; want %s", got, err, want)
		}
	})
}

// TestIntegersMatchBig compares BIGINT arithmetic with exact arithmetic.
func TestIntegersMatchBig(t *testing.T) {
	ctx := sql.NewEmptyContext()
	edge := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3),
		rapid.SampledFrom([]int64{1<<63 - 1, -1 << 63, 1 << 32, -1 << 32, 1<<31 - 1}))
	ops := rapid.SampledFrom([]Operator{Plus, Minus, Times, IntDivide, Modulo})
	rapid.Check(t, func(t *rapid.T) {
		x, y, op := edge.Draw(t, "x"), edge.Draw(t, "y"), ops.Draw(t, "op")
		a := &Arithmetic{Op: op, Left: column("x"), Right: column("y")}
		a.resolveType(ctx)
		got, err := a.Eval(ctx, sql.Row{x, y})
		bx, by, want := big.NewInt(x), big.NewInt(y), new(big.Int)
		switch op {
		case Plus:
			want.Add(bx, by)
		case Minus:
			want.Sub(bx, by)
		case Times:
			want.Mul(bx, by)
		default:
			if y == 0 {
				if got != nil || err != nil {
					t.Fatalf("%d %s 0 = %v, %v; want NULL", x, op, got, err)
				}
				return
			}
			if want.Quo(bx, by); op == Modulo {
				want.Rem(bx, by)
			}
		}
		if want.IsInt64() && (err != nil || got != want.Int64()) {
			t.Fatalf("%d %s %d = %v, %v; want %s", x, op, y, got, err, want)
		}
		if _, outOfRange := err.(*OutOfRange); !want.IsInt64() && !outOfRange {
			t.Fatalf("%d %s %d = %v, %v; want it out of range", x, op, y, got, err)
		}
	})
}

func column(name string) sql.Expression {
	index := map[string]int{"x": 0, "y": 1}[name]
	return newColumn(index, types.Int64, name)
}
