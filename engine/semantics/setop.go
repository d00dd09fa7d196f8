package semantics

import (
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/iters"
	"github.com/dolthub/go-mysql-server/sql/plan"
)

// setOp executes UNION, INTERSECT and EXCEPT. The columns' types are the set
// operation's own: the analyzer has put conversions under it.
func (b builder) setOp(ctx *sql.Context, n *plan.SetOp, row sql.Row) (sql.RowIter, error) {
	left, err := b.next.Build(ctx, n.Left(), row)
	if err != nil {
		return nil, err
	}
	columns := schemaTypes(n.Schema(ctx))
	var iter sql.RowIter
	if n.SetOpType == plan.UnionType {
		iter = &iters.UnionIter{
			Cur:      left,
			NextIter: func(ctx *sql.Context) (sql.RowIter, error) { return b.next.Build(ctx, n.Right(), row) },
		}
		if n.Distinct {
			iter = newDistinctIter(iter, columns)
		}
	} else {
		right, err := b.next.Build(ctx, n.Right(), row)
		if err != nil {
			return nil, closing(ctx, err, left)
		}
		iter = &setFilterIter{
			left: left, right: right,
			keys: newKeyCoder(columns), counted: newKeyTable(),
			except: n.SetOpType == plan.ExceptType, distinct: n.Distinct,
		}
	}
	return ordered(ctx, iter, n.SortConditions, n.Limit, n.Offset)
}

// setFilterIter is INTERSECT and EXCEPT, each ALL or DISTINCT: it reads the
// right side whole, counting its rows, and streams the left one. ALL pairs each
// right row with at most one left row (MySQL manual, "INTERSECT Clause").
type setFilterIter struct {
	left, right      sql.RowIter
	keys             *keyCoder
	counted          *keyTable
	counts           []int // how many right rows are not paired yet; by key number
	except, distinct bool
	loaded           bool
	poll             poll
}

// Next implements sql.RowIter.
func (s *setFilterIter) Next(ctx *sql.Context) (sql.Row, error) {
	if !s.loaded {
		if err := s.load(ctx); err != nil {
			return nil, err
		}
		s.loaded = true
	}
	for {
		if err := s.poll.check(ctx); err != nil {
			return nil, err
		}
		row, err := s.left.Next(ctx)
		if err != nil {
			return nil, err
		}
		key, err := s.keys.row(ctx, row)
		if err != nil {
			return nil, err
		}
		if keep, err := s.keep(ctx, key); err != nil {
			return nil, err
		} else if keep {
			return row, nil
		}
	}
}

// keep decides on a left row and counts it.
func (s *setFilterIter) keep(ctx *sql.Context, key []byte) (bool, error) {
	number, found := s.counted.find(key)
	unpaired := found && s.counts[number] > 0
	switch {
	case s.except && s.distinct:
		if !found {
			if _, _, err := s.counted.add(ctx, key); err != nil {
				return false, err
			}
			s.counts = append(s.counts, 0)
		}
		return !found, nil
	case unpaired:
		if s.distinct {
			s.counts[number] = 0
		} else {
			s.counts[number]--
		}
	}
	return unpaired != s.except, nil
}

func (s *setFilterIter) load(ctx *sql.Context) error {
	for {
		if err := s.poll.check(ctx); err != nil {
			return err
		}
		row, err := s.right.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		key, err := s.keys.row(ctx, row)
		if err != nil {
			return err
		}
		number, added, err := s.counted.add(ctx, key)
		if err != nil {
			return err
		}
		if added {
			s.counts = append(s.counts, 0)
		}
		s.counts[number]++
	}
}

// Close implements sql.RowIter.
func (s *setFilterIter) Close(ctx *sql.Context) error {
	s.counted.release()
	s.counted, s.counts = newKeyTable(), nil
	err := s.left.Close(ctx)
	if rightErr := s.right.Close(ctx); err == nil {
		err = rightErr
	}
	return err
}
