package planner

import (
	"context"
	"errors"
	"io"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/memory"
	"gridgate/tables"
)

// The bounds of one look-up.
const (
	lookupKeys     = 1000    // distinct keys
	lookupRows     = 8 << 10 // rows of the driver
	lookupKeyBytes = 256 << 10
	lookupBytes    = 16 << 20 // of rows of the driver
)

// rowsPerKey is how many rows of a scan cost as much as looking up one key.
const rowsPerKey = 10

// BuildRowIter implements sql.ExecBuilderNode.
func (j *LookupJoin) BuildRowIter(ctx *sql.Context, b sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	driver, err := b.Build(ctx, j.driver, row)
	if err != nil {
		return nil, err
	}
	return &lookupIter{
		join: j, builder: b, outer: row, driver: driver,
		driverWidth: len(j.driver.Schema(ctx)), innerWidth: len(j.inner.Schema(ctx)),
	}, nil
}

// lookupIter runs a LookupJoin. Memory holds a batch of the driver's rows; or,
// once the other side was scanned, all of that.
type lookupIter struct {
	join    *LookupJoin
	builder sql.NodeExecBuilder
	outer   sql.Row
	driver  sql.RowIter
	done    bool // the driver has ended

	driverWidth, innerWidth int

	batch   []driverRow
	byKey   map[string][]int // of batch
	pending []int            // rows of batch without a partner, when inner has ended
	inner   sql.RowIter      // rows looked up for batch; nil between batches
	ready   []sql.Row

	sentKeys int                 // in all
	seen     map[string]struct{} // keys sent, of a swapped semi-join
	scanned  map[string][]sql.Row
	// How far the batch has been matched with scanned.
	scanRow, scanPartner int
	probed               bool
	nulls                bool // the inner side has a row whose key is NULL
	any                  bool // it has a row
	held                 memory.Held
	readsAll             *bool // nil: not asked yet
}

// mapEntry is about what an entry of a map takes beside its key and value.
const mapEntry = 48

// driverRow is a row of the driver in a batch.
type driverRow struct {
	row     sql.Row
	key     string
	null    bool // a key is NULL
	partner bool // there may be one: no key is NULL or out of the other side's range
	matched bool
}

