package text

import (
	"strings"
	"unicode/utf8"
)

// A pattern is a compiled LIKE pattern: pieces that stand one after the other,
// some of them with a % before.
type pattern struct {
	pieces []piece
	many   bool // a % at the end
}

// A piece is a run of characters and _ with no % inside.
type piece struct {
	many  bool // a % before it
	runes []rune
	text  string // the same, when it has no _
	plain bool
}

// anyRune stands for _.
const anyRune rune = -1

// compileLike compiles a pattern of MySQL's LIKE. escape is the character that
// takes the next one literally, or noEscape. As in MySQL, an escape character
// at the end stands for itself.
func compileLike(s string, escape rune) *pattern {
	p := &pattern{}
	current := piece{plain: true}
	open := false // current holds something
	flush := func() {
		if open {
			current.text = runesText(current)
			p.pieces = append(p.pieces, current)
		}
		current, open = piece{plain: true}, false
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == escape && escape != noEscape && len(s) > 0:
			r, size = utf8.DecodeRuneInString(s)
			s = s[size:]
			current.runes = append(current.runes, r)
			open = true
		case r == '%':
			flush()
			current.many, p.many = true, true
			continue
		case r == '_':
			current.runes = append(current.runes, anyRune)
			current.plain, open = false, true
		default:
			current.runes = append(current.runes, r)
			open = true
		}
		p.many = false
	}
	flush()
	return p
}

const noEscape rune = -1

func runesText(p piece) string {
	if !p.plain {
		return ""
	}
	return string(p.runes)
}

// match reports whether the whole of s, which is valid UTF-8, fits.
func (p *pattern) match(s string) bool {
	pieces := p.pieces
	if len(pieces) == 0 {
		return p.many || s == ""
	}
	// What has no % before it has one place only.
	if !pieces[0].many {
		n := pieces[0].prefix(s)
		if n < 0 {
			return false
		}
		s, pieces = s[n:], pieces[1:]
		if len(pieces) == 0 {
			return p.many || s == ""
		}
	}
	// So does the last one, when no % is behind it.
	if !p.many {
		last := &pieces[len(pieces)-1]
		n := last.suffix(s)
		if n < 0 {
			return false
		}
		s, pieces = s[:n], pieces[:len(pieces)-1]
	}
	// The first place where a piece fits is as good as any other.
	for i := range pieces {
		n := pieces[i].after(s)
		if n < 0 {
			return false
		}
		s = s[n:]
	}
	return true
}

// prefix is how many bytes of s the piece takes at its beginning, or -1.
func (p *piece) prefix(s string) int {
	if p.plain {
		if strings.HasPrefix(s, p.text) {
			return len(p.text)
		}
		return -1
	}
	i := 0
	for _, want := range p.runes {
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 0 || want != anyRune && r != want {
			return -1
		}
		i += size
	}
	return i
}

// suffix is where in s the piece begins when it takes its end, or -1.
func (p *piece) suffix(s string) int {
	if p.plain {
		if strings.HasSuffix(s, p.text) {
			return len(s) - len(p.text)
		}
		return -1
	}
	i := len(s)
	for range p.runes {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		if size == 0 {
			return -1
		}
		i -= size
	}
	if p.prefix(s[i:]) < 0 {
		return -1
	}
	return i
}

// after is where in s the first place that the piece takes ends, or -1.
func (p *piece) after(s string) int {
	if p.plain {
		if i := strings.Index(s, p.text); i >= 0 {
			return i + len(p.text)
		}
		return -1
	}
	for i := 0; i <= len(s); {
		if n := p.prefix(s[i:]); n >= 0 {
			return i + n
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += max(size, 1)
	}
	return -1
}
