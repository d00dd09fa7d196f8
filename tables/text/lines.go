package text

import "bytes"

// lineAt finds the line that begins at text[i]: where it ends, and where the
// next one begins.
func lineAt(text []byte, i int) (end, next int) {
	rest := text[i:]
	n := bytes.IndexByte(rest, '\n')
	if n >= 0 {
		rest = rest[:n]
	}
	if cr := bytes.IndexByte(rest, '\r'); cr >= 0 {
		end = i + cr
		if n == cr+1 {
			return end, end + 2
		}
		return end, end + 1
	}
	if n < 0 {
		return len(text), len(text)
	}
	return i + n, i + n + 1
}

// countLines is how many lines text has.
func countLines(text []byte) uint64 {
	n := bytes.Count(text, newline)
	if cr := bytes.Count(text, carriageReturn); cr > 0 {
		n += cr - bytes.Count(text, crlf)
	}
	if last := len(text) - 1; last >= 0 && text[last] != '\n' && text[last] != '\r' {
		n++
	}
	return uint64(n)
}

var (
	newline        = []byte("\n")
	carriageReturn = []byte("\r")
	crlf           = []byte("\r\n")
)
