package text

import "gridgate/tables"

// A batchBuilder gathers rows into batches. Nothing it has handed out is
// changed later.
type batchBuilder struct {
	output []origin
	types  []tables.Type
	rows   int // in a full batch
	room   int // in the current one: the first is small, so that it is there soon

	batch *tables.Batch
	bytes int    // of its text
	copy  []byte // where text is copied to
}

const (
	firstRows  = 256
	batchBytes = 1 << 20 // of text, after which a batch is full
	copyBlock  = 64 << 10
)

func newBatchBuilder(p *plan, rows int) *batchBuilder {
	b := &batchBuilder{output: p.output, types: p.types, rows: rows, room: min(rows, firstRows)}
	if top, limited := p.query.Top(); limited && top < int64(b.room) {
		b.room = int(top)
	}
	return b
}

// add adds r. The text of a transient row is copied.
func (b *batchBuilder) add(r *row, transient bool) {
	if b.batch == nil {
		b.batch = &tables.Batch{Cols: make([]tables.Vector, len(b.output))}
		for i, t := range b.types {
			b.batch.Cols[i] = tables.NewVector(t, b.room)
		}
	}
	n := b.batch.N
	for i := range b.output {
		o, v := &b.output[i], &b.batch.Cols[i]
		switch {
		case o.isCount:
			v.Ints[n] = r.counts[o.count]
		case o.column.kind == colPath:
			v.Strings[n] = r.file.path
		case o.column.kind == colOffset:
			v.Ints[n] = r.offset
		case o.column.kind == colPos:
			v.Ints[n] = r.pos
		case o.column.kind == colText:
			if transient {
				r.text, transient = b.keep(r.text), false
			}
			v.Strings[n] = r.text
			b.bytes += len(r.text)
		default:
			if p := r.file.partition(o.column.partition); p.null {
				v.SetNull(n)
			} else {
				v.Strings[n] = p.value
			}
		}
	}
	b.batch.N++
}

// keep copies s to memory that isn't changed any more.
func (b *batchBuilder) keep(s string) string {
	if cap(b.copy)-len(b.copy) < len(s) {
		b.copy = make([]byte, 0, max(copyBlock, len(s)))
	}
	at := len(b.copy)
	b.copy = append(b.copy, s...)
	return view(b.copy[at:])
}

func (b *batchBuilder) full() bool {
	return b.batch != nil && (b.batch.N >= b.room || b.bytes >= batchBytes)
}

// take returns the batch; nil when it has no rows.
func (b *batchBuilder) take() *tables.Batch {
	batch := b.batch
	b.batch, b.bytes, b.room = nil, 0, b.rows
	return batch
}
