package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
)

// distinctIter passes each row on when it meets it for the first time.
type distinctIter struct {
	child sql.RowIter
	keys  *keyCoder
	seen  *keyTable
	poll  poll
}

func newDistinctIter(child sql.RowIter, columns []sql.Type) *distinctIter {
	return &distinctIter{child: child, keys: newKeyCoder(columns), seen: newKeyTable()}
}

// Next implements sql.RowIter.
func (d *distinctIter) Next(ctx *sql.Context) (sql.Row, error) {
	for {
		if err := d.poll.check(ctx); err != nil {
			return nil, err
		}
		row, err := d.child.Next(ctx)
		if err != nil {
			return nil, err
		}
		key, err := d.keys.row(ctx, row)
		if err != nil {
			return nil, err
		}
		if _, added, err := d.seen.add(ctx, key); err != nil {
			return nil, err
		} else if added {
			return row, nil
		}
	}
}

// Close implements sql.RowIter.
func (d *distinctIter) Close(ctx *sql.Context) error {
	d.seen.release()
	d.seen = newKeyTable()
	return d.child.Close(ctx)
}
