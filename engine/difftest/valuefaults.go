package difftest

import (
	"math"
	"slices"
	"strings"

	"gridgate/tables"
)

// ValueFaults are defects of how a store gives what it has found.
var ValueFaults = map[string]Fault{
	"NULL as ''": {Give: mapValues(tables.KindText, func(v tables.Value) tables.Value {
		v.Null = false
		return v
	})},
	"'' as NULL": {Give: mapValues(tables.KindText, func(v tables.Value) tables.Value {
		v.Null = v.Null || v.S == ""
		return v
	})},
	"NULL as 0": {Give: mapValues(tables.KindFloat64, func(v tables.Value) tables.Value {
		v.Null = false
		return v
	})},
	"0 as NULL": {Give: mapValues(tables.KindFloat64, func(v tables.Value) tables.Value {
		v.Null = v.Null || v.F == 0
		return v
	})},
	"a sign lost": {Give: mapValues(tables.KindFloat64, func(v tables.Value) tables.Value {
		v.F = math.Abs(v.F)
		return v
	})},
	"a DOUBLE with seven digits": {Give: mapValues(tables.KindFloat64, func(v tables.Value) tables.Value {
		if math.Abs(v.F) < math.MaxFloat32 {
			v.F = float64(float32(v.F))
		}
		return v
	})},
	"an instant without its milliseconds": {Give: mapValues(tables.KindTimestamp, func(v tables.Value) tables.Value {
		v.I -= v.I % 1e6
		return v
	})},
	"an instant in the session's zone": {Give: mapValues(tables.KindTimestamp, func(v tables.Value) tables.Value {
		v.I += faultyZone
		return v
	})},
	"a text without its trailing spaces": {Give: mapValues(tables.KindText, func(v tables.Value) tables.Value {
		v.S = strings.TrimRight(v.S, " ")
		return v
	})},
	"a text in lower case": {Give: mapValues(tables.KindText, func(v tables.Value) tables.Value {
		v.S = strings.ToLower(v.S)
		return v
	})},
	"letters beyond ASCII as ?": {Give: mapValues(tables.KindText, func(v tables.Value) tables.Value {
		v.S = strings.Map(func(r rune) rune {
			if r > 127 {
				return '?'
			}
			return r
		}, v.S)
		return v
	})},
	"a document cut": {Give: mapValues(tables.KindJSON, func(v tables.Value) tables.Value {
		if v.S != "" {
			v.S = "{}"
		}
		return v
	})},
	"the row before's value for NULL": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		for i := 1; i < len(rows); i++ {
			for j := range rows[i] {
				if rows[i][j].IsNull() {
					rows[i][j] = rows[i-1][j]
				}
			}
		}
		return rows
	}},
	"two columns of one type swapped": {Give: func(q *tables.Query, rows [][]tables.Value) [][]tables.Value {
		for a, e := range q.Output {
			for b := a + 1; b < len(q.Output); b++ {
				if q.Output[b].Type() != e.Type() {
					continue
				}
				for _, r := range rows {
					r[a], r[b] = r[b], r[a]
				}
				return rows
			}
		}
		return rows
	}},
	"the last row of a batch lost": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		var out [][]tables.Value
		for i, r := range rows {
			if i%faultyBatch != faultyBatch-1 {
				out = append(out, r)
			}
		}
		return out
	}},
	"the first batch only": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		return rows[:min(len(rows), faultyBatch)]
	}},
	"the last row of the result lost": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		return rows[:max(len(rows)-1, 0)]
	}},
	"a batch begins with the last row of the one before": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		var out [][]tables.Value
		for i, r := range rows {
			if i > 0 && i%faultyBatch == 0 {
				out = append(out, rows[i-1])
			}
			out = append(out, r)
		}
		return out
	}},
	"equal rows given once": {Give: func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		var out [][]tables.Value
		for _, r := range rows {
			if len(out) == 0 || !slices.Equal(out[len(out)-1], r) {
				out = append(out, r)
			}
		}
		return out
	}},
}

// mapValues changes the values of a kind that a result has; f gets NULLs too.
func mapValues(kind tables.Kind, f func(tables.Value) tables.Value) func(*tables.Query, [][]tables.Value) [][]tables.Value {
	return func(_ *tables.Query, rows [][]tables.Value) [][]tables.Value {
		for _, r := range rows {
			for j, v := range r {
				if v.Type.Kind == kind {
					r[j] = f(v)
				}
			}
		}
		return rows
	}
}
