package engine

import (
	"errors"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/tables"
)

// Statement is a statement to run.
type Statement struct {
	Query    string
	Parsed   sqlparser.Statement // nil: Query is parsed, or was prepared in the session
	Bindings map[string]sqlparser.Expr
	Flags    *sql.QueryFlags // nil: none
}

// Result is a statement under way.
type Result struct {
	Schema sql.Schema // nil for a statement without a result set; an OkResult schema for one that only reports
	Flags  *sql.QueryFlags
	// Iter gives the rows. It must be closed, also when Batches is read
	// instead: closing ends the statement's work in every store.
	Iter sql.RowIter
	// Batches, when not nil, gives the same rows in columns, whose types are
	// those of Schema. Either Iter or Batches is read, never both.
	Batches BatchSource
}

// BatchSource delivers rows in columns. It is used by one goroutine.
type BatchSource interface {
	// NextBatch fills b as tables.Rows.Next does; io.EOF ends.
	NextBatch(ctx *sql.Context, b *tables.Batch) error
}

// Execute plans a statement and runs it up to its first row, so that what goes
// wrong before a row is there comes back as the error. The caller reads the
// result, with the same ctx, and closes its Iter; what the statement may read and
// hold is in ctx from then on. The statement ends early when ctx does.
//
// A store that says that a table has changed since it was planned makes the
// statement be planned once more.
func (e *Engine) Execute(ctx *sql.Context, st Statement) (*Result, error) {
	if st.Parsed == nil {
		if prepared, ok := ctx.Session.GetPreparedQuery(st.Query); ok {
			st.Parsed = prepared
		} else {
			parsed, _, _, err := e.sqle.Parser.Parse(ctx, st.Query, false)
			if err != nil {
				return nil, sql.ErrSyntaxError.New(err.Error())
			}
			st.Parsed = parsed
		}
	}
	if err := checkReadOnly(st.Parsed); err != nil {
		return nil, err
	}
	if p, ok := st.Parsed.(*sqlparser.Prepare); ok {
		if r, ok, err := e.prepareText(ctx, p); ok || err != nil {
			return r, err
		}
	}
	run := e.start
	if x, ok := executed(ctx, st.Parsed).(*sqlparser.Explain); ok {
		using, err := usingOf(ctx, st.Parsed)
		if err != nil {
			return nil, err
		}
		run = func(ctx *sql.Context, st Statement) (*Result, error) { return e.explain(ctx, st, x, using) }
	}
	return withHintedZone(ctx, st.Parsed, func() (*Result, error) {
		r, err := e.runOnce(ctx, st, run)
		var changed *tables.SchemaChanged
		if errors.As(err, &changed) {
			e.log.Debug().Str("table", changed.Table).Str("store", changed.Store).Msg("planning again: " + changed.What)
			e.catalog.invalidate(changed.Store, changed.Table)
			r, err = e.runOnce(ctx, st, run)
		}
		return r, err
	})
}

// runOnce runs a statement in a context that knows its limits and counts what it
// holds. Since the caller reads the result with the same context, it is changed in
// place.
func (e *Engine) runOnce(ctx *sql.Context, st Statement, run func(*sql.Context, Statement) (*Result, error)) (*Result, error) {
	running, err := e.begin(ctx, executed(ctx, st.Parsed))
	if err != nil {
		return nil, err
	}
	begun := false
	defer func() {
		if !begun { // also after a panic
			running.end()
		}
	}()
	r, err := run(ctx, st)
	if err != nil {
		return nil, err
	}
	begun = true
	return running.begun(ctx, r), nil
}

// start plans and opens a statement and holds its first row.
func (e *Engine) start(ctx *sql.Context, st Statement) (_ *Result, err error) {
	sch, iter, flags, err := e.sqle.QueryWithBindings(ctx, st.Query, st.Parsed, st.Bindings, st.Flags)
	if err != nil {
		return nil, err
	}
	started := false
	defer func() {
		if !started { // also after a panic: stores must not go on
			err = errors.Join(err, closeQuietly(ctx, iter))
		}
	}()
	r := &Result{Schema: sch, Flags: flags, Iter: iter}
	if sch == nil || types.IsOkResultSchema(sch) {
		started = true
		return r, nil
	}
	if src := batchSource(iter); src != nil {
		held := &heldBatch{src: src}
		held.err = src.NextBatch(ctx, &held.first)
		r.Batches = held
		err = held.err
	} else {
		held := &heldRow{RowIter: iter}
		held.row, held.err = iter.Next(ctx)
		r.Iter = held
		err = held.err
	}
	if err != nil && !isEOF(err) {
		return nil, err
	}
	started = true
	return r, nil
}

// batchSource finds the store's batches below go-mysql-server's wrappers, which
// only account for the statement's end; nil when something else makes the rows.
func batchSource(iter sql.RowIter) BatchSource {
	for {
		switch i := iter.(type) {
		case BatchSource:
			return i
		case interface{ GetIter() sql.RowIter }:
			iter = i.GetIter()
		default:
			return nil
		}
	}
}

// heldBatch gives the batch that was read ahead first.
type heldBatch struct {
	src   BatchSource
	first tables.Batch
	err   error
	given bool
}

// NextBatch implements BatchSource.
func (h *heldBatch) NextBatch(ctx *sql.Context, b *tables.Batch) error {
	if h.given && h.err == nil {
		return h.src.NextBatch(ctx, b)
	}
	h.given = true
	*b, h.first = h.first, tables.Batch{}
	return h.err // an end or an error stays one
}

// heldRow gives the row that was read ahead first.
type heldRow struct {
	sql.RowIter
	row   sql.Row
	err   error
	given bool
}

// Next implements sql.RowIter.
func (h *heldRow) Next(ctx *sql.Context) (sql.Row, error) {
	if h.given && h.err == nil {
		return h.RowIter.Next(ctx)
	}
	h.given = true
	row := h.row
	h.row = nil
	return row, h.err
}
