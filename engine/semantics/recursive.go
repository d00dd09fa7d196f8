package semantics

import (
	"errors"
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// cteRecursionLimit is MySQL's default of cte_max_recursion_depth, plus the
// anchor, as go-mysql-server has it (sql/rowexec/rel_iters.go).
const cteRecursionLimit = 10001

// recursiveCTE executes WITH RECURSIVE … UNION; the form with UNION ALL keeps
// no keys and is left to go-mysql-server.
func (b builder) recursiveCTE(ctx *sql.Context, n *plan.RecursiveCte, row sql.Row) (sql.RowIter, error) {
	union := n.Union()
	if !union.Distinct {
		return nil, nil
	}
	iter := &recursiveIter{
		builder: b.next, anchor: n.Left(), step: n.Right(), working: n.Working, row: row,
		keys: newKeyCoder(schemaTypes(n.Schema(ctx))), seen: newKeyTable(),
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
	keys         *keyCoder
	seen         *keyTable
	fresh        []sql.Row // this round's new rows
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
		key, err := r.keys.row(ctx, row)
		if err != nil {
			return nil, err
		}
		if _, added, err := r.seen.add(key); err != nil {
			return nil, err
		} else if added {
			r.fresh = append(r.fresh, row)
			return row, nil
		}
	}
}

func (r *recursiveIter) nextRound(ctx *sql.Context) error {
	if r.rounds++; r.rounds > cteRecursionLimit {
		return sql.ErrCteRecursionLimitExceeded.New()
	}
	if r.working != nil {
		r.working.Buf = r.fresh
	}
	r.fresh = nil
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
	if r.iter == nil {
		return nil
	}
	return r.iter.Close(ctx)
}

type emptyIter struct{}

func (emptyIter) Next(*sql.Context) (sql.Row, error) { return nil, io.EOF }
func (emptyIter) Close(*sql.Context) error           { return nil }
