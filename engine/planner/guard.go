package planner

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/tables"
)

// TooBig is the error of a statement that would read more of a store than it may.
// It comes before anything is read.
type TooBig struct {
	Store, Table string
	What         string // "rows" or "bytes"
	Estimate     int64  // what the store thinks it would read
	Limit        int64
	Hint         string // which condition would help; "" where none is known
}

func (e *TooBig) Error() string {
	s := fmt.Sprintf("The SELECT would read about %d %s of %s (%s), and the limit is %d", e.Estimate, e.What, e.Table, e.Store, e.Limit)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// check says whether a plan over the named tables may be opened.
func (r *Run) check(store, table string, estimate tables.Estimate) error {
	if r == nil || r.Explained {
		return nil
	}
	big := TooBig{Store: store, Table: table, Hint: estimate.Hint}
	switch {
	case r.MaxRows > 0 && estimate.Rows > r.MaxRows:
		big.What, big.Estimate, big.Limit = "rows", estimate.Rows, r.MaxRows
	case r.MaxBytes > 0 && estimate.Bytes > r.MaxBytes:
		big.What, big.Estimate, big.Limit = "bytes", estimate.Bytes, r.MaxBytes
	default:
		return nil
	}
	return &big
}

// finish looks at the leaves of a finished plan: whether they may be opened, and
// what makes fewer of their rows.
func (r *Run) finish(ctx *sql.Context, n sql.Node) error {
	limited := r.MaxRows > 0 || r.MaxBytes > 0
	return underReducers(ctx, n, nil, reducesSome, func(leaf *Remote, reducer sql.Node) error {
		leaf.reducer = reducer // the leaf is this statement's only
		if !limited {
			return nil
		}
		return r.check(leaf.store, tableNames(&leaf.query), leaf.estimate())
	})
}
