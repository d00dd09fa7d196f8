package tablestest

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gridgate/tables"
)

// Diff compares a store's answer to q with the rows that it should have: want
// is the whole answer, without LIMIT and OFFSET, in order. It returns "" when
// they are equal by the project's rule:
//
//   - values are identical, except that floats may differ by tolerance;
//   - with ORDER BY, the sort keys come in the same order, and rows that tie
//     may come in any;
//   - without, the rows are equal as multisets;
//   - with LIMIT or OFFSET, there are as many rows as there should be, with
//     the right sort keys, and each is one of want.
//
// A sort key that is not in Output can't be checked in order; the generator
// therefore puts all sort keys there.
func Diff(q *tables.Query, want, got [][]tables.Value, tolerance float64) string {
	n := int64(len(want))
	from := min(q.Offset, n)
	to := n
	if q.Limit != nil {
		if top, _ := q.Top(); top < n {
			to = top
		}
	}
	to = max(to, from)
	if int64(len(got)) != to-from {
		return fmt.Sprintf("%d rows, want %d\n%s", len(got), to-from, sample(want[from:to], got))
	}
	keys := orderedOutputs(q)
	for i, row := range got {
		w := want[from+int64(i)]
		for _, k := range keys {
			if !same(row[k], w[k], tolerance) {
				return fmt.Sprintf("row %d has the sort key %s, want %s", i, row[k].SQL(), w[k].SQL())
			}
		}
	}
	left := map[string]int{}
	for _, w := range want {
		left[key(w)]++
	}
	for i, row := range got {
		k := key(row)
		if left[k] > 0 {
			left[k]--
			continue
		}
		if tolerance > 0 && takeNear(want, left, row, tolerance) {
			continue
		}
		return fmt.Sprintf("row %d is %s, which is not (so often) in the answer\n%s", i, show(row), sample(want, got))
	}
	return ""
}

// orderedOutputs lists the outputs that are the leading sort keys.
func orderedOutputs(q *tables.Query) []int {
	var out []int
	for _, o := range q.OrderBy {
		at := -1
		for i, e := range q.Output {
			if tables.Equal(e, o.Expr) {
				at = i
			}
		}
		if at < 0 {
			break // what comes after a hidden key is ordered within it only
		}
		out = append(out, at)
	}
	return out
}

func same(a, b tables.Value, tolerance float64) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() == b.IsNull()
	}
	if a.Type.Kind.Storage() == tables.StoreFloats {
		return a.F == b.F || math.Abs(a.F-b.F) <= tolerance
	}
	return a.I == b.I && a.U == b.U && a.S == b.S
}

// takeNear takes a row of left that differs from row by no more than tolerance.
func takeNear(rows [][]tables.Value, left map[string]int, row []tables.Value, tolerance float64) bool {
next:
	for _, w := range rows {
		if left[key(w)] == 0 {
			continue
		}
		for j := range row {
			if !same(row[j], w[j], tolerance) {
				continue next
			}
		}
		left[key(w)]--
		return true
	}
	return false
}

func key(row []tables.Value) string {
	var b strings.Builder
	for _, v := range row {
		if v.IsNull() {
			b.WriteString("N;")
			continue
		}
		f := v.F
		if f == 0 {
			f = 0 // -0 and 0 are one value
		}
		fmt.Fprintf(&b, "%d,%d,%x,%d:%s;", v.I, v.U, math.Float64bits(f), len(v.S), v.S)
	}
	return b.String()
}

func show(row []tables.Value) string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = v.SQL()
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// sample shows the first rows that one side has and the other lacks.
func sample(want, got [][]tables.Value) string {
	count := map[string]int{}
	text := map[string]string{}
	for _, r := range want {
		count[key(r)]++
		text[key(r)] = show(r)
	}
	for _, r := range got {
		count[key(r)]--
		text[key(r)] = show(r)
	}
	var lines []string
	for k, n := range count {
		switch {
		case n > 0:
			lines = append(lines, fmt.Sprintf("  missing %d x %s", n, text[k]))
		case n < 0:
			lines = append(lines, fmt.Sprintf("  too many %d x %s", -n, text[k]))
		}
	}
	sort.Strings(lines)
	if len(lines) > 10 {
		lines = append(lines[:10], fmt.Sprintf("  and %d more", len(lines)-10))
	}
	return strings.Join(lines, "\n")
}

// missing returns a row that is in part but not (so often) in whole, or "".
func missing(part, whole [][]tables.Value) string {
	have := map[string]int{}
	for _, r := range whole {
		have[key(r)]++
	}
	for _, w := range part {
		if have[key(w)]--; have[key(w)] < 0 {
			return show(w)
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
