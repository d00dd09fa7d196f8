package wordrule

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A Token is one word of a Tokenizer's text.
type Token struct {
	// Start is where the word's bytes begin in the text when Folded is false,
	// in Tokenizer.Folded when it is true.
	Start  int
	Len    int32
	Folded bool
}

// A Tokenizer finds the words of a text that may have many lines. A line ends
// at \n or \r. The zero Tokenizer is ready for Reset; it isn't safe for
// concurrent use.
type Tokenizer struct {
	// Folded holds the bytes of the tokens that the last Next returned and
	// that aren't plain ASCII: lower-cased, with ' for ’.
	Folded []byte

	text    []byte
	pos     int
	lineEnd int // up to where sigmas knows about
	sigmas  sigmaContext
	lineAt  int // where sigmas.line begins in text
}

// Reset begins a text. The Tokenizer keeps it until the next Reset, and reads
// it only. The text's first line is taken to begin where the text begins, and
// its last to end where it ends.
func (t *Tokenizer) Reset(text []byte) {
	t.text, t.pos, t.lineEnd = text, 0, 0
	t.Folded = t.Folded[:0]
}

// Classes of bytes.
const (
	byteSeparator = iota
	byteWord
	byteApostrophe
	byteUnicode
)

var (
	byteClass  = buildByteClasses()
	asciiLower = buildASCIILower()
)

func buildByteClasses() (classes [256]uint8) {
	for c := range classes {
		switch {
		case c >= utf8.RuneSelf:
			classes[c] = byteUnicode
		case c == '\'':
			classes[c] = byteApostrophe
		case IsWordRune(rune(c)):
			classes[c] = byteWord
		}
	}
	return classes
}

func buildASCIILower() (lower [utf8.RuneSelf]byte) {
	for c := range lower {
		lower[c] = byte(lowerRune(rune(c)))
	}
	return lower
}

// Next fills dst with the next words of the text and returns how many there
// are: fewer than len(dst) only at the end of the text. Words that are plain
// ASCII are given as they stand in the text, not lower-cased: the caller does
// that as it copies or hashes them (every byte of such a word that has the bit
// 0x40 is a letter). What Folded held before is overwritten.
func (t *Tokenizer) Next(dst []Token) int {
	t.Folded = t.Folded[:0]
	text, i, n := t.text, t.pos, 0
next:
	for n < len(dst) {
		for i < len(text) && byteClass[text[i]] == byteSeparator {
			i++
		}
		start := i
	run:
		for i+8 <= len(text) {
			x := binary.LittleEndian.Uint64(text[i : i+8])
			words := asciiWordBytes(x)
			length := bits.TrailingZeros64(^words&highBits) >> 3
			if i += length; length == 8 {
				continue
			}
			if byteClass[text[i]] != byteSeparator {
				break
			}
			dst[n] = Token{Start: start, Len: int32(i - start)}
			n++
			// The next word usually begins within the same 8 bytes.
			if rest := words >> (8 * length); rest != 0 && x&highBits == 0 {
				i += bits.TrailingZeros64(rest) >> 3
			}
			continue next
		}
		for i < len(text) && byteClass[text[i]] == byteWord {
			i++
		}
		if i >= len(text) {
			if i > start {
				dst[n] = Token{Start: start, Len: int32(i - start)}
				n++
			}
			break
		}
		switch byteClass[text[i]] {
		case byteApostrophe:
			if i > start && i+1 < len(text) {
				switch byteClass[text[i+1]] {
				case byteWord:
					i++
					goto run
				case byteUnicode:
					if r, size := utf8.DecodeRune(text[i+1:]); size > 1 && IsWordRune(r) {
						dst[n], i = t.unicode(start, i)
						n++
						continue
					}
				}
			}
			if i == start {
				i++ // opens nothing
				continue
			}
		case byteUnicode:
			token, end := t.unicode(start, i)
			i = end
			if token.Len > 0 {
				dst[n] = token
				n++
			}
			continue
		}
		dst[n] = Token{Start: start, Len: int32(i - start)}
		n++
	}
	t.pos = i
	return n
}

