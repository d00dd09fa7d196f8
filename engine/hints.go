package engine

import (
	"regexp"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// A varHint is a SET_VAR(name = value) of a statement.
type varHint struct{ name, value string }

var setVar = regexp.MustCompile("(?i)\\bSET_VAR\\s*\\(\\s*`?([a-z0-9_]+)`?\\s*=\\s*('[^']*'|\"[^\"]*\"|[^\\s)]+)\\s*\\)")

// varHints are the SET_VAR hints after the first SELECT of a statement, which is
// where MySQL reads them (manual, "Variable-Setting Hint Syntax"); of several for
// one variable the first counts. go-mysql-server reads none.
func varHints(stmt sqlparser.Statement) []varHint {
	var hints []varHint
	seen := map[string]bool{}
	for _, c := range firstComments(stmt) {
		text := string(c)
		if !strings.HasPrefix(text, "/*+") {
			continue
		}
		for _, m := range setVar.FindAllStringSubmatch(text, -1) {
			h := varHint{name: strings.ToLower(m[1]), value: strings.Trim(m[2], `'"`)}
			if !seen[h.name] {
				seen[h.name] = true
				hints = append(hints, h)
			}
		}
	}
	return hints
}

// firstComments are the comments after the first SELECT of a statement.
func firstComments(stmt sqlparser.Statement) sqlparser.Comments {
	switch s := stmt.(type) {
	case *sqlparser.Explain:
		return firstComments(s.Statement)
	case *sqlparser.Select:
		return s.Comments
	case *sqlparser.SetOp:
		return firstComments(s.Left)
	case *sqlparser.ParenSelect:
		return firstComments(s.Select)
	}
	return nil
}
