package documents

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"gridgate/tables"
)

// TestTheBoundsOfARangeOfTime has a document of the station on each bound, and
// beside it, and asks in each of the three ways that a plan has.
func TestTheBoundsOfARangeOfTime(t *testing.T) {
	s := New(Config{Log: zerolog.Nop()})
	var all []string
	for i := range 10 {
		d := Document{ID: fmt.Sprint(i), Station: "DK1", TS: begin + int64(i)*1000, Doc: "{}"}
		s.Insert([]Document{d})
		all = append(all, d.ID)
	}
	in := &tables.In{Left: col(colID)}
	for _, id := range all {
		in.List = append(in.List, lit(id))
	}
	for how, other := range map[string][]tables.Expr{
		"by station": {call(tables.OpEq, col(colStation), lit("DK1"))},
		"by _id":     {in},
		"over all":   nil,
	} {
		for _, test := range []struct {
			from  tables.Op
			begin int64
			to    tables.Op
			end   int64
			want  []string
		}{
			{tables.OpGe, 3, tables.OpLe, 5, all[3:6]},
			{tables.OpGt, 3, tables.OpLe, 5, all[4:6]},
			{tables.OpGe, 3, tables.OpLt, 5, all[3:5]},
			{tables.OpGt, 3, tables.OpLt, 5, all[4:5]},
			{tables.OpGe, 3, tables.OpLe, 3, all[3:4]},
			{tables.OpEq, 3, tables.OpEq, 3, all[3:4]},
			{tables.OpGt, 3, tables.OpLt, 4, nil},
			{tables.OpGe, 0, tables.OpLt, 1, all[:1]},
			{tables.OpGt, 8, tables.OpLe, 9, all[9:]},
		} {
			where := append(slices.Clone(other), call(test.from, col(colTS), instant(begin+test.begin*1000)), call(test.to, col(colTS), instant(begin+test.end*1000)))
			found := ids(t, open(t, query(t, s, where...)))
			if slices.Sort(found); !slices.Equal(found, test.want) {
				t.Errorf("%s: ts %v %d AND ts %v %d gives %v, want %v", how, test.from, test.begin, test.to, test.end, found, test.want)
			}
		}
	}
}
