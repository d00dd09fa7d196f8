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
		for _, piece := range []int{1, 2, 1000, len(c.text)} {
			var r notRun
			got := false
			for b := c.text; len(b) > 0 && !got; b = b[min(piece, len(b)):] {
				got = r.tooLong(b[:min(piece, len(b))])
			}
			if got != c.want {
				t.Errorf("%s, in pieces of %d: %t, want %t", c.name, piece, got, c.want)
			}
		}
	}
}
