package text

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"math/bits"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A groupShard holds some of the groups.
type groupShard struct {
	table *hashTable
	// counts are the aggregates of the group numbered n, from 1, at
	// (n-1)*len(grouping.counts). When nil, an entry's n is its rows.
	counts []int64
}

// A groupRef is an entry of one of the shards.
type groupRef struct{ shard, entry uint32 }

// groups are all groups of a query.
type groups struct {
	run    *run
	g      *grouping
	shards []groupShard
	sorted [][]groupRef // runs of what HAVING lets through; without ORDER BY in no order
}

// finishGroups merges the workers' tallies and sends the groups.
func (r *run) finishGroups(tallies []*tally) error {
	gs := &groups{run: r, g: r.plan.group}
	err := gs.merge(tallies)
	if err == nil {
		err = gs.addTotal()
	}
	if err == nil {
		err = gs.collect()
	}
	if err != nil {
		return err
	}
	return gs.send()
}

// merge fills shards.
func (gs *groups) merge(tallies []*tally) error {
	g := gs.g
	if !g.textKey {
		return gs.mergeFiles(tallies)
	}
	gs.shards = make([]groupShard, shards)
	var total atomic.Int64
	err := gs.parallel(shards, func(ctx context.Context, s int) error {
		into := tallies[0].shards[s]
		for _, t := range tallies[1:] {
			from := t.shards[s]
			if from.used > into.used {
				into, from = from, into
			}
			if err := into.merge(ctx, from); err != nil {
				return err
			}
		}
		if err := gs.run.budget.checkGroups(total.Add(int64(into.used))); err != nil {
			return err
		}
		gs.shards[s] = groupShard{table: into}
		if g.regroup {
			var err error
			gs.shards[s], err = gs.regroup(ctx, into)
			return err
		}
		return nil
	})
	if err != nil || g.textOuter {
		return err
	}
	// Each shard has a part of each group: its own texts.
	all := groupShard{table: newHashTable(into(gs).seeds), counts: []int64{}}
	for _, shard := range gs.shards {
		for i := range shard.table.entries {
			if e := &shard.table.entries[i]; e.n > 0 {
				k := shard.table.keyOf(e)
				sums := all.countsOf(&k, len(g.counts))
				for j, n := range shard.counts[int(e.n-1)*len(g.counts):][:len(g.counts)] {
					if !gs.once(j) {
						sums[j] += n
					} else {
						sums[j] = n
					}
				}
			}
		}
	}
	gs.shards = []groupShard{all}
	return nil
}

func into(gs *groups) *hashTable { return gs.shards[0].table }

// mergeFiles makes groups of rows that were counted by file group only.
func (gs *groups) mergeFiles(tallies []*tally) error {
	sums := newHashTable(tallies[0].seeds)
	for i := range gs.run.groups.like {
		var n uint64
		for _, t := range tallies {
			n += t.files[i]
		}
		if n > 0 {
			k := sums.seeds.key(nil, uint32(i))
			sums.find(&k).n = n
		}
	}
	if err := gs.run.budget.checkGroups(int64(sums.used)); err != nil {
		return err
	}
	gs.shards = []groupShard{{table: sums}}
	if gs.g.regroup {
		var err error
		gs.shards[0], err = gs.regroup(gs.run.ctx, sums)
		return err
	}
	return nil
}

// parallel calls f for 0 to n-1 on the query's number of goroutines.
func (gs *groups) parallel(n int, f func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(gs.run.ctx)
	group.SetLimit(gs.run.config.Workers)
	for i := range n {
		group.Go(func() error { return f(ctx, i) })
	}
	return group.Wait()
}

// regroup makes GROUP BY's groups of inner groups.
func (gs *groups) regroup(ctx context.Context, inner *hashTable) (groupShard, error) {
	out := groupShard{table: newHashTable(inner.seeds), counts: []int64{}}
	g, files := gs.g, gs.run.groups
	for i := range inner.entries {
		if i%mergeEvery == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		e := &inner.entries[i]
		if e.n == 0 {
			continue
		}
		var k key
		if g.textOuter {
			k = inner.keyOf(e)
		} else {
			k = inner.seeds.key(nil, 0)
		}
		k.file = files.outer[e.file]
		sums := out.countsOf(&k, len(g.counts))
		for j, c := range g.counts {
			notNull := c.all || c.of.kind != colPartition || !files.like[e.file].partition(c.of.partition).null
			switch {
			case !notNull:
			case !c.distinct:
				sums[j] += int64(e.n)
			case gs.once(j):
				sums[j] = 1
			default:
				sums[j]++
			}
		}
	}
	return out, nil
}

// once reports whether count j is COUNT(DISTINCT x) of a key: 1, or 0 for
// NULL, in each group.
func (gs *groups) once(j int) bool {
	c := gs.g.counts[j]
	return c.distinct && slices.Contains(gs.g.keys, c.of)
}

// countsOf are the aggregates of a key's group, which may be new.
func (s *groupShard) countsOf(k *key, n int) []int64 {
	e := s.table.find(k)
	if e.n == 0 {
		e.n = uint64(s.table.used)
		s.counts = append(s.counts, make([]int64, n)...)
	}
	return s.counts[int(e.n-1)*n:][:n]
}

