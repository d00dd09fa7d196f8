package text

import (
	"cmp"
	"strings"
)

// compareRows orders rows by the keys; 0 is a tie. NULLs come first ascending
// and last descending.
func compareRows(keys []orderKey, a, b *row) int {
	for i := range keys {
		k := &keys[i]
		var c int
		switch {
		case k.isCount:
			c = cmp.Compare(a.counts[k.count], b.counts[k.count])
		case k.column.kind == colText:
			c = strings.Compare(a.text, b.text)
		case k.column.kind == colOffset:
			c = cmp.Compare(a.offset, b.offset)
		case k.column.kind == colPos:
			c = cmp.Compare(a.pos, b.pos)
		default:
			c = compareFiles(k.column, a.file, b.file)
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

// compareFiles orders files by a column that they give.
func compareFiles(c column, a, b *file) int {
	if a == b {
		return 0
	}
	if c.kind == colPath {
		return strings.Compare(a.path, b.path)
	}
	x, y := a.partition(c.partition), b.partition(c.partition)
	switch {
	case x.null && y.null:
		return 0
	case x.null:
		return -1
	case y.null:
		return 1
	}
	return strings.Compare(x.value, y.value)
}

// A topHeap keeps the first limit items of any number, by an order. The item
// that would leave first is on top.
type topHeap[T any] struct {
	limit   int
	compare func(a, b *T) int
	items   []T
}

// wants reports whether x would be kept.
func (h *topHeap[T]) wants(x *T) bool {
	return len(h.items) < h.limit || h.limit > 0 && h.compare(x, &h.items[0]) < 0
}

// push keeps x, which is wanted, and returns the item that left for it.
func (h *topHeap[T]) push(x T) (left T, full bool) {
	if len(h.items) < h.limit {
		h.items = append(h.items, x)
		for i := len(h.items) - 1; i > 0; {
			parent := (i - 1) / 2
			if h.compare(&h.items[i], &h.items[parent]) <= 0 {
				break
			}
			h.items[i], h.items[parent] = h.items[parent], h.items[i]
			i = parent
		}
		return left, false
	}
	left = h.items[0]
	h.items[0] = x
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if child+1 < len(h.items) && h.compare(&h.items[child+1], &h.items[child]) > 0 {
			child++
		}
		if h.compare(&h.items[child], &h.items[i]) <= 0 {
			break
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
	return left, true
}
