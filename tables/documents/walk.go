package documents

import "github.com/tidwall/btree"

// A source gives documents one after another, in its order.
type source interface {
	// next is nil after the last.
	next() *Document
	close()
}

// list is a source of documents that were looked up.
type list struct{ docs []*Document }

func listed(docs []*Document) *list { return &list{docs} }

func (l *list) next() *Document {
	if len(l.docs) == 0 {
		return nil
	}
	d := l.docs[0]
	l.docs = l.docs[1:]
	return d
}

func (l *list) close() {}

// A walk goes over a tree that nobody changes: over all of it, or over the
// range [least, greatest] of time of some stations, in order.
type walk struct {
	tree            *btree.BTreeG[*Document]
	all             bool
	stations        []string // else; may be none
	least, greatest int64

	iter    btree.IterG[*Document]
	open    bool
	in      bool // in the range of stations[0]
	visited int  // documents looked at, for tests
}

func (w *walk) next() *Document {
	if w.tree == nil {
		return nil
	}
	if !w.open {
		w.open, w.iter = true, w.tree.Iter()
		if w.all {
			return w.item(w.iter.First())
		}
	} else if w.all {
		return w.item(w.iter.Next())
	}
	for len(w.stations) > 0 {
		var found bool
		if w.in {
			found = w.iter.Next()
		} else {
			w.in = true
			found = w.iter.Seek(&Document{Station: w.stations[0], TS: w.least})
		}
		if d := w.item(found); d != nil && d.Station == w.stations[0] && d.TS <= w.greatest {
			return d
		}
		w.stations, w.in = w.stations[1:], false
	}
	return nil
}

func (w *walk) item(found bool) *Document {
	if !found {
		return nil
	}
	w.visited++
	return w.iter.Item()
}

func (w *walk) close() {
	if w.open {
		w.iter.Release()
	}
	w.tree, w.open = nil, false
}