// Next implements sql.RowIter.
func (i *lookupIter) Next(ctx *sql.Context) (sql.Row, error) {
	for n := 0; ; n++ {
		if n%stopCheckRows == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		switch {
		case len(i.ready) > 0:
			row := i.ready[0]
			i.ready = i.ready[1:]
			return row, nil
		case i.scanned != nil && i.scanRow < len(i.batch):
			if err := i.matchScanned(ctx); err != nil {
				return nil, err
			}
		case i.inner != nil:
			if err := i.match(ctx); err != nil {
				return nil, err
			}
		case len(i.pending) > 0:
			d := &i.batch[i.pending[0]]
			i.pending = i.pending[1:]
			if row := i.alone(d); row != nil {
				return row, nil
			}
		case i.done:
			return nil, io.EOF
		default:
			if err := i.fill(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// Close implements sql.RowIter.
func (i *lookupIter) Close(ctx *sql.Context) error {
	var err error
	if i.inner != nil {
		err = i.inner.Close(ctx)
		i.inner = nil
	}
	i.scanned, i.seen = nil, nil
	i.held.Release()
	return errors.Join(err, i.driver.Close(ctx))
}

// fill reads the next rows of the driver and begins to look their partners up.
func (i *lookupIter) fill(ctx *sql.Context) error {
	if err := i.probe(ctx); err != nil {
		return err
	}
	i.batch, i.byKey, i.pending = i.batch[:0], map[string][]int{}, i.pending[:0]
	sent := make([]keyList, len(i.join.sent))
	bytes, size := 0, int64(0)
	for len(i.batch) < lookupRows && len(i.byKey) < lookupKeys && bytes < lookupKeyBytes && size < lookupBytes {
		row, err := i.driver.Next(ctx)
		if errors.Is(err, io.EOF) {
			i.done = true
			break
		}
		if err != nil {
			return err
		}
		d := driverRow{row: row}
		size += memory.RowSize(row)
		values, err := i.driverKey(ctx, &d)
		if err != nil {
			return err
		}
		key, at := d.key, len(i.batch)
		i.batch = append(i.batch, d)
		i.pending = append(i.pending, at)
		if !d.partner {
			continue
		}
		if _, there := i.byKey[key]; !there {
			fresh, err := i.fresh(ctx, key)
			if err != nil {
				return err
			}
			if fresh {
				bytes += len(key)
				for k, v := range values {
					sent[k].add(v)
				}
			}
		}
		i.byKey[key] = append(i.byKey[key], at)
	}
	if len(i.batch) > 0 && i.scanned == nil && i.scanIsCheaper(ctx, len(i.byKey)) {
		if err := i.scan(ctx); err != nil {
			return err
		}
	}
	if i.scanned != nil {
		i.scanRow, i.scanPartner = 0, 0
		return nil
	}
	if len(i.byKey) == 0 {
		return nil
	}
	i.sentKeys += len(i.byKey)
	if c := i.join.counts; c != nil {
		c.Lookups.Add(1)
		c.Keys.Add(int64(len(i.byKey)))
	}
	var keys [][]tables.Value
	for k, list := range sent {
		if i.join.sent[k] == (tables.Type{}) {
			continue
		}
		if len(list.values) == 0 {
			return nil // none of them can be there
		}
		keys = append(keys, list.values)
	}
	inner, err := withKeys(ctx, i.join.inner, keys)
	if err != nil {
		return err
	}
	i.inner, err = i.builder.Build(ctx, inner, i.outer)
	return err
}

// fresh reports whether a key has not been sent before, where that matters: in a
// swapped semi-join a row of the inner side must come once only.
func (i *lookupIter) fresh(ctx *sql.Context, key string) (bool, error) {
	if !i.join.kind.semi || !i.join.swapped {
		return true, nil
	}
	if i.seen == nil {
		i.seen = map[string]struct{}{}
	}
	if _, there := i.seen[key]; there {
		return false, nil
	}
	i.seen[key] = struct{}{}
	return true, i.held.Add(ctx, "the keys of a join", int64(len(key))+mapEntry)
}

// driverKey finds the key of a row of the driver: its values for the store, and
// the text by which partners find each other.
func (i *lookupIter) driverKey(ctx *sql.Context, d *driverRow) (values []tables.Value, err error) {
	values = make([]tables.Value, len(i.join.keys))
	var text []byte
	partner := true
	for k, e := range i.join.keys {
		x, err := e.left.Eval(ctx, d.row)
		if err != nil {
			return nil, err
		}
		if x == nil {
			d.null = true
			return nil, nil
		}
		v, err := keyValue(ctx, e.left, x)
		if err != nil {
			return nil, err
		}
		text = appendKey(text, v)
		if t := i.join.sent[k]; t != (tables.Type{}) {
			var fits bool
			values[k], fits = v.as(t)
			partner = partner && fits
		}
	}
	d.key, d.partner = string(text), partner
	return values, nil
}

// innerKey is the key of a row of the inner side; ok is false where one is NULL.
func (i *lookupIter) innerKey(ctx *sql.Context, inner sql.Row) (key string, ok bool, err error) {
	row := i.joined(make(sql.Row, i.driverWidth+len(inner)-i.innerWidth), inner)
	var text []byte
	for _, e := range i.join.keys {
		x, err := e.right.Eval(ctx, row)
		if err != nil || x == nil {
			return "", false, err
		}
		v, err := keyValue(ctx, e.right, x)
		if err != nil {
			return "", false, err
		}
		text = appendKey(text, v)
	}
	return string(text), true, nil
}

// joined is a row of the driver followed by one of the inner side. Inside a
// subquery both begin with the outer row, which stands there once.
func (i *lookupIter) joined(driver, inner sql.Row) sql.Row {
	outer := len(inner) - i.innerWidth
	row := make(sql.Row, 0, len(driver)+i.innerWidth)
	return append(append(row, driver...), inner[outer:]...)
}

// match takes one row of the inner side to its partners.
func (i *lookupIter) match(ctx *sql.Context) error {
	inner, err := i.inner.Next(ctx)
	if errors.Is(err, io.EOF) {
		closing := i.inner
		i.inner = nil
		i.pending = i.unmatched()
		return closing.Close(ctx)
	}
	if err != nil {
		return err
	}
	key, ok, err := i.innerKey(ctx, inner)
	if err != nil || !ok {
		return err
	}
	for _, at := range i.byKey[key] {
		if err := i.meet(ctx, &i.batch[at], inner); err != nil {
			return err
		}
		if i.join.swapped && i.join.kind.semi && len(i.ready) > 0 {
			break // one partner is enough
		}
	}
	return nil
}

// meet puts a row of the driver and one of the inner side together, whose keys
// are equal.
func (i *lookupIter) meet(ctx *sql.Context, d *driverRow, inner sql.Row) error {
	kind := i.join.kind
	if kind.leftOnly() && !i.join.swapped && d.matched {
		return nil
	}
	row := i.joined(d.row, inner)
	if i.join.residual != nil {
		v, err := i.join.residual.Eval(ctx, row)
		if err != nil || v == nil {
			return err
		}
		if ok, err := sql.ConvertToBool(ctx, v); err != nil || !ok {
			return err
		}
	}
	d.matched = true
	outer := len(d.row) - i.driverWidth
	switch {
	case kind.anti:
	case kind.semi && i.join.swapped:
		i.ready = append(i.ready, inner[len(inner)-i.innerWidth:])
	case kind.semi:
		i.ready = append(i.ready, d.row[outer:])
	case i.join.swapped:
		out := make(sql.Row, 0, i.driverWidth+i.innerWidth)
		i.ready = append(i.ready, append(append(out, inner[len(inner)-i.innerWidth:]...), d.row[outer:]...))
	default:
		i.ready = append(i.ready, row[outer:])
	}
	return nil
}

// unmatched lists the rows of the batch that have no partner.
func (i *lookupIter) unmatched() []int {
	out := i.pending[:0]
	if !i.join.kind.outer && !i.join.kind.anti {
		return out
	}
	for at := range i.batch {
		if !i.batch[at].matched {
			out = append(out, at)
		}
	}
	return out
}

// alone is what the join makes of a row of the driver without a partner; nil:
// nothing.
func (i *lookupIter) alone(d *driverRow) sql.Row {
	kind := i.join.kind
	if d.matched || !kind.outer && !kind.anti {
		return nil
	}
	if kind.nullAware && (i.nulls || d.null && i.any) {
		return nil // compared with a NULL: unknown
	}
	row := d.row[len(d.row)-i.driverWidth:]
	if kind.anti {
		return row
	}
	return append(row[:len(row):len(row)], make(sql.Row, i.innerWidth)...)
}

// probe asks once what NOT IN has to know.
func (i *lookupIter) probe(ctx *sql.Context) error {
	if i.probed || !i.join.kind.nullAware {
		return nil
	}
	i.probed = true
	var err error
	if i.nulls, err = i.exists(ctx, i.join.nullProbe); err != nil {
		return err
	}
	i.any, err = i.exists(ctx, i.join.anyProbe)
	return err
}

func (i *lookupIter) exists(ctx *sql.Context, n sql.Node) (bool, error) {
	if n == nil {
		return false, nil
	}
	iter, err := i.builder.Build(ctx, n, i.outer)
	if err != nil {
		return false, err
	}
	_, err = iter.Next(ctx)
	found := err == nil
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return found, errors.Join(err, iter.Close(ctx))
}

// scanIsCheaper decides, before a look-up of so many keys, whether the inner
// side should rather be read once as a whole. The first look-up is always done:
// mostly it is the only one.
// What a scan gives is kept, and must have room.
func (i *lookupIter) scanIsCheaper(ctx *sql.Context, keys int) bool {
	if i.sentKeys == 0 || i.join.swapped && i.join.kind.semi {
		return false
	}
	if size := i.join.innerRows * float64(keptRow+valueSize*i.innerWidth); size > float64(memory.Of(ctx).Room()) {
		return false
	}
	return i.join.innerRows <= float64(rowsPerKey*(i.sentKeys+keys)) || i.lookupReadsAll()
}

// What a row of usual values takes while it is kept: itself, and each value.
const keptRow, valueSize = 150, 40

// lookupReadsAll reports whether a look-up costs its store as much as a scan.
func (i *lookupIter) lookupReadsAll() bool {
	if i.readsAll == nil {
		all := i.readsAllOf()
		i.readsAll = &all
	}
	return *i.readsAll
}

func (i *lookupIter) readsAllOf() bool {
	r := remoteUnder(i.join.inner)
	if r == nil || r.lookup == nil {
		return false
	}
	some, all := tables.EstimateOf(r.lookup.plan, nil), tables.EstimateOf(r.plan, nil)
	return all.Bytes > 0 && some.Bytes >= all.Bytes || all.Rows > 0 && some.Rows >= all.Rows
}

// scan reads the inner side once.
func (i *lookupIter) scan(ctx *sql.Context) error {
	iter, err := i.builder.Build(ctx, i.join.inner, i.outer)
	if err != nil {
		return err
	}
	i.scanned = map[string][]sql.Row{}
	if c := i.join.counts; c != nil {
		c.Scans.Add(1)
	}
	for n := 0; ; n++ {
		row, err := iter.Next(ctx)
		if errors.Is(err, io.EOF) {
			return iter.Close(ctx)
		}
		if err == nil && n%stopCheckRows == 0 {
			err = context.Cause(ctx)
		}
		var key string
		var ok bool
		if err == nil {
			key, ok, err = i.innerKey(ctx, row)
		}
		if err != nil {
			return errors.Join(err, iter.Close(ctx))
		}
		if ok {
			if err := i.held.Add(ctx, "the inner side of a join", int64(len(key))+mapEntry+memory.RowSize(row)); err != nil {
				return errors.Join(err, iter.Close(ctx))
			}
			i.scanned[key] = append(i.scanned[key], row)
		}
	}
}

// matchScanned takes one step in matching the batch with the rows that a scan
// gave: a row may have all of them for partners.
func (i *lookupIter) matchScanned(ctx *sql.Context) error {
	d := &i.batch[i.scanRow]
	var partners []sql.Row
	if d.partner {
		partners = i.scanned[d.key]
	}
	enough := d.matched && i.join.kind.leftOnly() // one partner decides
	if i.scanPartner < len(partners) && !enough {
		inner := partners[i.scanPartner]
		i.scanPartner++
		return i.meet(ctx, d, inner)
	}
	i.scanRow, i.scanPartner = i.scanRow+1, 0
	if i.scanRow == len(i.batch) {
		i.pending = i.unmatched()
	}
	return nil
}

// withKeys is n with the keys in its leaf.
func withKeys(ctx *sql.Context, n sql.Node, keys [][]tables.Value) (sql.Node, error) {
	if r, ok := n.(*Remote); ok {
		c := *r
		c.keys = keys
		return &c, nil
	}
	children := n.Children()
	if len(children) != 1 {
		return nil, cannotf("%T stands over the rows that are looked up", n)
	}
	child, err := withKeys(ctx, children[0], keys)
	if err != nil {
		return nil, err
	}
	return n.WithChildren(ctx, child)
}

// remoteUnder is the leaf of a chain of nodes.
func remoteUnder(n sql.Node) *Remote {
	for {
		if r, ok := n.(*Remote); ok {
			return r
		}
		children := n.Children()
		if len(children) != 1 {
			return nil
		}
		n = children[0]
	}
}
