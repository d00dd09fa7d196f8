package ingest

import (
	"sync"
	"time"

	layout "gridgate/tables/kafka"
)

// sayEvery is how often the log says that records can't be used.
const sayEvery = time.Minute

// counted counts what the log is to say now and then. It is safe for concurrent
// use.
type counted struct {
	mu     sync.Mutex
	n      int64
	saidAt time.Time
}

// add counts n more. say is true when it is time to say so.
func (c *counted) add(n int) (total int64, say bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += int64(n)
	if n == 0 || time.Since(c.saidAt) < sayEvery {
		return c.n, false
	}
	c.saidAt = time.Now()
	return c.n, true
}

// say logs what of a batch can't be used.
func (b *batch) say(w Written, dead []layout.Letter) {
	c, id := b.partition.consumer, b.partition.id
	if n, say := c.dead.add(len(dead)); say {
		last := &dead[len(dead)-1]
		c.log.Warn().Int64("so_far", n).Int("partition", id).Int64("offset", last.Offset).Str("because", last.Error).
			Msg("records can't be used: the table dead_letters has the newest ones")
	}
	if n, say := c.skipped.add(w.Skipped); say {
		c.log.Info().Int64("so_far", n).Int("partition", id).Str("because", w.SkippedBecause).Msg("records are none of this store's business")
	}
}
