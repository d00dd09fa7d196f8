package text

import (
	"context"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"gridgate/tables"
)

// A run is an open query. One goroutine, main, starts the workers, waits for
// them, and finishes what they have gathered.
type run struct {
	plan   *plan
	config *Config
	source *source
	where  predicate // on rows
	having predicate
	groups *fileGroups // nil: not grouped
	budget *budget

	ctx     context.Context
	cancel  context.CancelFunc
	batches chan *tables.Batch
	err     error         // of main; read after batches is closed
	done    chan struct{} // closed when main has ended

	// For Next only.
	skip, rest int64 // rows to be skipped, and then to be returned
	ended      error // what Next returned last
}

// start starts the run; Close ends it.
func (r *run) start(ctx context.Context) {
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.batches = make(chan *tables.Batch, r.config.Workers)
	r.done = make(chan struct{})
	q := &r.plan.query
	r.skip, r.rest = q.Offset, -1
	if q.Limit != nil {
		r.rest = *q.Limit
	}
	go func() {
		defer close(r.done)
		defer close(r.batches)
		r.err = r.main()
	}()
}

func (r *run) main() error {
	workers, err := r.read()
	switch {
	case err != nil:
		return err
	case r.plan.group != nil:
		tallies := make([]*tally, len(workers))
		for i, w := range workers {
			tallies[i] = w.tally
		}
		return r.finishGroups(tallies)
	case len(r.plan.order) > 0:
		return r.finishTop(workers)
	}
	return nil
}

// read lets the workers read all files.
func (r *run) read() ([]*worker, error) {
	defer r.source.stop()
	group, ctx := errgroup.WithContext(r.ctx)
	workers := make([]*worker, r.config.Workers)
	seeds := newSeeds()
	for i := range workers {
		w := r.newWorker(ctx, seeds)
		workers[i] = w
		group.Go(func() error {
			err := w.work()
			w.blocks = blockReader{} // its block isn't needed while the groups are finished
			return err
		})
	}
	return workers, group.Wait()
}

func (r *run) newWorker(ctx context.Context, seeds *seeds) *worker {
	p := r.plan
	w := &worker{run: r, ctx: ctx, where: r.where}
	w.blocks = blockReader{blockBytes: r.config.blockBytes, maxLine: r.config.MaxLineBytes}
	switch {
	case p.group != nil:
		w.tally = newTally(seeds, p.group.textKey, len(r.groups.like))
		w.sink = &tallySink{w: w, budget: r.budget}
	case len(p.order) > 0:
		w.sink = newTopSink(p, r.budget)
	default:
		w.sink = &scanSink{run: r, ctx: ctx, b: newBatchBuilder(p, r.config.batchRows)}
		// Where all text is handed out, the blocks themselves are. Where some
		// rows are dropped, the rest is copied, so that they don't keep a
		// whole block each.
		w.blocks.fresh = r.where == nil && slices.Contains(p.output, origin{column: column{kind: colText}})
	}
	return w
}

// fileGroup is the inner group of a file's rows.
func (r *run) fileGroup(f *openFile) uint32 {
	if r.groups == nil {
		return 0
	}
	return r.groups.of[f.index]
}

// send waits until there is room for a batch.
func (r *run) send(ctx context.Context, b *tables.Batch) error {
	select {
	case r.batches <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finishTop sends the first rows of all workers.
func (r *run) finishTop(workers []*worker) error {
	var rows []row
	for _, w := range workers {
		rows = append(rows, w.sink.(*topSink).heap.items...)
	}
	less := func(a, b row) int { return compareRows(r.plan.order, &a, &b) }
	runs, err := sortRuns(r.ctx, rows, less)
	if err != nil {
		return err
	}
	b := newBatchBuilder(r.plan, r.config.batchRows)
	top, _ := r.plan.query.Top()
	err = mergeRuns(runs, less, func(x row) error {
		if top--; top < 0 {
			return io.EOF
		}
		return r.emit(b, &x, false)
	})
	return r.endEmit(b, err)
}

// emit adds a row to b and sends it when it is full.
func (r *run) emit(b *batchBuilder, x *row, transient bool) error {
	b.add(x, transient)
	if b.full() {
		return r.send(r.ctx, b.take())
	}
	return nil
}

// endEmit sends the rest. io.EOF as err means that enough rows were sent.
func (r *run) endEmit(b *batchBuilder, err error) error {
	if err != nil && err != io.EOF {
		return err
	}
	if batch := b.take(); batch != nil {
		return r.send(r.ctx, batch)
	}
	return nil
}

// Next implements tables.Rows.
func (r *run) Next(ctx context.Context, b *tables.Batch) error {
	if r.ended == nil {
		r.ended = r.next(ctx, b)
	}
	return r.ended
}

func (r *run) next(ctx context.Context, b *tables.Batch) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.rest == 0 {
			r.cancel()
			return io.EOF
		}
		var batch *tables.Batch
		select {
		case batch = <-r.batches:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
		if batch == nil {
			if r.err != nil {
				return r.err
			}
			return io.EOF
		}
		if r.skip >= int64(batch.N) {
			r.skip -= int64(batch.N)
			continue
		}
		if r.skip > 0 {
			batch = tail(batch, int(r.skip))
			r.skip = 0
		}
		if r.rest >= 0 {
			batch.N = int(min(int64(batch.N), r.rest))
			if r.rest -= int64(batch.N); r.rest == 0 {
				r.cancel() // the workers needn't wait for the next Next
			}
		}
		*b = *batch
		return nil
	}
}

// tail is b without its first n rows.
func tail(b *tables.Batch, n int) *tables.Batch {
	out := &tables.Batch{N: b.N - n, Cols: make([]tables.Vector, len(b.Cols))}
	for i := range b.Cols {
		from := &b.Cols[i]
		to := tables.NewVector(from.Type, out.N)
		for j := range out.N {
			to.Set(j, from.Value(n+j))
		}
		out.Cols[i] = to
	}
	return out
}

// Close implements tables.Rows.
func (r *run) Close() error {
	r.cancel()
	<-r.done
	return nil
}
