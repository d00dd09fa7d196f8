package text

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// validUTF8 is s with U+FFFD for each byte that isn't valid UTF-8.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // each invalid byte is a RuneError by itself
		b.WriteRune(r)
	}
	return b.String()
}

// view is b as a string without a copy: it changes when b does.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
