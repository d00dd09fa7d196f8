package engine

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine/memory"
	"gridgate/engine/planner"
)

// Limits bound what statements may read and hold. 0 means no limit, except where
// it is said otherwise.
type Limits struct {
	// RowsScanned and ScanBytes are what one part of a statement may read in its
	// store, as far as the store can tell before. A session may lower them for
	// itself (gridgate_max_scan_rows, gridgate_max_scan_bytes).
	RowsScanned, ScanBytes int64
	// QueryMemory is what one statement may hold in the gateway, and Memory what all
	// statements may hold together, in bytes.
	QueryMemory, Memory int64
	// WarnRows is from how many rows on a statement gets a warning that they were
	// read into the gateway to make fewer of them. A session's gridgate_warn_rows
	// begins with it.
	WarnRows int64
}

// running is what one run of a statement has beside its result.
type running struct {
	engine   *Engine
	run      *planner.Run
	account  *memory.Account
	warnRows int64
	warnings []*sql.Warning // to give when the statement has begun
	rows     int64          // given so far
}

// begin puts into ctx what a run of a statement needs, after its session's
// variables and its hints. Its end must be told.
func (e *Engine) begin(ctx *sql.Context, stmt sqlparser.Statement) (*running, error) {
	mode, err := planner.SessionMode(ctx)
	if err != nil {
		return nil, err
	}
	r := &running{engine: e, run: &planner.Run{Mode: mode}}
	if x, ok := stmt.(*sqlparser.Explain); ok {
		r.run.Explained = !x.Analyze
	}
	for _, v := range []struct {
		name string
		into *int64
	}{{maxRowsVariable, &r.run.MaxRows}, {maxBytesVariable, &r.run.MaxBytes}, {warnRowsVariable, &r.warnRows}} {
		if *v.into, err = sessionInt(ctx, v.name); err != nil {
			return nil, err
		}
	}
	for _, h := range varHints(stmt) {
		r.apply(h)
	}
	if _, explain := stmt.(*sqlparser.Explain); explain {
		r.warnRows = 0 // ANALYZE shows what was read, and gives one row whatever that is
	}
	r.run.MaxRows = effective(e.limits.RowsScanned, r.run.MaxRows)
	r.run.MaxBytes = effective(e.limits.ScanBytes, r.run.MaxBytes)
	r.account = e.memory.NewAccount(e.limits.QueryMemory)
	ctx.Context = planner.WithRun(memory.With(ctx.Context, r.account), r.run)
	return r, nil
}

// effective is the configured limit or the session's, whichever is lower.
func effective(configured, own int64) int64 {
	if own == 0 || configured != 0 && configured < own {
		return configured
	}
	return own
}

// apply does what a SET_VAR hint says, for this run only. As in MySQL, a hint that
// can't be followed is a warning.
func (r *running) apply(h varHint) {
	warn := func(code int, format string, args ...any) {
		r.warnings = append(r.warnings, &sql.Warning{Level: "Warning", Code: code, Message: fmt.Sprintf(format, args...)})
	}
	wrong := func() {
		warn(mysql.ERWrongValueForVar, "Variable '%s' can't be set to the value of '%s'", h.name, h.value)
	}
	number := func(into *int64) {
		if n, err := strconv.ParseInt(h.value, 10, 64); err == nil && n >= 0 {
			*into = n
		} else {
			wrong()
		}
	}
	switch h.name {
	case "time_zone": // withHintedZone's
	case planner.ModeVariable:
		if m, ok := planner.ModeOf(h.value); ok {
			r.run.Mode = m
		} else {
			wrong()
		}
	case maxRowsVariable:
		number(&r.run.MaxRows)
	case maxBytesVariable:
		number(&r.run.MaxBytes)
	case warnRowsVariable:
		number(&r.warnRows)
	default:
		if _, _, ok := sql.SystemVariables.GetGlobal(h.name); ok {
			warn(notHintUpdatable, "Variable '%s' cannot be set using SET_VAR hint.", h.name)
		} else {
			warn(unresolvedHintName, "Unresolved name '%s' for SET_VAR hint", h.name)
		}
	}
}

// MySQL's ER_NOT_HINT_UPDATABLE_VARIABLE and ER_UNRESOLVED_HINT_NAME.
const (
	notHintUpdatable   = 3637
	unresolvedHintName = 3128
)

// begun is called when the statement's first row is there; a result without rows
// is its own.
func (r *running) begun(ctx *sql.Context, res *Result) *Result {
	for _, w := range r.warnings {
		ctx.Session.Warn(w)
	}
	res.Iter = &runningIter{RowIter: res.Iter, running: r}
	return res
}

// end gives back what the statement holds. It may be called again.
func (r *running) end() { r.account.Close() }

// runningIter gives a statement's rows and ends its run.
type runningIter struct {
	sql.RowIter
	running *running
	failed  bool
	closed  bool
}

// Next implements sql.RowIter.
func (i *runningIter) Next(ctx *sql.Context) (sql.Row, error) {
	row, err := i.RowIter.Next(ctx)
	switch {
	case err == nil:
		i.running.rows++
	case !isEOF(err):
		i.failed = true
	}
	return row, err
}

// Close implements sql.RowIter. Only when it has closed everything else is it
// known what the statement read; what it holds ends whatever they do.
func (i *runningIter) Close(ctx *sql.Context) error {
	if i.closed {
		return i.RowIter.Close(ctx)
	}
	i.closed = true
	defer i.running.end()
	err := i.RowIter.Close(ctx)
	if r := i.running; r.warnRows > 0 && err == nil && !i.failed {
		for _, text := range r.run.Wasted(ctx, r.warnRows, r.rows) {
			ctx.Session.Warn(&sql.Warning{Level: "Note", Code: mysql.ERUnknownError, Message: text})
		}
	}
	return err
}

// sessionInt is the value of one of gridgate's own variables that hold a number.
func sessionInt(ctx *sql.Context, name string) (int64, error) {
	v, err := ctx.GetSessionVariable(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", name, err)
	}
	n, ok := v.(int64)
	if !ok {
		return 0, errors.New(name + " is no number")
	}
	return n, nil
}
