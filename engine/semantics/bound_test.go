package semantics

import (
	"errors"
	"fmt"
	"testing"

	"gridgate/tables"
)

// TestKeysAreBounded fills a table of keys up to each bound.
func TestKeysAreBounded(t *testing.T) {
	keys, size := maxKeys, maxKeyBytes
	t.Cleanup(func() { maxKeys, maxKeyBytes = keys, size })
	for _, c := range []struct {
		keys  int
		bytes int64
		fits  int
	}{{keys: 5, bytes: 1000, fits: 5}, {keys: 100, bytes: 30, fits: 10}} {
		maxKeys, maxKeyBytes = c.keys, c.bytes
		table := newKeyTable()
		for i := range c.fits {
			if _, added, err := table.add(fmt.Appendf(nil, "k%02d", i)); err != nil || !added {
				t.Fatalf("key %d of %d: added %v, %v", i, c.fits, added, err)
			}
		}
		if _, added, err := table.add([]byte("k00")); err != nil || added {
			t.Errorf("a key that is there: added %v, %v", added, err)
		}
		var limit *tables.LimitExceeded
		if _, _, err := table.add([]byte("one")); !errors.As(err, &limit) {
			t.Errorf("one key too many gives %v", err)
		}
	}
}
