package semantics

import (
	"bytes"
	"context"
	"hash/maphash"

	"gridgate/engine/memory"
)

// hashKey is what a keyTable distributes its keys by. Equality is always
// decided on the keys themselves, so any function is correct; tests install
// one that makes every key collide.
var hashKey = func() func([]byte) uint64 {
	seed := maphash.MakeSeed()
	return func(key []byte) uint64 { return maphash.Bytes(seed, key) }
}

// arenaChunk is how many bytes of keys a keyTable allocates at once.
const arenaChunk = 1 << 16

// keyTable is a set of byte strings numbered in order of arrival: 0, 1, 2, ….
// It holds no pointer per key, so that millions of keys cost the garbage
// collector nothing. It is used by one goroutine.
type keyTable struct {
	hash  func([]byte) uint64
	heads map[uint64]uint32 // hash to number+1 of the newest key with it
	keys  []keyRef
	arena [][]byte
	held  memory.Held
}

// keyRef says where a key lies and which older key has the same hash.
type keyRef struct {
	chunk, offset, length uint32
	older                 uint32 // number+1; 0: none
}

func newKeyTable() *keyTable {
	return &keyTable{hash: hashKey(), heads: make(map[uint64]uint32)}
}

// len returns how many keys there are.
func (t *keyTable) len() int { return len(t.keys) }

// find returns the number of key.
func (t *keyTable) find(key []byte) (number int, ok bool) {
	return t.lookup(t.hash(key), key)
}

func (t *keyTable) lookup(h uint64, key []byte) (int, bool) {
	for n := t.heads[h]; n != 0; n = t.keys[n-1].older {
		if bytes.Equal(t.key(int(n-1)), key) {
			return int(n - 1), true
		}
	}
	return 0, false
}

// put returns the number of key, which it adds (a copy) where it is new.
func (t *keyTable) put(key []byte) (number int, added bool) {
	h := t.hash(key)
	if n, ok := t.lookup(h, key); ok {
		return n, false
	}
	chunk, offset := t.store(key)
	t.keys = append(t.keys, keyRef{chunk: chunk, offset: offset, length: uint32(len(key)), older: t.heads[h]})
	t.heads[h] = uint32(len(t.keys))
	return len(t.keys) - 1, true
}

// keyOverhead is about what a key takes beside its bytes: its keyRef and its
// entry in heads, with the room that both keep for growing.
const keyOverhead = 64

// add is put with the memory taken from ctx's account. The error is
// *memory.Exceeded.
func (t *keyTable) add(ctx context.Context, key []byte) (number int, added bool, err error) {
	number, added = t.put(key)
	if added {
		err = t.held.Add(ctx, "distinct values or groups", keyOverhead+int64(len(key)))
	}
	return number, added, err
}

// release gives back the memory that add took. The table is not used any more.
func (t *keyTable) release() {
	if t != nil {
		t.held.Release()
	}
}

func (t *keyTable) key(number int) []byte {
	r := t.keys[number]
	return t.arena[r.chunk][r.offset : r.offset+r.length]
}

func (t *keyTable) store(key []byte) (chunk, offset uint32) {
	last := len(t.arena) - 1
	if last < 0 || cap(t.arena[last])-len(t.arena[last]) < len(key) {
		// The first chunk is small: most GROUP BYs have few groups.
		size := arenaChunk
		if last < 0 {
			size = 1 << 10
		}
		t.arena = append(t.arena, make([]byte, 0, max(size, len(key))))
		last++
	}
	offset = uint32(len(t.arena[last]))
	t.arena[last] = append(t.arena[last], key...)
	return uint32(last), offset
}
