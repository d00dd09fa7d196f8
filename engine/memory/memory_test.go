package memory

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
)

// TestAccounts takes and gives back by one account, a part of it and another.
func TestAccounts(t *testing.T) {
	pool := NewPool(1000)
	a, b := pool.NewAccount(600), pool.NewAccount(0)
	part := a.Part()
	want := func(used, ofA, ofB int64) {
		t.Helper()
		if pool.Used() != used || a.Used() != ofA || b.Used() != ofB {
			t.Errorf("used %d, %d, %d; want %d, %d, %d", pool.Used(), a.Used(), b.Used(), used, ofA, ofB)
		}
	}
	take := func(account *Account, n int64, shared, fits bool) {
		t.Helper()
		err := account.Grow("rows", n)
		var exceeded *Exceeded
		if fits != (err == nil) || err != nil && (!errors.As(err, &exceeded) || exceeded.Shared != shared || exceeded.What != "rows") {
			t.Errorf("taking %d gives %v", n, err)
		}
	}
	take(a, 300, false, true)
	take(part, 300, false, true)
	want(600, 600, 0)
	take(part, 1, false, false)
	take(a, 1, false, false)
	take(b, 401, true, false)
	want(600, 600, 0) // what does not fit is not taken
	if a.Room() != 0 || part.Room() != 0 {
		t.Errorf("there is room for %d and %d", a.Room(), part.Room())
	}
	take(b, 400, false, true)
	part.Close()
	part.Close()
	want(700, 300, 400)
	a.Shrink(100)
	want(600, 200, 400)
	a.Close()
	a.Close()
	take(a, 50, false, true) // closing: not counted any more
	a.Shrink(50)
	want(400, 0, 400)
	b.Close()
	want(0, 0, 0)
}

// TestNobodysAccount: without an account nothing is counted and all goes through.
func TestNobodysAccount(t *testing.T) {
	var h Held
	if err := h.Add(t.Context(), "rows", 1<<50); err != nil {
		t.Error(err)
	}
	h.Release()
	var none *Account
	none.Close()
	if none.Part() != nil || none.Used() != 0 {
		t.Error("a part of no account")
	}
}

// TestManyAtOnce: accounts that are used together come back to 0.
func TestManyAtOnce(t *testing.T) {
	pool := NewPool(100 << 10)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				a := pool.NewAccount(0)
				ctx := With(t.Context(), a)
				var h Held
				for range 100 {
					if h.Add(ctx, "rows", 400) != nil {
						break
					}
				}
				h.Release()
				a.Close()
			}
		})
	}
	group.Wait()
	if n := pool.Used(); n != 0 {
		t.Errorf("%d bytes are still taken", n)
	}
}

// TestHeldCountsMostOfIt: an operator never holds a quarter more than was taken.
func TestHeldCountsMostOfIt(t *testing.T) {
	pool := NewPool(0)
	ctx := With(t.Context(), pool.NewAccount(0))
	var h Held
	for n := int64(100); n < 1<<20; n += 100 {
		if err := h.Add(ctx, "rows", 100); err != nil {
			t.Fatal(err)
		}
		if used := pool.Used(); used > n || used < n-max(n/4, 100) || used < n-step-100 {
			t.Fatalf("%d bytes are held, %d taken", n, used)
		}
	}
}

// TestRowSize: the size follows what is in a row.
func TestRowSize(t *testing.T) {
	d, _, err := apd.NewFromString("1.5")
	if err != nil {
		t.Fatal(err)
	}
	small := RowSize(sql.Row{nil, int64(1), 1.5, time.Time{}, d, true})
	if small < 100 || small > 400 {
		t.Errorf("a row of six small values takes %d bytes", small)
	}
	for _, large := range []any{string(make([]byte, 10_000)), make([]byte, 10_000), []any{string(make([]byte, 10_000))}, map[string]any{"a": string(make([]byte, 10_000))}} {
		if n := RowSize(sql.Row{large}); n < 10_000 || n > 10_400 {
			t.Errorf("a row with 10,000 bytes in a %T takes %d", large, n)
		}
	}
}
