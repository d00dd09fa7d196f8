package semantics

import (
	"io"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/memory"
)

// hashLookup executes the inner side of a hash join. go-mysql-server's keys are
// hashes of the values' texts without their collation
// (plan.HashLookup.GetHashKey), so 1.0 misses 1.00 and 'a' misses 'A'; the
// join's condition is checked again afterwards, which can only drop rows. Here
// values that compare equal have equal keys.
func (b builder) hashLookup(ctx *sql.Context, n *plan.HashLookup, row sql.Row) (sql.RowIter, error) {
	if _, extended := n.LeftProbeKey.Type(ctx).(sql.ExtendedType); extended {
		return nil, nil
	}
	keys := newLookupCoder(ctx, n)
	if keys == nil {
		return nil, nil
	}
	n.Mutex.Lock()
	defer n.Mutex.Unlock()
	if n.Lookup == nil {
		child, err := b.next.Build(ctx, n.Child, row)
		if err != nil {
			return nil, err
		}
		return &lookupLoadIter{node: n, child: child, keys: keys, rows: make(map[any][]sql.Row)}, nil
	}
	key, hasNull, err := keys.of(ctx, keys.probe, row)
	if err != nil {
		return nil, err
	}
	found := (*n.Lookup)[key]
	if n.JoinType.IsExcludeNulls() {
		// NOT IN is also decided by rows whose comparison is NULL.
		if hasNull {
			found = (*n.Lookup)[everyRow{}]
		} else {
			found = append(found[:len(found):len(found)], (*n.Lookup)[nullRows{}]...)
		}
		if all := (*n.Lookup)[everyRow{}]; len(found) == 0 && len(all) > 0 {
			found = all[:1] // so that the join knows that there are any
		}
	}
	return &polledRows{rows: found}, nil
}

// Keys of the lookup that no row's values can have.
type (
	everyRow struct{}
	nullRows struct{} // rows with a NULL among their keys
)

// lookupCoder makes the keys of one HashLookup.
type lookupCoder struct {
	entry, probe []sql.Expression
	compare      []comparand
	coder        *keyCoder
}

// newLookupCoder returns nil where keys cannot be taken apart.
func newLookupCoder(ctx *sql.Context, n *plan.HashLookup) *lookupCoder {
	c := &lookupCoder{entry: elements(n.RightEntryKey), probe: elements(n.LeftProbeKey), coder: newKeyCoder(nil)}
	if len(c.entry) != len(c.probe) {
		return nil
	}
	for i := range c.entry {
		if types.IsTuple(c.entry[i].Type(ctx)) {
			return nil
		}
		c.compare = append(c.compare, comparandOf(ctx, c.probe[i], c.entry[i]))
	}
	return c
}

func elements(e sql.Expression) []sql.Expression {
	if t, ok := e.(expression.Tuple); ok {
		return t
	}
	return []sql.Expression{e}
}

// of returns the key of row, and whether one of its values is NULL. Values
// without a key do not count: the join's condition decides on them.
func (c *lookupCoder) of(ctx *sql.Context, exprs []sql.Expression, row sql.Row) (key any, hasNull bool, err error) {
	c.coder.buf = c.coder.buf[:0]
	for i, e := range exprs {
		v, err := e.Eval(ctx, row)
		if err != nil {
			return nil, false, err
		}
		hasNull = hasNull || v == nil
		if c.compare[i].kind == compareOther {
			continue
		}
		if _, err := c.compare[i].append(ctx, c.coder, v); err != nil {
			return nil, false, err
		}
	}
	return string(c.coder.buf), hasNull, nil
}

// lookupLoadIter passes the inner side's rows on to the first probe and keeps
// them by key; the node gets them when all have been read.
type lookupLoadIter struct {
	node  *plan.HashLookup
	child sql.RowIter
	keys  *lookupCoder
	rows  map[any][]sql.Row
	held  memory.Held
	done  bool // the node has the rows, until the statement ends
	poll  poll
}

// Next implements sql.RowIter.
func (l *lookupLoadIter) Next(ctx *sql.Context) (sql.Row, error) {
	if err := l.poll.check(ctx); err != nil {
		return nil, err
	}
	row, err := l.child.Next(ctx)
	if err == io.EOF {
		l.node.Lookup, l.done = &l.rows, true
	}
	if err != nil {
		return nil, err
	}
	key, hasNull, err := l.keys.of(ctx, l.keys.entry, row)
	if err != nil {
		return nil, err
	}
	size := memory.RowSize(row) + keyOverhead
	if s, ok := key.(string); ok {
		size += int64(len(s))
	}
	if err := l.held.Add(ctx, "the inner side of a join", size); err != nil {
		return nil, err
	}
	l.rows[key] = append(l.rows[key], row)
	if l.node.JoinType.IsExcludeNulls() {
		l.rows[everyRow{}] = append(l.rows[everyRow{}], row)
		if hasNull {
			l.rows[nullRows{}] = append(l.rows[nullRows{}], row)
		}
	}
	return row, nil
}

// Close implements sql.RowIter.
func (l *lookupLoadIter) Close(ctx *sql.Context) error {
	if !l.done {
		l.held.Release()
	}
	return l.child.Close(ctx)
}
