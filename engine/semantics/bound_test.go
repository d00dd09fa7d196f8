package semantics

import (
	"errors"
	"fmt"
	"testing"

	"gridgate/engine/memory"
)

// TestKeysTakeMemory fills a table of keys up to its statement's limit, and gives
// everything back.
func TestKeysTakeMemory(t *testing.T) {
	pool := memory.NewPool(0)
	account := pool.NewAccount(10 * (keyOverhead + 3))
	ctx := memory.With(t.Context(), account)
	table := newKeyTable()
	var exceeded *memory.Exceeded
	keys := 0
	for ; keys < 100; keys++ {
		if _, _, err := table.add(ctx, fmt.Appendf(nil, "k%02d", keys)); errors.As(err, &exceeded) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if keys < 10 || keys > 13 { // a quarter more may not have been taken yet
		t.Errorf("%d keys fit, want about 10", keys)
	}
	if _, added, err := table.add(ctx, []byte("k00")); err != nil || added {
		t.Errorf("a key that is there: added %v, %v", added, err)
	}
	if pool.Used() == 0 {
		t.Error("nothing is counted")
	}
	table.release()
	if n := pool.Used(); n != 0 {
		t.Errorf("%d bytes are still taken", n)
	}
}
