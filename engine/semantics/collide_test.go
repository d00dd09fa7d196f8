package semantics

import (
	"bytes"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"pgregory.net/rapid"
)

// TestAllKeysCollide runs every case with a hash function that has one value.
func TestAllKeysCollide(t *testing.T) {
	defer func(f func() func([]byte) uint64) { hashKey = f }(hashKey)
	hashKey = func() func([]byte) uint64 { return func([]byte) uint64 { return 7 } }
	runCases(t, "testdata/*.txt", false)
}

func TestKeyTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := newKeyTable()
		if rapid.Bool().Draw(t, "collide") {
			table.hash = func(k []byte) uint64 { return uint64(len(k) % 2) }
		}
		want := map[string]int{}
		keys := rapid.SliceOf(rapid.SliceOfN(rapid.ByteRange(0, 2), 0, 3)).Draw(t, "keys")
		keys = append(keys, bytes.Repeat([]byte{1}, 3*arenaChunk))
		for _, k := range keys {
			number, added := table.put(k)
			old, seen := want[string(k)]
			if added == seen || seen && number != old || !seen && number != len(want) {
				t.Fatalf("put(%q) = %d, %v; want %d, %v", k, number, added, old, !seen)
			}
			want[string(k)] = number
		}
		for k, n := range want {
			if got, ok := table.find([]byte(k)); !ok || got != n {
				t.Fatalf("find(%q) = %d, %v; want %d", k, got, ok, n)
			}
		}
		if _, ok := table.find([]byte("absent")); ok || table.len() != len(want) {
			t.Fatalf("len = %d; want %d", table.len(), len(want))
		}
	})
}

// TestKeysTellRowsApart checks that rows of text have one key exactly when they
// are the same rows.
func TestKeysTellRowsApart(t *testing.T) {
	value := rapid.OneOf(
		rapid.Just[any](nil), rapid.Just[any]("<nil>"),
		rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune{0, 1, ',', 'a', 'ä'}), 0, 3, -1), func(s string) any { return s }))
	ctx := sql.NewEmptyContext()
	rapid.Check(t, func(t *rapid.T) {
		coder := newKeyCoder([]sql.Type{types.LongText, types.LongText})
		a := sql.Row{value.Draw(t, "a0"), value.Draw(t, "a1")}
		b := sql.Row{value.Draw(t, "b0"), value.Draw(t, "b1")}
		ka, err := coder.row(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		ka = bytes.Clone(ka)
		kb, err := coder.row(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		if same := a[0] == b[0] && a[1] == b[1]; same != bytes.Equal(ka, kb) {
			t.Fatalf("%q and %q: same = %v, keys %q and %q", a, b, same, ka, kb)
		}
	})
}
