package semantics

import (
	"regexp"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// ExplainJSON is sqlparser.Explain's format of EXPLAIN FORMAT=JSON.
const ExplainJSON = "json"

// explainForm finds what the parser doesn't take between EXPLAIN and the
// statement: FORMAT=JSON, since JSON is one of its keywords, and a format beside
// ANALYZE.
var explainForm = regexp.MustCompile(`(?is)^(?:\s|/\*.*?\*/|--[ \t][^\n]*\n|#[^\n]*\n)*(?:EXPLAIN|DESCRIBE|DESC)\s+(?:(ANALYZE)\s+)?FORMAT\s*=\s*([A-Za-z]+)\s`)

// The formats that ReadExplain writes in place of those that the parser doesn't
// take: they have as many letters, so that positions in the text stay what they
// are.
const (
	plainJSON    = "jsn_"
	analyzedJSON = "jsna"
	analyzedTree = "trea"
)

// ReadExplain is a query with what the parser doesn't take of EXPLAIN's forms
// written in another way, in as many bytes; formatted turns it back in the parsed
// statement.
func ReadExplain(query string) string {
	at := explainForm.FindStringSubmatchIndex(query)
	if at == nil {
		return query
	}
	analyze := at[2] >= 0
	var format string
	switch name := strings.ToLower(query[at[4]:at[5]]); {
	case name == "json" && analyze:
		format = analyzedJSON
	case name == "json":
		format = plainJSON
	case name == "tree" && analyze:
		format = analyzedTree
	default:
		return query
	}
	if analyze {
		query = query[:at[2]] + strings.Repeat(" ", at[3]-at[2]) + query[at[3]:]
	}
	return query[:at[4]] + format + query[at[5]:]
}

// formatted undoes ReadExplain.
func formatted(stmt sqlparser.Statement) {
	x, ok := stmt.(*sqlparser.Explain)
	if !ok {
		return
	}
	switch x.ExplainFormat {
	case plainJSON:
		x.ExplainFormat = ExplainJSON
	case analyzedJSON:
		x.ExplainFormat, x.Analyze = ExplainJSON, true
	case analyzedTree:
		x.ExplainFormat, x.Analyze = sqlparser.TreeStr, true
	}
}
