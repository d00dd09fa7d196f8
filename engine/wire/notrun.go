package wire

import "errors"

// maxNots is how many NOTs in a row a client may send. The wire library's
// tokenizer looks past a NOT by calling itself (vitess
// go/vt/sqlparser/token.go, scanIdentifier), for a prepared statement before
// our handler sees it, and a goroutine's stack that overflows ends the process.
const maxNots = 100_000

var errTooManyNots = errors.New("too many NOTs in a row")

// notRun counts the NOTs that a stream of bytes ends with.
type notRun struct {
	n  int
	at int // how much of the next "not" has come
}

// tooLong goes on over b and reports whether the run is too long.
func (r *notRun) tooLong(b []byte) bool {
	const not = "not"
	for _, c := range b {
		switch c {
		case ' ', '\t', '\n', '\r', '(':
			if r.at > 0 {
				r.n, r.at = 0, 0 // "no t"
			}
			continue
		}
		if c|0x20 != not[r.at] {
			r.n, r.at = 0, 0
			continue
		}
		if r.at++; r.at == len(not) {
			r.at = 0
			if r.n++; r.n > maxNots {
				return true
			}
		}
	}
	return false
}