// highBits are the highest bits of 8 bytes.
const highBits = 0x8080808080808080

// asciiWordBytes has the highest bit of each of the 8 bytes of x set that is an
// ASCII letter or digit. It looks at all 8 at once, because word lengths are
// what a branch predictor can't guess.
func asciiWordBytes(x uint64) uint64 {
	const ones = 0x0101010101010101
	low := x &^ highBits
	lower := low | 0x20*ones
	// Adding 0x80-c carries into the high bit of bytes that are c or more.
	letters := (lower + (0x80-'a')*ones) &^ (lower + (0x80-'z'-1)*ones)
	digits := (low + (0x80-'0')*ones) &^ (low + (0x80-'9'-1)*ones)
	return (letters | digits) &^ x & highBits
}

// unicode goes on with a word that begins at start and is plain ASCII up to
// pos, where a byte that isn't ASCII follows, or an apostrophe before one. It
// returns the word and where to go on. When nothing begins at pos and start is
// pos, the word is empty and what can't begin a word is skipped.
func (t *Tokenizer) unicode(start, pos int) (Token, int) {
	text, begin := t.text, len(t.Folded)
	for _, c := range text[start:pos] {
		t.Folded = append(t.Folded, asciiLower[c])
	}
	for pos < len(text) {
		c := text[pos]
		if class := byteClass[c]; class == byteWord {
			t.Folded = append(t.Folded, asciiLower[c])
			pos++
			continue
		} else if class == byteSeparator {
			break
		}
		r, size := utf8.DecodeRune(text[pos:])
		switch {
		case c == '\'' || r == apostrophe:
			next, _ := utf8.DecodeRune(text[pos+size:])
			if len(t.Folded) == begin {
				return Token{}, pos + size
			}
			if !IsWordRune(next) {
				return t.folded(begin), pos
			}
			t.Folded = append(t.Folded, '\'')
		case !IsWordRune(r):
			if len(t.Folded) == begin {
				return Token{}, pos + size
			}
			return t.folded(begin), pos
		case r == dottedI:
			t.Folded = append(t.Folded, dottedILower...)
		case r == sigma:
			lower := sigmaLower
			if t.finalSigma(pos) {
				lower = sigmaFinal
			}
			t.Folded = utf8.AppendRune(t.Folded, lower)
		default:
			t.Folded = utf8.AppendRune(t.Folded, lowerRune(r))
		}
		pos += size
	}
	return t.folded(begin), pos
}

func (t *Tokenizer) folded(begin int) Token {
	return Token{Start: begin, Len: int32(len(t.Folded) - begin), Folded: true}
}

// finalSigma reports whether the sigma at text[i] is the last letter of its
// word. Its context is its line.
func (t *Tokenizer) finalSigma(i int) bool {
	if i >= t.lineEnd {
		t.lineAt = bytes.LastIndexAny(t.text[:i], "\n\r") + 1
		t.lineEnd = len(t.text)
		if n := bytes.IndexAny(t.text[i:], "\n\r"); n >= 0 {
			t.lineEnd = i + n
		}
		t.sigmas = sigmaContext{line: t.text[t.lineAt:t.lineEnd]}
	}
	return t.sigmas.final(i - t.lineAt)
}

// Word appends the bytes of a token that the last Next returned to dst,
// lower-cased.
func (t *Tokenizer) Word(dst []byte, token Token) []byte {
	if token.Folded {
		return append(dst, t.Folded[token.Start:token.Start+int(token.Len)]...)
	}
	for _, c := range t.text[token.Start : token.Start+int(token.Len)] {
		dst = append(dst, asciiLower[c])
	}
	return dst
}

// Words are the words of a line: for where ease matters more than speed.
func Words(line string) []string {
	var t Tokenizer
	var words []string
	var tokens [64]Token
	t.Reset([]byte(line))
	for {
		n := t.Next(tokens[:])
		for _, token := range tokens[:n] {
			words = append(words, string(t.Word(nil, token)))
		}
		if n < len(tokens) {
			return words
		}
	}
}
