package wire

import (
	"bytes"
	"testing"
)

func TestNotRun(t *testing.T) {
	for _, c := range []struct {
		name string
		text []byte
		want bool
	}{
		{"as many as may be", bytes.Repeat([]byte("not "), maxNots), false},
		{"one more", bytes.Repeat([]byte("nOt\n"), maxNots+1), true},
		{"with brackets", bytes.Repeat([]byte("NOT("), maxNots+1), true},
		{"something else between", append(append(bytes.Repeat([]byte("not "), maxNots), "1 "...), bytes.Repeat([]byte("not "), maxNots)...), false},
		{"no ts", bytes.Repeat([]byte("no t "), 2*maxNots), false},
	} {
		var r notRun
		if got := r.tooLong(string(c.text)); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
