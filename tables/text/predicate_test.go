package text

import (
	"fmt"
	"math"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"gridgate/tables"
)

func TestLikeEqualsTheReference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pattern := rapid.StringOfN(rapid.SampledFrom([]rune(`ab%%__\|é😀`)), 0, 8, -1).Draw(rt, "pattern")
		s := rapid.StringOfN(rapid.SampledFrom([]rune(`aabb%_\|é😀`)), 0, 10, -1).Draw(rt, "s")
		escape := rapid.SampledFrom([]string{`\`, "|", "", "é"}).Draw(rt, "escape")
		r := noEscape
		if escape != "" {
			r, _ = utf8.DecodeRuneInString(escape)
		}
		if got, want := compileLike(pattern, r).match(s), naiveLike(s, pattern, escape); got != want {
			rt.Fatalf("%q LIKE %q ESCAPE %q is %v, want %v", s, pattern, escape, got, want)
		}
	})
}

func TestLikeAsInTheManual(t *testing.T) {
	for _, c := range []struct {
		s, pattern string
		want       bool
	}{
		{"David!", "David_", true}, {"David!", "%D%v%", true}, {"David!", `David\_`, false}, {"David_", `David\_`, true},
		{"a", "a ", false}, {"ä", "ae", false}, {"A", "a", false}, {`a\`, `a\`, true}, {"ab", `a\b`, true}, {"\n", "_", true}, {"a\nb", "a%b", true},
	} {
		if got := compileLike(c.pattern, '\\').match(c.s); got != c.want {
			t.Errorf("%q LIKE %q is %v", c.s, c.pattern, got)
		}
	}
}

// TestLargeNumbers compares offsets with BIGINT UNSIGNED beyond BIGINT.
func TestLargeNumbers(t *testing.T) {
	dir := archive(t, map[string]string{"a": "x\ny"})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "text_lines")}
	huge, one := &tables.Lit{Value: tables.UintValue(math.MaxUint64)}, &tables.Lit{Value: tables.UintValue(2)}
	for _, c := range []struct {
		where tables.Expr
		want  int
	}{
		{call(tables.OpLt, s.col("byte_offset"), huge), 2},
		{call(tables.OpGe, s.col("byte_offset"), huge), 0},
		{call(tables.OpEq, s.col("byte_offset"), one), 1},
		{call(tables.OpLt, num(-1), huge), 2},
		{&tables.In{Left: s.col("byte_offset"), List: []tables.Expr{huge, one}}, 1},
		{call(tables.OpNot, &tables.In{Left: s.col("byte_offset"), List: []tables.Expr{huge, null()}}), 0},
	} {
		q := s.scan("line")
		q.Where = []tables.Expr{c.where}
		if got := answer(t, q); len(got) != c.want {
			t.Errorf("%s: %d rows, want %d", tables.FormatExpr(c.where, nil, nil), len(got), c.want)
		}
	}
}

func TestArgumentsThatDoNotFit(t *testing.T) {
	dir := archive(t, map[string]string{"a": "x"})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir}), "words")}
	q := s.scan("word")
	q.Where = []tables.Expr{call(tables.OpEq, s.col("word"), param(0, tables.Text))}
	for _, args := range [][]tables.Arg{nil, {{Value: tables.IntValue(1)}}} {
		if rows, err := tryAnswer(t, q, args...); err == nil {
			t.Errorf("%v: no error but %v", args, rows)
		}
	}
	wantRows(t, answer(t, q, tables.Arg{}), false)
	wantRows(t, answer(t, q, tables.Arg{Value: tables.TextValue("x")}), false, "'x'")
	if got := fmt.Sprint(answer(t, s.group("", countAll))); got != "[1]" {
		t.Error(got)
	}
}
