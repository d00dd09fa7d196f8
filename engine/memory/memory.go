// Package memory counts what the operators of the gateway hold in memory: rows
// to sort, groups, the inner sides of joins. A Pool is the process's, an Account
// a statement's; both have a limit, and a statement that passes one fails with an
// *Exceeded while all others go on.
//
// What is counted is an estimate of the bytes of values with what Go needs around
// them (RowSize). It is not the process's memory: what stores and the wire hold
// has bounds of its own.
package memory

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// A Pool is what all statements of a process may hold together. It is safe for
// concurrent use.
type Pool struct {
	limit int64 // 0: none
	used  atomic.Int64
}

// NewPool makes a pool; limit 0 means none.
func NewPool(limit int64) *Pool { return &Pool{limit: limit} }

// Used is what all statements hold now, in bytes.
func (p *Pool) Used() int64 { return p.used.Load() }

// Exceeded says that a statement would hold more than it may.
type Exceeded struct {
	What   string // what would hold it, "rows to sort"
	Limit  int64  // in bytes
	Shared bool   // the limit is that of all statements together
}

func (e *Exceeded) Error() string {
	whose, key := "one statement", "limits.query_memory"
	if e.Shared {
		whose, key = "all statements together", "limits.memory"
	}
	return fmt.Sprintf("Out of memory for %s in the gateway: %s may hold %d bytes (%s); "+
		"restrict the tables with WHERE, ask for fewer columns, or let a LIMIT say how many rows are wanted", e.What, whose, e.Limit, key)
}

// An Account is what one statement holds. It is safe for concurrent use. A nil
// Account counts nothing.
type Account struct {
	pool  *Pool
	limit int64    // 0: none
	outer *Account // of a part of the statement that is done again and again
	mu    sync.Mutex
	used  int64
	ended bool
}

// NewAccount opens an account; limit 0 means that only the pool's counts. Close
// gives back what is left in it.
func (p *Pool) NewAccount(limit int64) *Account { return &Account{pool: p, limit: limit} }

// Part opens an account for a part of a's statement: what it takes counts for a
// too, and what is left in it when it is closed is given back.
func (a *Account) Part() *Account {
	if a == nil {
		return nil
	}
	return &Account{pool: a.pool, limit: a.limit, outer: a}
}

// Grow takes n bytes for what. The error is *Exceeded; then nothing was taken.
func (a *Account) Grow(what string, n int64) error {
	if a == nil || n == 0 {
		return nil
	}
	if a.outer != nil {
		if err := a.outer.Grow(what, n); err != nil {
			return err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.used += n
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return nil // closing: nothing is held any more
	}
	if a.limit > 0 && a.used+n > a.limit {
		return &Exceeded{What: what, Limit: a.limit}
	}
	if used := a.pool.used.Add(n); a.pool.limit > 0 && used > a.pool.limit {
		a.pool.used.Add(-n)
		return &Exceeded{What: what, Limit: a.pool.limit, Shared: true}
	}
	a.used += n
	return nil
}

// Shrink gives n bytes back.
func (a *Account) Shrink(n int64) {
	if a == nil || n == 0 {
		return
	}
	a.mu.Lock()
	if a.ended {
		a.mu.Unlock()
		return
	}
	a.used -= n
	if a.outer == nil {
		a.pool.used.Add(-n)
	}
	a.mu.Unlock()
	a.outer.Shrink(n)
}

// Used is what the account holds, in bytes.
func (a *Account) Used() int64 {
	if a == nil {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.used
}

// Room is what the account may still take by its own limit.
func (a *Account) Room() int64 {
	if a == nil || a.limit == 0 {
		return math.MaxInt64
	}
	for a.outer != nil {
		a = a.outer
	}
	return a.limit - a.Used()
}

// Close gives back what is left. It may be called again.
func (a *Account) Close() {
	if a == nil {
		return
	}
	a.Shrink(a.Used())
	a.mu.Lock()
	a.ended = true
	a.mu.Unlock()
}

type key struct{}

// With is ctx with a as the account of what runs under it.
func With(ctx context.Context, a *Account) context.Context { return context.WithValue(ctx, key{}, a) }

// Of is the account of ctx; nil where there is none.
func Of(ctx context.Context) *Account {
	a, _ := ctx.Value(key{}).(*Account)
	return a
}

// Held is what one operator holds. The zero Held holds nothing. It is used by one
// goroutine.
type Held struct {
	account *Account
	n       int64
	pending int64 // not taken from the account yet
}

// step is how many bytes are taken from an account at once, at most; and never
// more than a quarter of what is counted already, since there may be a Held for
// each of many groups.
const step = 16 << 10

// Add takes n bytes for what from ctx's account, which the first call looks up.
// The error is *Exceeded.
func (h *Held) Add(ctx context.Context, what string, n int64) error {
	h.pending += n
	if h.account != nil && h.pending < min(step, h.n/4) {
		return nil
	}
	if h.account == nil {
		if h.account = Of(ctx); h.account == nil {
			h.pending = 0
			return nil
		}
	}
	n, h.pending = h.pending, 0
	if err := h.account.Grow(what, n); err != nil {
		return err
	}
	h.n += n
	return nil
}

// Release gives everything back. It may be called again.
func (h *Held) Release() {
	h.account.Shrink(h.n)
	*h = Held{}
}
