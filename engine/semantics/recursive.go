package semantics

import (
	"errors"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"

	"gridgate/engine/memory"
)

// cteRecursionLimit is MySQL's default of cte_max_recursion_depth, plus the
// anchor, as go-mysql-server has it (sql/rowexec/rel_iters.go).
const cteRecursionLimit = 10001

// recursiveCTE executes WITH RECURSIVE, with UNION and with UNION ALL.
func (b builder) recursiveCTE(ctx *sql.Context, n *plan.RecursiveCte, row sql.Row) (sql.RowIter, error) {
	union := n.Union()
	iter := &recursiveIter{builder: b.next, anchor: n.Left(), step: n.Right(), working: n.Working, row: row}
	if union.Distinct {
		iter.keys, iter.seen = newKeyCoder(schemaTypes(n.Schema(ctx))), newKeyTable()
	}
	return ordered(ctx, iter, union.SortConditions, union.Limit, union.Offset)
}

// recursiveIter gives the anchor's rows, then runs the step over the rows of
// the round before until a round brings nothing new.
type recursiveIter struct {
	builder      sql.NodeExecBuilder
	anchor, step sql.Node
	working      *plan.RecursiveTable
	row          sql.Row
	iter         sql.RowIter
	keys         *keyCoder // nil: UNION ALL
	seen         *keyTable
	fresh        []sql.Row   // this round's new rows
	held, before memory.Held // of fresh, and of the round's before
	rounds       int
	poll         poll
}

// Next implements sql.RowIter.
func (r *recursiveIter) Next(ctx *sql.Context) (sql.Row, error) {
	if r.iter == nil {
		iter, err := r.builder.Build(ctx, r.anchor, r.row)
		if err != nil {
			return nil, err
		}
		r.iter = iter
	}
	for {
		if err := r.poll.check(ctx); err != nil {
			return nil, err
		}
		row, err := r.iter.Next(ctx)
		if errors.Is(err, io.EOF) && len(r.fresh) > 0 {
			if err := r.nextRound(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		fresh, err := r.isFresh(ctx, row)
		if err != nil {
			return nil, err
		}
		if !fresh {
			continue
		}
		if err := r.held.Add(ctx, "the rows of a recursion", memory.RowSize(row)); err != nil {
			return nil, err
		}
		r.fresh = append(r.fresh, row)
		return row, nil
	}
}

// isFresh reports whether a row goes into the next round: with UNION, when it is
// met for the first time.
func (r *recursiveIter) isFresh(ctx *sql.Context, row sql.Row) (bool, error) {
	if r.keys == nil {
		return true, nil
	}
	key, err := r.keys.row(ctx, row)
	if err != nil {
		return false, err
	}
	_, added, err := r.seen.add(ctx, key)
	return added, err
}

func (r *recursiveIter) nextRound(ctx *sql.Context) error {
	if r.rounds++; r.rounds > cteRecursionLimit {
		return sql.ErrCteRecursionLimitExceeded.New()
	}
	if r.working != nil {
		r.working.Buf = r.fresh
	}
	r.fresh = nil
	r.before.Release() // of the round before: its rows are read
	r.before, r.held = r.held, memory.Held{}
	err := r.iter.Close(ctx)
	r.iter = emptyIter{}
	if err != nil {
		return err
	}
	iter, err := r.builder.Build(ctx, r.step, r.row)
	if err != nil {
		return err
	}
	r.iter = iter
	return nil
}

// Close implements sql.RowIter.
func (r *recursiveIter) Close(ctx *sql.Context) error {
	if r.working != nil {
		r.working.Buf = nil
	}
	r.fresh = nil
	r.held.Release()
	r.before.Release()
	r.seen.release()
	if r.iter == nil {
		return nil
	}
	return r.iter.Close(ctx)
}

type emptyIter struct{}

func (emptyIter) Next(*sql.Context) (sql.Row, error) { return nil, io.EOF }
func (emptyIter) Close(*sql.Context) error           { return nil }
