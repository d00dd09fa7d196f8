package engine

import (
	"errors"
	"regexp"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/semantics"
)

// zoneHint is the hint that sets a time zone for one statement (manual, "Variable-
// Setting Hint Syntax").
var zoneHint = regexp.MustCompile(`(?is)^/\*\+.*\bSET_VAR\s*\(\s*time_zone\s*=\s*(?:'([^']*)'|"([^"]*)"|([^\s)'"]+))\s*\)`)

// hintedZone is the time zone that a statement's first SELECT asks for.
func hintedZone(st sqlparser.SQLNode) (zone string, ok bool) {
	switch st := st.(type) {
	case *sqlparser.Explain:
		return hintedZone(st.Statement)
	case *sqlparser.SetOp:
		return hintedZone(st.Left)
	case *sqlparser.ParenSelect:
		return hintedZone(st.Select)
	case *sqlparser.Select:
		for _, c := range st.Comments {
			if m := zoneHint.FindSubmatch(c); m != nil {
				return string(m[1]) + string(m[2]) + string(m[3]), true
			}
		}
	}
	return "", false
}

// withHintedZone runs a statement in the time zone that it asks for. The session
// has its own again when the statement has failed, or its Iter is closed. A hint
// that names no zone is a warning, as in MySQL.
func withHintedZone(ctx *sql.Context, st sqlparser.Statement, run func() (*Result, error)) (*Result, error) {
	hint, ok := hintedZone(st)
	if !ok {
		return run()
	}
	zone, err := semantics.TimeZone(hint)
	if err != nil {
		ctx.Warn(1298, "%s", err.Error())
		return run()
	}
	own, err := ctx.GetSessionVariable(ctx, "time_zone")
	if err != nil {
		return nil, err
	}
	if err := ctx.SetSessionVariable(ctx, "time_zone", zone); err != nil {
		return nil, err
	}
	restore := func() error { return ctx.SetSessionVariable(ctx, "time_zone", own) }
	r, err := run()
	if err != nil {
		return nil, errors.Join(err, restore())
	}
	r.Iter = &restoringIter{RowIter: r.Iter, restore: restore}
	return r, nil
}

// restoringIter gives a session back what a statement has changed.
type restoringIter struct {
	sql.RowIter
	restore func() error
}

// Close implements sql.RowIter.
func (i *restoringIter) Close(ctx *sql.Context) error {
	return errors.Join(i.RowIter.Close(ctx), i.restore())
}
