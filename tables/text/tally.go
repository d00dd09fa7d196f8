package text

import (
	"context"
	"sync/atomic"

	"gridgate/tables"
)

// shardBits of a text key's hash say which shard it belongs to. Shards are
// merged independently of each other, in parallel.
const (
	shardBits = 4
	shards    = 1 << shardBits
)

func shardOf(hash uint64) uint64 { return hash >> (64 - shardBits) }

// A budget bounds what one query may hold in memory. All its goroutines share
// it.
type budget struct {
	groups int64
	limit  int64
	bytes  atomic.Int64
}

// use accounts for n more bytes, or fewer.
func (b *budget) use(n int64) error {
	if b.bytes.Add(n) > b.limit {
		return &tables.LimitExceeded{Store: storeName, What: "bytes of groups and sorted rows", Limit: b.limit,
			Hint: "narrow the query with WHERE, or group by less"}
	}
	return nil
}

func (b *budget) checkGroups(n int64) error {
	if n > b.groups {
		return &tables.LimitExceeded{Store: storeName, What: "distinct groups", Limit: b.groups,
			Hint: "narrow the query with WHERE, or group by less"}
	}
	return nil
}

// A tally is one goroutine's counts.
type tally struct {
	seeds  *seeds
	shards [shards]*hashTable // when the text column is a key
	files  []uint64           // by file group, when it isn't
	used   int64              // bytes that the budget knows of
}

// newTally makes an empty tally. fileGroups is how many file groups there are.
func newTally(s *seeds, textKey bool, fileGroups int) *tally {
	t := &tally{seeds: s}
	if !textKey {
		t.files = make([]uint64, fileGroups)
		return t
	}
	for i := range t.shards {
		t.shards[i] = newHashTable(s)
	}
	return t
}

// add counts n rows of a key.
func (t *tally) add(k *key) {
	t.shards[shardOf(k.hash)].find(k).n++
}

// account checks the tally against the budget. It is called every now and
// then, so the limit on bytes is passed by a little before it is noticed.
func (t *tally) account(b *budget) error {
	var groups, bytes int64
	for _, shard := range t.shards {
		if shard != nil {
			groups += int64(shard.used)
			bytes += shard.bytes()
		}
	}
	grown := bytes - t.used
	t.used = bytes
	if grown != 0 {
		if err := b.use(grown); err != nil {
			return err
		}
	}
	return b.checkGroups(groups)
}

// mergeEvery is after how many entries the end of the query is looked for.
const mergeEvery = 1 << 13

// merge adds the counts of from, which is given up, to t.
func (t *hashTable) merge(ctx context.Context, from *hashTable) error {
	for i := range from.entries {
		if i%mergeEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if e := &from.entries[i]; e.n > 0 {
			k := from.keyOf(e)
			t.find(&k).n += e.n
		}
	}
	from.entries, from.arena = nil, arena{}
	return nil
}
