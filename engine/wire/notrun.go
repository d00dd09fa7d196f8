package wire

import "gridgate/engine/semantics"

// maxNots is how many NOTs in a row a statement may have. The parser's tokenizer looks
// past a NOT by calling itself (vitess go/vt/sqlparser/token.go, scanIdentifier), and
// a goroutine's stack that overflows ends the process.
const maxNots = 100_000

// checkNots refuses a statement with too many.
func checkNots(query string) error {
	if len(query) < len("not")*maxNots {
		return nil
	}
	var r notRun
	if r.tooLong(query) {
		return &semantics.TooDeep{Max: maxNots}
	}
	return nil
}

// notRun counts the NOTs that a stream of bytes ends with.
type notRun struct {
	n  int
	at int // how much of the next "not" has come
}

// tooLong goes on over b and reports whether the run is too long.
func (r *notRun) tooLong(b string) bool {
	const not = "not"
	for i := range len(b) {
		c := b[i]
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
