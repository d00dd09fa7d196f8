package engine

import (
	"errors"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/semantics"
)

// hintedZone is the time zone that a statement's hints ask for.
func hintedZone(st sqlparser.Statement) (zone string, ok bool) {
	for _, h := range varHints(st) {
		if h.name == "time_zone" {
			return h.value, true
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
