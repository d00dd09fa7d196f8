package wire

import (
	"strconv"
	"strings"
	"time"
)

// This file looks at statements without parsing them: what must be known
// before the engine gets a statement, and also for one that doesn't parse.

// splitStatement gives the first statement of text and what follows its
// semicolon, "" when nothing but blanks, comments and semicolons does.
func splitStatement(text string) (first, rest string) {
	i := skipBlank(text, 0)
	for i < len(text) && text[i] == ';' { // empty statements in front
		i = skipBlank(text, i+1)
	}
	start := i
	for i < len(text) {
		if text[i] == ';' {
			first = text[start:i]
			for i < len(text) && text[i] == ';' {
				i = skipBlank(text, i+1)
			}
			return first, text[i:]
		}
		i = skipToken(text, i)
	}
	if start == len(text) {
		return text, ""
	}
	return text[start:], ""
}

// skipToken is the position after the quoted text, the comment or the single
// byte at i.
func skipToken(s string, i int) int {
	switch c := s[i]; c {
	case '\'', '"', '`':
		return skipQuoted(s, i, c)
	case '#', '-', '/':
		if j := skipComment(s, i); j > i {
			return j
		}
	}
	return i + 1
}

// skipQuoted is the position after the quoted text that begins at i. A
// backslash escapes, except in identifiers.
func skipQuoted(s string, i int, quote byte) int {
	for i++; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote != '`':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}

// skipComment is the position after the comment that begins at i, or i where
// none does. What /*! and /*+ begin isn't a comment to MySQL; but nothing in
// it ends a statement either.
func skipComment(s string, i int) int {
	switch {
	case s[i] == '#', strings.HasPrefix(s[i:], "--") && (i+2 == len(s) || s[i+2] <= ' '):
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			return i + n + 1
		}
		return len(s)
	case strings.HasPrefix(s[i:], "/*"):
		if n := strings.Index(s[i+2:], "*/"); n >= 0 {
			return i + 2 + n + 2
		}
		return len(s)
	}
	return i
}

// skipBlank is the position after blanks and comments, not counting the
// comments that MySQL reads.
func skipBlank(s string, i int) int {
	for i < len(s) {
		switch {
		case s[i] <= ' ':
			i++
		case strings.HasPrefix(s[i:], "/*!"), strings.HasPrefix(s[i:], "/*+"):
			return i
		default:
			j := skipComment(s, i)
			if j == i {
				return i
			}
			i = j
		}
	}
	return i
}

// word is the word at i in upper case, and the position after it.
func word(s string, i int) (string, int) {
	start := i
	for i < len(s) && (s[i] == '_' || s[i] >= '0' && s[i] <= '9' || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z') {
		i++
	}
	return strings.ToUpper(s[start:i]), i
}

// firstWord is the first word of a statement in upper case, opening
// parentheses before it left out, and the position after it.
func firstWord(s string) (string, int) {
	i := skipBlank(s, 0)
	for i < len(s) && s[i] == '(' {
		i = skipBlank(s, i+1)
	}
	return word(s, i)
}

// isSelect reports whether a statement reads rows, so that a time limit
// applies to it.
func isSelect(s string) bool {
	switch w, _ := firstWord(s); w {
	case "SELECT", "WITH", "TABLE", "VALUES", "EXPLAIN", "DESCRIBE", "DESC": // EXPLAIN ANALYZE runs
		return true
	}
	return false
}

// timeHint is the limit of a MAX_EXECUTION_TIME hint after the first SELECT;
// 0 when there is none.
func timeHint(s string) time.Duration {
	i := 0
	for {
		if i >= len(s) {
			return 0
		}
		w, j := word(s, i)
		if w == "SELECT" {
			i = j
			break
		}
		if w == "" {
			j = skipToken(s, i)
		}
		i = j
	}
	i = skipBlank(s, i)
	if !strings.HasPrefix(s[i:], "/*+") {
		return 0
	}
	hints := s[i+3:]
	if n := strings.Index(hints, "*/"); n >= 0 {
		hints = hints[:n]
	}
	const name = "MAX_EXECUTION_TIME"
	at := strings.Index(strings.ToUpper(hints), name)
	if at < 0 {
		return 0
	}
	arg, ok := strings.CutPrefix(strings.TrimLeft(hints[at+len(name):], " \t\r\n"), "(")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(arg, ")")
	ms, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// parseKill reads KILL [CONNECTION | QUERY] number. ok is false for anything
// else, which is the engine's.
func parseKill(s string) (id uint32, connection, ok bool) {
	w, i := firstWord(s)
	if w != "KILL" {
		return 0, false, false
	}
	connection = true
	i = skipBlank(s, i)
	w, j := word(s, i)
	if w == "QUERY" || w == "CONNECTION" {
		connection = w == "CONNECTION"
		i = skipBlank(s, j)
		w, j = word(s, i)
	}
	n, err := strconv.ParseUint(w, 10, 32)
	if err != nil {
		return 0, false, false
	}
	j = skipBlank(s, j)
	for j < len(s) && s[j] == ';' {
		j = skipBlank(s, j+1)
	}
	return uint32(n), connection, j == len(s)
}
