package text

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A hashTable counts rows by a key: some bytes (a word, a line, or nothing)
// and a number that stands for what the file gives. It is open addressing with
// linear probing over entries of 32 bytes; keys of up to 16 bytes, which is
// nearly every word, are in the entry itself. Equal hashes mean nothing: keys
// are always compared in full.
type hashTable struct {
	seeds   *seeds
	entries []entry // a power of two
	used    int
	arena   arena // the longer keys
}

// An entry is one group. It is empty when n is 0.
type entry struct {
	// The key's first and second 8 bytes, the rest 0; of a longer key its hash
	// and its place in the arena.
	a, b uint64
	n    uint64 // rows; a second table uses it for the number of the group, from 1
	len  uint32
	file uint32 // what the file gives
}

const (
	entryBytes   = 32
	inlineKey    = 16
	firstEntries = 256
)

// seeds make hashes differ from query to query, so that no archive can be
// written to make all keys collide.
type seeds struct {
	a, b uint64
	long maphash.Seed
}

func newSeeds() *seeds {
	long := maphash.MakeSeed()
	return &seeds{a: maphash.String(long, "a"), b: maphash.String(long, "b"), long: long}
}

// A key is what a hashTable looks for.
type key struct {
	a, b uint64
	hash uint64
	long []byte // all of a key of more than 16 bytes, else nil
	len  uint32
	file uint32
}

// shortKey is the key of up to 16 bytes that are in a and b, padded with zeros.
func (s *seeds) shortKey(a, b uint64, n int, file uint32) key {
	return key{a: a, b: b, hash: s.shortHash(a, b, uint32(n)), len: uint32(n), file: file}
}

func (s *seeds) shortHash(a, b uint64, n uint32) uint64 {
	hi, lo := bits.Mul64(a^s.a, b^s.b^uint64(n)<<56)
	// The product of numbers with few bits has few; mix once more.
	return (hi ^ lo) * 0x9E3779B97F4A7C15
}

// key is the key of any bytes. It doesn't copy them.
func (s *seeds) key(text []byte, file uint32) key {
	if len(text) > inlineKey {
		h := maphash.Bytes(s.long, text)
		return key{a: h, hash: h, long: text, len: uint32(len(text)), file: file}
	}
	var padded [inlineKey]byte
	copy(padded[:], text)
	return s.shortKey(binary.LittleEndian.Uint64(padded[:]), binary.LittleEndian.Uint64(padded[8:]), len(text), file)
}

// slot is where the search for a key begins. The shard was chosen by the upper
// bits, and by the text alone.
func slot(hash uint64, file uint32, mask uint64) uint64 {
	return (hash>>16 ^ uint64(file)*0xD6E8FEB86659FD93>>24) & mask
}

func newHashTable(s *seeds) *hashTable {
	return &hashTable{seeds: s, entries: make([]entry, firstEntries)}
}

// find returns the key's entry, which is new when its n is 0; the caller makes
// that positive at once. The pointer is good until the next find. k.long is
// copied when it is new.
func (t *hashTable) find(k *key) *entry {
	mask := uint64(len(t.entries) - 1)
	for i := slot(k.hash, k.file, mask); ; i = (i + 1) & mask {
		e := &t.entries[i]
		if e.n == 0 {
			if t.used >= len(t.entries)/8*5 {
				t.grow()
				return t.find(k)
			}
			t.used++
			e.a, e.b, e.len, e.file = k.a, k.b, k.len, k.file
			if k.long != nil {
				e.b = t.arena.add(k.long)
			}
			return e
		}
		if e.a == k.a && e.len == k.len && e.file == k.file {
			if k.long == nil && e.b == k.b || k.long != nil && bytes.Equal(t.arena.get(e.b, e.len), k.long) {
				return e
			}
		}
	}
}

// countShort is find(k).n++ for a key of up to 16 bytes, without its being in
// memory: a word count does little else.
func (t *hashTable) countShort(a, b, hash uint64, n, file uint32) {
	mask := uint64(len(t.entries) - 1)
	for i := slot(hash, file, mask); ; i = (i + 1) & mask {
		e := &t.entries[i&uint64(len(t.entries)-1)]
		if e.a == a && e.b == b && e.len == n && e.file == file && e.n > 0 {
			e.n++
			return
		}
		if e.n == 0 {
			t.find(&key{a: a, b: b, hash: hash, len: n, file: file}).n++
			return
		}
	}
}

func (t *hashTable) grow() {
	old := t.entries
	t.entries = make([]entry, 2*len(old))
	mask := uint64(len(t.entries) - 1)
	for i := range old {
		e := &old[i]
		if e.n == 0 {
			continue
		}
		j := slot(t.hashOf(e), e.file, mask)
		for t.entries[j].n != 0 {
			j = (j + 1) & mask
		}
		t.entries[j] = *e
	}
}

func (t *hashTable) hashOf(e *entry) uint64 {
	if e.len > inlineKey {
		return e.a
	}
	return t.seeds.shortHash(e.a, e.b, e.len)
}

// keyOf is the key of an entry of this table, for use with another.
func (t *hashTable) keyOf(e *entry) key {
	k := key{a: e.a, b: e.b, hash: t.hashOf(e), len: e.len, file: e.file}
	if e.len > inlineKey {
		k.b, k.long = 0, t.arena.get(e.b, e.len)
	}
	return k
}

// appendText appends the key's bytes to dst.
func (t *hashTable) appendText(dst []byte, e *entry) []byte {
	if e.len > inlineKey {
		return append(dst, t.arena.get(e.b, e.len)...)
	}
	var inline [inlineKey]byte
	binary.LittleEndian.PutUint64(inline[:], e.a)
	binary.LittleEndian.PutUint64(inline[8:], e.b)
	return append(dst, inline[:e.len]...)
}

// bytes is how much memory the table holds.
func (t *hashTable) bytes() int64 { return int64(len(t.entries))*entryBytes + t.arena.bytes }

// An arena keeps byte strings in large blocks that never move.
type arena struct {
	blocks [][]byte
	bytes  int64
}

const arenaBlock = 64 << 10

// add copies p and returns its place.
func (a *arena) add(p []byte) uint64 {
	n := len(a.blocks)
	if n == 0 || cap(a.blocks[n-1])-len(a.blocks[n-1]) < len(p) {
		a.blocks = append(a.blocks, make([]byte, 0, max(len(p), arenaBlock)))
		a.bytes += int64(max(len(p), arenaBlock))
		n++
	}
	block := &a.blocks[n-1]
	at := len(*block)
	*block = append(*block, p...)
	return uint64(n-1)<<32 | uint64(at)
}

// get is the string of n bytes at a place that add returned. It may be kept,
// but not changed.
func (a *arena) get(place uint64, n uint32) []byte {
	at := uint32(place)
	return a.blocks[place>>32][at : at+n : at+n]
}
