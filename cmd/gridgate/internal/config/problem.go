package config

import (
	"fmt"
	"strings"
)

// A Problem is one thing that is wrong in the configuration.
type Problem struct {
	Source string // the file, "environment" or "command line"
	Line   int    // in the file; 0: unknown, or not a file
	Key    string // as the source writes it: a key, a variable or a flag; may be empty
	Text   string // what is wrong and what is allowed, without a full stop
}

// String is the problem in one line, with its place as compilers write it.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Source)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems are all things that are wrong, in the order of the sources. It is
// the error of Load.
type Problems []Problem

// Error lists the problems, a line each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}