// addTotal adds the row that a query without keys has over nothing.
func (gs *groups) addTotal() error {
	if len(gs.g.keys) > 0 || !gs.run.plan.query.Grouped {
		return nil
	}
	for _, s := range gs.shards {
		if s.table.used > 0 {
			return nil
		}
	}
	total := groupShard{table: newHashTable(newSeeds()), counts: []int64{}}
	k := total.table.seeds.key(nil, 0)
	total.countsOf(&k, len(gs.g.counts))
	gs.shards = []groupShard{total}
	return nil
}

// collect applies HAVING, and ORDER BY as far as it goes without merging.
func (gs *groups) collect() error {
	results := make([][][]groupRef, len(gs.shards))
	err := gs.parallel(len(gs.shards), func(ctx context.Context, s int) error {
		var err error
		results[s], err = gs.collectShard(ctx, s)
		return err
	})
	for _, runs := range results {
		gs.sorted = append(gs.sorted, runs...)
	}
	return err
}

func (gs *groups) collectShard(ctx context.Context, s int) ([][]groupRef, error) {
	var refs []groupRef
	order := gs.run.plan.order
	top, limited := gs.run.plan.query.Top()
	heap := topHeap[groupRef]{limit: int(min(top, maxTop)), compare: func(a, b *groupRef) int { return gs.compare(*a, *b) }}
	useHeap := len(order) > 0 && limited && top <= maxTop
	var r row
	var scratch [inlineKey]byte
	for i := range gs.shards[s].table.entries {
		if i%mergeEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if gs.shards[s].table.entries[i].n == 0 {
			continue
		}
		ref := groupRef{uint32(s), uint32(i)}
		if gs.run.having != nil {
			gs.load(&r, &scratch, ref)
			if gs.run.having.eval(&r) != yes {
				continue
			}
		}
		switch {
		case !useHeap:
			refs = append(refs, ref)
		case heap.wants(&ref):
			heap.push(ref)
		}
	}
	if useHeap {
		refs = heap.items
	}
	if len(order) == 0 {
		return [][]groupRef{refs}, nil
	}
	return sortRuns(ctx, refs, gs.compare)
}

// load fills r with a group. r.text may be in scratch, and then is overwritten
// by the next load.
func (gs *groups) load(r *row, scratch *[inlineKey]byte, ref groupRef) {
	shard := &gs.shards[ref.shard]
	e := &shard.table.entries[ref.entry]
	if like := gs.run.groups.like; len(like) > 0 {
		r.file = like[e.file]
	}
	r.text = ""
	if gs.g.textOuter {
		if e.len > inlineKey {
			r.text = view(shard.table.arena.get(e.b, e.len))
		} else {
			r.text = view(shard.table.appendText(scratch[:0], e))
		}
	}
	r.counts = r.counts[:0]
	for j := range gs.g.counts {
		r.counts = append(r.counts, gs.count(ref, j))
	}
}

// count is aggregate j of a group.
func (gs *groups) count(ref groupRef, j int) int64 {
	shard := &gs.shards[ref.shard]
	e := &shard.table.entries[ref.entry]
	if shard.counts != nil {
		return shard.counts[int(e.n-1)*len(gs.g.counts)+j]
	}
	c := gs.g.counts[j]
	switch {
	case c.all:
		return int64(e.n)
	case c.of.kind == colPartition && gs.run.groups.like[e.file].partition(c.of.partition).null:
		return 0
	case c.distinct: // of a key
		return 1
	}
	return int64(e.n)
}

// compare orders groups by ORDER BY.
func (gs *groups) compare(a, b groupRef) int {
	x, y := &gs.shards[a.shard], &gs.shards[b.shard]
	d, e := &x.table.entries[a.entry], &y.table.entries[b.entry]
	order := gs.run.plan.order
	for i := range order {
		k := &order[i]
		var c int
		switch {
		case k.isCount:
			c = cmp.Compare(gs.count(a, k.count), gs.count(b, k.count))
		case k.column.kind != colText:
			c = compareFiles(k.column, gs.run.groups.like[d.file], gs.run.groups.like[e.file])
		case d.len <= inlineKey && e.len <= inlineKey:
			c = cmp.Compare(bits.ReverseBytes64(d.a), bits.ReverseBytes64(e.a))
			if c == 0 {
				c = cmp.Compare(bits.ReverseBytes64(d.b), bits.ReverseBytes64(e.b))
			}
			if c == 0 {
				c = cmp.Compare(d.len, e.len)
			}
		default:
			var dText, eText [2 * inlineKey]byte
			c = bytes.Compare(x.table.appendText(dText[:0], d), y.table.appendText(eText[:0], e))
		}
		if c != 0 {
			if k.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// send sends the groups in order.
func (gs *groups) send() error {
	r := gs.run
	b := newBatchBuilder(r.plan, r.config.batchRows)
	top, limited := r.plan.query.Top()
	var x row
	var scratch [inlineKey]byte
	sent := 0
	emit := func(ref groupRef) error {
		if limited {
			if top--; top < 0 {
				return io.EOF
			}
		}
		if sent++; sent%mergeEvery == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		gs.load(&x, &scratch, ref)
		return r.emit(b, &x, len(x.text) <= inlineKey)
	}
	var err error
	if len(r.plan.order) > 0 {
		err = mergeRuns(gs.sorted, gs.compare, emit)
	} else {
		for _, refs := range gs.sorted {
			for _, ref := range refs {
				if err = emit(ref); err != nil {
					break
				}
			}
			if err != nil {
				break
			}
		}
	}
	return r.endEmit(b, err)
}
