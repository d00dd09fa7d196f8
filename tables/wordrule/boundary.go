package wordrule

import "unicode/utf8"

// The classes of code points that JDK 17's word BreakIterator tells apart, as
// far as they matter to a segment that holds letters. jdk/Gen.java assigns
// them.
const (
	classOther   = iota // a segment of its own: blanks, punctuation, kana, kanji
	classLetter         // a letter or spacing mark
	classDigit          // a number of any kind
	classMark           // a non-spacing or enclosing mark: belongs to what it follows
	classMidWord        // dashes, underscores: joins letters
	classMidNum         // a comma: joins digits
	classMidBoth        // ' and ": joins letters, or digits
	classDot            // joins letters or digits, and may begin a number
	classPreNum         // currency signs, #: may begin a number
	classPostNum        // %, &: may end a number
	classDanda          // Hindi's full stop: ends a word but not the segment
	classIgnored        // format characters: as if they weren't there
)

// The states of the automaton that finds the end of a segment. A segment is
// letters and digits in turns; single punctuation marks may stand between two
// letters or between two digits:
//
//	word    = letter+ (mid letter+)* danda?
//	number  = digit+ (mid digit+)*
//	segment = word? (number word)* (number post?)?
//	        | pre (number word)* (number post?)?
type boundaryState uint8

const (
	atStart    boundaryState = iota
	inWord                   // after a letter
	midWord                  // after punctuation that a letter must follow
	afterDanda               // only a number may follow
	inNumber                 // after a digit
	midNumber                // after punctuation that a digit must follow
	afterPre                 // only a digit may follow
	atEnd
)

// accepts says in which states a segment may end. In the others the
// punctuation just read is given back.
var accepts = [atEnd]bool{inWord: true, afterDanda: true, inNumber: true, afterPre: true}

// next is the state after a code point of the given class.
func (s boundaryState) next(class uint8) boundaryState {
	switch class {
	case classIgnored:
		if s == atStart {
			return atEnd // by itself: it changes nothing, and walking stays linear
		}
		return s
	case classLetter:
		switch s {
		case atStart, inWord, midWord, inNumber:
			return inWord
		}
	case classDigit:
		if s != midWord {
			return inNumber
		}
	case classMark:
		if s == inWord || s == inNumber {
			return s
		}
	case classDanda:
		if s == inWord {
			return afterDanda
		}
	case classMidWord:
		if s == inWord {
			return midWord
		}
	case classMidNum:
		if s == inNumber {
			return midNumber
		}
	case classMidBoth, classDot:
		switch {
		case s == inWord:
			return midWord
		case s == inNumber:
			return midNumber
		case s == atStart && class == classDot:
			return afterPre
		}
	case classPreNum:
		if s == atStart {
			return afterPre
		}
	}
	// classOther, and classPostNum: it ends a segment either way, and is
	// nothing to a sigma.
	return atEnd
}

// A sigmaContext says which capital sigmas of a line are final: those with a
// cased letter before them and none after them within the JDK's word
// boundaries. It walks the line once, however many sigmas there are, as long
// as they are asked for from left to right.
//
// Besides the ends of segments, the JDK takes every place behind a code point
// above U+FFFF for a boundary, unless that code point begins the line:
// RuleBasedBreakIterator.isBoundary looks from the middle of the surrogate
// pair there, and doesn't see that it is one.
type sigmaContext struct {
	line        []byte
	end         int // of the stretch between two boundaries that was walked last
	first, last int // its first and last cased letter, or -1
	state       boundaryState
	accepted    int // where the segment can end, when state isn't atStart
}

// final reports whether the sigma at line[i] is final.
func (c *sigmaContext) final(i int) bool {
	for c.end <= i {
		c.walk()
	}
	return c.last == i && c.first < i
}

// walk goes on to the next boundary. What it reads beyond the segment's end and
// gives back is never cased, so first and last stay right.
func (c *sigmaContext) walk() {
	c.first, c.last = -1, -1
	for i := c.end; i < len(c.line); {
		r, size := utf8.DecodeRune(c.line[i:])
		p := property(r)
		next := c.state.next(p >> propClass)
		if next == atEnd {
			if c.state == atStart { // begins no word and no number: stands alone
				c.end = i + size
				return
			}
			break
		}
		c.state = next
		if p&propCased != 0 {
			if c.first < 0 {
				c.first = i
			}
			c.last = i
		}
		i += size
		if accepts[c.state] {
			c.accepted = i
		}
		if size == 4 && i > 4 {
			c.end = i
			return
		}
	}
	c.end, c.state = c.accepted, atStart
}
