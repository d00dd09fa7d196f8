package semantics

import "strings"

// KeepWildcardEscapes doubles the backslash of \% and \_ in string literals.
// In MySQL these two stay as they are, so that 'a\_b' is a pattern for a_b
// (manual, "String Literals"); the tokenizer of go-mysql-server's parser drops
// the backslash of every escape that it does not know. The result is the same
// when applied again.
func KeepWildcardEscapes(query string) string {
	if !strings.Contains(query, `\%`) && !strings.Contains(query, `\_`) {
		return query
	}
	var out strings.Builder
	last := 0
	wildcardEscapes(query, func(i int) {
		out.WriteString(query[last:i])
		out.WriteByte('\\')
		last = i
	})
	if last == 0 {
		return query
	}
	out.WriteString(query[last:])
	return out.String()
}

// originalPosition returns which byte of query stands at position in
// KeepWildcardEscapes(query).
func originalPosition(query string, position int) int {
	added := 0
	wildcardEscapes(query, func(i int) {
		if i+added < position {
			added++
		}
	})
	return position - added
}

// wildcardEscapes calls found with the position of each backslash to double.
func wildcardEscapes(query string, found func(i int)) {
	for i := 0; i < len(query); {
		switch c := query[i]; {
		case c == '\'' || c == '"':
			i = scanString(query, i, found)
		case c == '`':
			i = skipPast(query, i+1, "`")
		case strings.HasPrefix(query[i:], "/*"):
			i = skipPast(query, i+2, "*/")
		case c == '#' || strings.HasPrefix(query[i:], "-- "):
			i = skipPast(query, i, "\n")
		default:
			i++
		}
	}
}

// scanString goes through the literal that begins at i and returns what follows it.
func scanString(query string, i int, found func(i int)) int {
	quote := query[i]
	for i++; i < len(query); i++ {
		switch query[i] {
		case '\\':
			if i+1 < len(query) && (query[i+1] == '%' || query[i+1] == '_') {
				found(i)
			}
			i++
		case quote:
			return i + 1 // a doubled quote begins the next literal at once
		}
	}
	return i
}

func skipPast(query string, i int, end string) int {
	n := strings.Index(query[i:], end)
	if n < 0 {
		return len(query)
	}
	return i + n + len(end)
}
