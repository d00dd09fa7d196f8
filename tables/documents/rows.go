package documents

import (
	"context"
	"io"

	"gridgate/tables"
	"gridgate/tables/scan"
)

const (
	batchRows = 1024
	// lookEvery is after how many documents the end of the context is looked
	// for: well under a millisecond's work.
	lookEvery = 4096
)

// rows is a running query.
type rows struct {
	plan   *plan
	source source
	wanted func(*Document) bool
	skip   int64 // of OFFSET
	left   int64 // of LIMIT; -1: none
	seen   int
	ended  bool
}

// Next implements tables.Rows.
func (r *rows) Next(ctx context.Context, b *tables.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var found []*Document
	for len(found) < batchRows && r.left != 0 && !r.ended {
		if r.seen++; r.seen%lookEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		d := r.source.next()
		switch {
		case d == nil:
			r.ended = true
		case !r.wanted(d):
		case r.skip > 0:
			r.skip--
		default:
			found = append(found, d)
			if r.left > 0 {
				r.left--
			}
		}
	}
	if len(found) == 0 {
		return io.EOF
	}
	scan.Fill(b, r.plan.types, len(found), func(row, i int) tables.Value { return found[row].value(r.plan.read[i]) })
	return nil
}

// Close implements tables.Rows.
func (r *rows) Close() error {
	r.source.close()
	r.ended = true
	return nil
}
