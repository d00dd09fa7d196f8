// Package demo writes an archive of grid operators' log lines to look around
// in: one folder a day (dt=YYYY-MM-DD), one file an operator, some of them
// gzipped, as a control centre's log shipping leaves them. The lines are
// made up, and the same for the same seed.
package demo

import (
	"time"
)

// Options say what archive to write. The zero value of a field is its default.
type Options struct {
	// Now is the archive's last instant; its day has no lines after it. The
	// default is the present time.
	Now time.Time
	// Days is how many days there are, Now's included; 30 by default.
	Days int
	// LinesPerFile is how many lines an operator writes in a whole day, give
	// or take a fifth; 700 by default.
	LinesPerFile int
	// Seed chooses among archives.
	Seed uint64
}

// Summary says what was written.
type Summary struct {
	Files, Lines int
	Bytes        int64 // of the lines, before compression
}

func (o *Options) setDefaults() {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Now = o.Now.UTC()
	if o.Days == 0 {
		o.Days = 30
	}
	if o.LinesPerFile == 0 {
		o.LinesPerFile = 700
	}
}
