package difftest

import "testing"

// TestErrorsOfRowsThatAreGone: an overflow counts as equal to no rows, and to nothing
// else; no other error does.
func TestErrorsOfRowsThatAreGone(t *testing.T) {
	one := "1"
	none, some := Rows{}, Rows{Values: [][]*string{{&one}}}
	for _, c := range []struct {
		want, got Rows
		equal     bool
	}{
		{Rows{Code: outOfRange}, none, true},
		{Rows{Code: outOfRange}, some, false},
		{none, Rows{Code: outOfRange}, false},
		{Rows{Code: 1292}, none, false},
	} {
		if d := Compare(Query{}, c.want, Rows{}, c.got, 0); (d == "") != c.equal {
			t.Errorf("want error %d, got error %d and %d rows: %q", c.want.Code, c.got.Code, len(c.got.Values), d)
		}
	}
}
