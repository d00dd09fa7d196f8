package difftest

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Rows is an answer: NULL is nil.
type Rows struct {
	Columns []string // name and type of each, as the client sees them
	// Inexact are the columns whose floats may differ by the tolerance.
	Inexact []bool
	Values  [][]*string
	Code    uint16 // MySQL error code; 0: none
	Error   string
}

// inexact says whether a column's values may differ by the tolerance.
func (r Rows) inexact(column int) bool { return column < len(r.Inexact) && r.Inexact[column] }

// Query is a generated statement.
type Query struct {
	SQL string
	// Unlimited is the statement without its outermost LIMIT; "" without one.
	Unlimited string
	Limit     int // of the outermost LIMIT
	Offset    int
	Keys      []int // the result columns that the statement sorts by, first to last
	// Operators are what the statement asks for: "filter", "group by",
	// "expression:text" and so on, sorted.
	Operators []string
}

// outOfRange is ER_DATA_OUT_OF_RANGE.
const outOfRange = 1690

// Compare returns "" when got, the answer under test, equals want by the rule.
// unlimited is the reference answer without LIMIT where q has one. tolerance is
// how far floats of inexact columns may differ, relative to the larger of them
// and to 1.
func Compare(q Query, want, unlimited, got Rows, tolerance float64) string {
	if want.Code == outOfRange && got.Code == 0 && len(got.Values) == 0 {
		// A condition that is tested earlier leaves no row whose select list could
		// fail: MySQL moves conditions into derived tables as well.
		return ""
	}
	if want.Code != got.Code {
		return fmt.Sprintf("error %d (%s), want %d (%s)", got.Code, got.Error, want.Code, want.Error)
	}
	if want.Code != 0 {
		return ""
	}
	if a, b := strings.Join(want.Columns, ", "), strings.Join(got.Columns, ", "); a != b {
		return fmt.Sprintf("columns %s, want %s", b, a)
	}
	if len(want.Values) != len(got.Values) {
		return fmt.Sprintf("%d rows, want %d\n%s", len(got.Values), len(want.Values), difference(want.Values, got.Values))
	}
	for i := range got.Values {
		for _, k := range q.Keys {
			if !sameCell(want.Values[i][k], got.Values[i][k], cellTolerance(want, k, tolerance)) {
				return fmt.Sprintf("row %d has the sort key %s, want %s", i, show(got.Values[i][k]), show(want.Values[i][k]))
			}
		}
	}
	whole := want.Values
	if q.Unlimited != "" {
		if unlimited.Code != 0 {
			return ""
		}
		whole = unlimited.Values
	}
	left := map[string]int{}
	for _, r := range whole {
		left[key(r)]++
	}
	for i, r := range got.Values {
		if k := key(r); left[k] > 0 {
			left[k]--
			continue
		}
		if tolerance > 0 && near(want, whole, left, r, tolerance) {
			continue
		}
		return fmt.Sprintf("row %d, %s, is not (so often) in the answer\n%s", i, showRow(r), difference(whole, got.Values))
	}
	return ""
}

func sameCell(a, b *string, tolerance float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	if *a == *b {
		return true
	}
	if tolerance == 0 {
		return false
	}
	x, err := strconv.ParseFloat(*a, 64)
	y, err2 := strconv.ParseFloat(*b, 64)
	return err == nil && err2 == nil && math.Abs(x-y) <= tolerance*max(1, math.Abs(x), math.Abs(y))
}

func cellTolerance(r Rows, column int, tolerance float64) float64 {
	if r.inexact(column) {
		return tolerance
	}
	return 0
}

// near takes a row of left that differs from r by no more than tolerance.
func near(of Rows, rows [][]*string, left map[string]int, r []*string, tolerance float64) bool {
next:
	for _, w := range rows {
		if left[key(w)] == 0 {
			continue
		}
		for i := range r {
			if !sameCell(w[i], r[i], cellTolerance(of, i, tolerance)) {
				continue next
			}
		}
		left[key(w)]--
		return true
	}
	return false
}

func key(r []*string) string {
	var b strings.Builder
	for _, c := range r {
		if c == nil {
			b.WriteString("N;")
		} else {
			fmt.Fprintf(&b, "%d:%s;", len(*c), *c)
		}
	}
	return b.String()
}

func show(c *string) string {
	if c == nil {
		return "NULL"
	}
	return strconv.Quote(*c)
}

func showRow(r []*string) string {
	out := make([]string, len(r))
	for i, c := range r {
		out[i] = show(c)
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// difference lists the first rows that only one side has.
func difference(want, got [][]*string) string {
	count, text := map[string]int{}, map[string]string{}
	for _, r := range want {
		count[key(r)]++
		text[key(r)] = showRow(r)
	}
	for _, r := range got {
		count[key(r)]--
		text[key(r)] = showRow(r)
	}
	var lines []string
	for k, n := range count {
		if n > 0 {
			lines = append(lines, fmt.Sprintf("  missing %d x %s", n, text[k]))
		} else if n < 0 {
			lines = append(lines, fmt.Sprintf("  too many %d x %s", -n, text[k]))
		}
	}
	sort.Strings(lines)
	if len(lines) > 8 {
		lines = append(lines[:8], fmt.Sprintf("  and %d more", len(lines)-8))
	}
	return strings.Join(lines, "\n")
}
