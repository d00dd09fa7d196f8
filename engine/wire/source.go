package wire

import (
	"fmt"
	"io"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine"
	"gridgate/tables"
)

// chunk is a part of a result: rows of one of the two forms.
type chunk struct {
	batch tables.Batch
	rows  []sql.Row // nil: batch
	last  bool      // nothing follows
}

func (c *chunk) len() int {
	if c.rows != nil {
		return len(c.rows)
	}
	return c.batch.N
}

// source reads a result in chunks.
type source interface {
	// first reads the first chunk; nil and io.EOF when there are no rows.
	first() (*chunk, error)
	// fill reads the next chunk; io.EOF ends.
	fill(ctx *sql.Context, c *chunk) error
}

func rowsOf(ctx *sql.Context, r *engine.Result) source {
	if r.Batches != nil {
		return &batchSource{ctx: ctx, from: r.Batches, width: len(r.Schema)}
	}
	return &rowSource{ctx: ctx, from: r.Iter}
}

// batchSource reads a store's batches.
type batchSource struct {
	ctx   *sql.Context
	from  engine.BatchSource
	width int
}

func (s *batchSource) first() (*chunk, error) {
	c := &chunk{}
	if err := s.fill(s.ctx, c); err != nil {
		return nil, err
	}
	return c, nil
}

func (s *batchSource) fill(ctx *sql.Context, c *chunk) error {
	if err := s.from.NextBatch(ctx, &c.batch); err != nil {
		return err
	}
	if len(c.batch.Cols) != s.width {
		return fmt.Errorf("a batch has %d columns instead of %d", len(c.batch.Cols), s.width)
	}
	return nil
}

// rowSource collects rows of go-mysql-server into chunks.
type rowSource struct {
	ctx  *sql.Context
	from sql.RowIter
}

const (
	rowsPerChunk  = 128
	bytesPerChunk = 256 << 10 // of text; what ends a chunk of long rows
)

func (s *rowSource) first() (*chunk, error) {
	c := &chunk{}
	if err := s.fill(s.ctx, c); err != nil {
		return nil, err
	}
	return c, nil
}

func (s *rowSource) fill(ctx *sql.Context, c *chunk) error {
	c.rows, c.last = c.rows[:0], false
	for size := 0; len(c.rows) < rowsPerChunk && size < bytesPerChunk; {
		row, err := s.from.Next(ctx)
		if err == io.EOF && len(c.rows) > 0 {
			c.last = true
			return nil
		}
		if err != nil {
			// An error after some rows of a chunk takes them with it: the
			// client may not rely on them anyway.
			return err
		}
		c.rows = append(c.rows, row)
		size += textSize(row)
	}
	return nil
}

// textSize is about how many bytes of text a row holds.
func textSize(row sql.Row) int {
	n := 0
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}
