package planner

import (
	"io"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/eval"
	"gridgate/tables"
)

// rowIter gives a store's batches as go-mysql-server's rows. The wire reads
// the batches themselves where the leaf is the whole plan (NextBatch).
type rowIter struct {
	rows  tables.Rows
	batch tables.Batch
	at    int
}

var _ sql.RowIter = (*rowIter)(nil)

// NextBatch fills b with the next rows, as tables.Rows.Next does.
func (r *rowIter) NextBatch(ctx *sql.Context, b *tables.Batch) error { return r.rows.Next(ctx, b) }

// Next implements sql.RowIter.
func (r *rowIter) Next(ctx *sql.Context) (sql.Row, error) {
	for r.at >= r.batch.N {
		r.batch.N, r.at = 0, 0
		if err := r.rows.Next(ctx, &r.batch); err != nil {
			return nil, err
		}
	}
	row := make(sql.Row, len(r.batch.Cols))
	for i := range r.batch.Cols {
		v, err := eval.RowValue(&r.batch.Cols[i], r.at)
		if err != nil {
			return nil, err
		}
		row[i] = v
	}
	r.at++
	return row, nil
}

// Close implements sql.RowIter.
func (r *rowIter) Close(*sql.Context) error { return r.rows.Close() }

// noRows answers LIMIT 0: the store is not asked.
type noRows struct{}

func (noRows) Next(*sql.Context) (sql.Row, error)              { return nil, io.EOF }
func (noRows) NextBatch(_ *sql.Context, _ *tables.Batch) error { return io.EOF }
func (noRows) Close(*sql.Context) error                        { return nil }
