package text

import (
	"context"
	"strings"
	"time"
	"unsafe"
)

// A scanSink sends rows on as they come.
type scanSink struct {
	run  *run
	ctx  context.Context
	b    *batchBuilder
	sent time.Time
}

// restless is after how long a batch is sent that isn't full.
const restless = 50 * time.Millisecond

func (s *scanSink) add(r *row, transient bool) error {
	s.b.add(r, transient)
	if s.b.full() {
		return s.flush()
	}
	return nil
}

func (s *scanSink) flush() error {
	s.sent = time.Now()
	if batch := s.b.take(); batch != nil {
		return s.run.send(s.ctx, batch)
	}
	return nil
}

func (s *scanSink) endChunk() error {
	if s.b.batch != nil && time.Since(s.sent) > restless {
		return s.flush()
	}
	return nil
}

func (s *scanSink) end() error { return s.flush() }

// A topSink keeps the first rows by an order.
type topSink struct {
	heap   topHeap[row]
	budget *budget
}

func newTopSink(p *plan, b *budget) *topSink {
	top, _ := p.query.Top()
	return &topSink{budget: b, heap: topHeap[row]{
		limit:   int(top),
		compare: func(a, b *row) int { return compareRows(p.order, a, b) },
	}}
}

func (s *topSink) add(r *row, transient bool) error {
	if !s.heap.wants(r) {
		return nil
	}
	kept := *r
	kept.text = strings.Clone(r.text) // a word must not keep its block
	used := rowBytes(&kept)
	if left, full := s.heap.push(kept); full {
		used -= rowBytes(&left)
	}
	return s.budget.use(used)
}

func rowBytes(r *row) int64 { return int64(unsafe.Sizeof(*r)) + int64(len(r.text)) }

func (s *topSink) endChunk() error { return nil }
func (s *topSink) end() error      { return nil }

// A tallySink counts rows.
type tallySink struct {
	w      *worker
	budget *budget
}

func (s *tallySink) add(r *row, _ bool) error {
	t := s.w.tally
	if t.files != nil {
		t.files[s.w.group]++
		return nil
	}
	k := t.seeds.key(unsafe.Slice(unsafe.StringData(r.text), len(r.text)), s.w.group)
	t.add(&k)
	return nil
}

func (s *tallySink) endChunk() error { return s.w.tally.account(s.budget) }
func (s *tallySink) end() error      { return nil }
