package planner

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"gridgate/tables"
)

// Meter counts what a leaf gave, for EXPLAIN ANALYZE. It may be read while the
// leaf runs.
type Meter struct {
	opened, rows, nanos atomic.Int64
}

// String is what was counted, for a person.
func (m *Meter) String() string {
	times := "once"
	if n := m.opened.Load(); n != 1 {
		times = fmt.Sprintf("%d times", n)
	}
	return fmt.Sprintf("ran %s: %d rows in %s", times, m.rows.Load(), time.Duration(m.nanos.Load()).Round(10*time.Microsecond))
}

// Measure makes the leaf count from now on. It must not run yet.
func (r *Remote) Measure() { r.meter = &Meter{} }

// meteredRows counts rows and the time spent waiting for them.
type meteredRows struct {
	tables.Rows
	meter *Meter
}

func (m *meteredRows) Next(ctx context.Context, b *tables.Batch) error {
	begin := time.Now()
	err := m.Rows.Next(ctx, b)
	m.meter.nanos.Add(int64(time.Since(begin)))
	if err == nil {
		m.meter.rows.Add(int64(b.N))
	}
	return err
}
