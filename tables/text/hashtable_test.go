package text

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

func TestEntrySize(t *testing.T) {
	if size := unsafe.Sizeof(entry{}); size != entryBytes {
		t.Errorf("an entry has %d bytes", size)
	}
}

// TestHashTable counts random keys of all lengths, also with seeds that make
// every short key's hash 0, and merges halves.
func TestHashTable(t *testing.T) {
	for _, s := range []*seeds{newSeeds(), {long: newSeeds().long}} {
		one, two := newHashTable(s), newHashTable(s)
		want := map[string]uint64{}
		for range 30_000 {
			n := rand.IntN(40)
			text := strings.Repeat(string(rune('a'+rand.IntN(3))), n) + strings.Repeat("\x00", rand.IntN(2))
			if rand.IntN(4) == 0 {
				text = fmt.Sprint(rand.IntN(500))
			}
			file := uint32(rand.IntN(40))
			k := s.key([]byte(text), file)
			into := one
			if rand.IntN(2) == 0 {
				into = two
			}
			if k.long == nil && rand.IntN(2) == 0 {
				into.countShort(k.a, k.b, k.hash, k.len, k.file)
			} else {
				into.find(&k).n++
			}
			want[fmt.Sprintf("%q %d", text, file)]++
		}
		if err := one.merge(t.Context(), two); err != nil {
			t.Fatal(err)
		}
		got := map[string]uint64{}
		for i := range one.entries {
			if e := &one.entries[i]; e.n > 0 {
				got[fmt.Sprintf("%q %d", one.appendText(nil, e), e.file)] = e.n
			}
		}
		if len(got) != len(want) || one.used != len(want) {
			t.Errorf("%d keys, used %d, want %d", len(got), one.used, len(want))
		}
		for k, n := range want {
			if got[k] != n {
				t.Errorf("%s: %d, want %d", k, got[k], n)
			}
		}
	}
}

func TestManyGroups(t *testing.T) {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "w%d a-word-with-more-than-sixteen-bytes%d\n", i, i%777)
	}
	dir := archive(t, map[string]string{"a.txt": b.String(), "b.txt": b.String()})
	s := shape{t, snapshotOf(t, open(t, Config{Dir: dir, rangeBytes: 1 << 16}), "words")}
	q := s.group("word", countAll, countDistinct(s.col("path")))
	q.OrderBy = order(q.Output[1], true, q.Output[0], false)
	rows := answer(t, q)
	if len(rows) < 100_000 {
		t.Fatalf("%d rows", len(rows))
	}
	plain := s.group("word", countAll)
	plain.OrderBy = order(plain.Output[1], true, plain.Output[0], false)
	for i, row := range answer(t, plain) {
		if rows[i] != row+", 2" {
			t.Fatalf("row %d: %s, %s", i, rows[i], row)
		}
	}
	plain.Limit, plain.Offset = limit(500), 99_000
	for i, row := range answer(t, plain) {
		if rows[99_000+i] != row+", 2" {
			t.Fatalf("row %d under LIMIT: %s, %s", i, rows[99_000+i], row)
		}
	}
}
