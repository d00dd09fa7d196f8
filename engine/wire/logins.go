package wire

import (
	"sync"
	"time"

	"github.com/dolthub/vitess/go/mysql"
)

// failures counts logins that failed, by address, so that passwords can't be tried
// without end. It is safe for concurrent use.
type failures struct {
	max int // in a row, from one address; 0: no limit
	mu  sync.Mutex
	by  map[string]*failure
}

type failure struct {
	n    int
	last time.Time
}

const (
	// blockedFor is how long an address with too many failures has to wait, counted
	// from the last one.
	blockedFor = time.Minute
	// mostAddresses bounds what is remembered.
	mostAddresses = 10_000
)

// check is the error to refuse a client with, nil when it may try.
func (f *failures) check(host string, now time.Time) error {
	if f.max == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.by[host]
	if x == nil || x.n < f.max {
		return nil
	}
	if now.Sub(x.last) >= blockedFor {
		delete(f.by, host)
		return nil
	}
	return mysql.NewSQLError(1129, "HY000",
		"Host '%s' is blocked because of many connection errors; try again in a minute", host)
}

// note counts how a login ended. One that is right clears its address.
func (f *failures) note(host string, right bool, now time.Time) {
	if f.max == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if right {
		delete(f.by, host)
		return
	}
	x := f.by[host]
	if x == nil {
		if len(f.by) >= mostAddresses {
			f.forget(now)
		}
		x = &failure{}
		f.by[host] = x
	}
	if now.Sub(x.last) >= blockedFor {
		x.n = 0
	}
	x.n++
	x.last = now
}

// forget makes room: what is old goes, and if all is new, any one.
func (f *failures) forget(now time.Time) {
	for host, x := range f.by {
		if now.Sub(x.last) >= blockedFor {
			delete(f.by, host)
		}
	}
	for host := range f.by {
		if len(f.by) < mostAddresses {
			return
		}
		delete(f.by, host)
	}
}
