package demo

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

// Write writes an archive into dir, which must exist. It stops soon after
// ctx's end; what it has written then is the caller's to remove.
func Write(ctx context.Context, dir string, o Options) (Summary, error) {
	o.setDefaults()
	today := o.Now.Truncate(24 * time.Hour)
	summaries := make([]Summary, o.Days)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range o.Days {
		day := today.AddDate(0, 0, i-o.Days+1)
		g.Go(func() error { return writeDay(ctx, dir, day, &o, &summaries[i]) })
	}
	if err := g.Wait(); err != nil {
		return Summary{}, fmt.Errorf("writing the demo archive: %w", err)
	}
	var total Summary
	for _, s := range summaries {
		total.Files += s.Files
		total.Lines += s.Lines
		total.Bytes += s.Bytes
	}
	return total, nil
}

func writeDay(ctx context.Context, dir string, day time.Time, o *Options, sum *Summary) error {
	folder := filepath.Join(dir, "dt="+day.Format(time.DateOnly))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for i := range operators {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeFile(folder, day, &operators[i], o, sum); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes one operator's day.
func writeFile(folder string, day time.Time, op *operator, o *Options, sum *Summary) (err error) {
	name := op.name + ".log"
	// A day is compressed once it is over.
	compressed := op.compresses && day.AddDate(0, 0, 1).Before(o.Now)
	if compressed {
		name += ".gz"
	}
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	buffer := bufio.NewWriterSize(f, 64<<10)
	var to io.Writer = buffer
	if compressed {
		zip, err := gzip.NewWriterLevel(buffer, gzip.BestSpeed)
		if err != nil {
			return err
		}
		defer func() {
			if closeErr := zip.Close(); err == nil {
				err = closeErr
			}
			if flushErr := buffer.Flush(); err == nil {
				err = flushErr
			}
		}()
		to = zip
	}
	if err := writeLines(to, day, op, o, sum); err != nil {
		return err
	}
	sum.Files++
	return buffer.Flush()
}

// writeLines writes the lines of one operator's day up to o.Now.
func writeLines(to io.Writer, day time.Time, op *operator, o *Options, sum *Summary) error {
	// Each file has a sequence of its own, so that a day reads the same
	// whatever days are written with it.
	id := fnv.New64a()
	id.Write([]byte(op.name + day.Format(time.DateOnly)))
	w := &writer{Rand: rand.New(rand.NewPCG(o.Seed, id.Sum64())), operator: op}
	n := o.LinesPerFile*4/5 + w.IntN(o.LinesPerFile*2/5+1)
	for i := range n {
		// Evenly over the day, with some unrest.
		at := day.Add(24 * time.Hour * time.Duration(i) / time.Duration(n)).
			Add(time.Duration(w.IntN(int(24*time.Hour/time.Millisecond)/n)) * time.Millisecond)
		if at.After(o.Now) {
			break
		}
		w.line = at.AppendFormat(w.line[:0], "2006-01-02T15:04:05.000Z")
		w.entry()
		w.line = append(w.line, '\n')
		if _, err := to.Write(w.line); err != nil {
			return err
		}
		sum.Lines++
		sum.Bytes += int64(len(w.line))
	}
	return nil
}
