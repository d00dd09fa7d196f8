package wordrule

import "unicode/utf8"

// Lower appends to dst what String.toLowerCase(Locale.ROOT) of JDK 17 makes of
// line. The line is the context that decides which sigmas are final. Each byte
// that isn't valid UTF-8 becomes U+FFFD.
func Lower(dst, line []byte) []byte {
	context := sigmaContext{line: line}
	for i := 0; i < len(line); {
		if c := line[i]; c < utf8.RuneSelf {
			dst = append(dst, asciiLower[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(line[i:])
		switch r {
		case dottedI:
			dst = append(dst, dottedILower...)
		case sigma:
			if context.final(i) {
				dst = utf8.AppendRune(dst, sigmaFinal)
			} else {
				dst = utf8.AppendRune(dst, sigmaLower)
			}
		default:
			dst = utf8.AppendRune(dst, lowerRune(r))
		}
		i += size
	}
	return dst
}
