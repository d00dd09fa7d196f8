package ingest

import (
	"slices"
	"sync"
	"time"
)

// State is what the ingest does for a store or a partition of it.
type State string

// The states.
const (
	StateConnecting State = "connecting" // to Kafka: no partition is assigned yet, or it was lost
	StateRunning    State = "running"
	StateWaiting    State = "waiting" // for the store, or for the dead-letter topic, to take a batch
)

// NoPartition stands for a store that has no partition yet.
const NoPartition = -1

// PartitionStatus is how far a store is with one partition.
type PartitionStatus struct {
	Store     string
	Topic     string
	Partition int   // or NoPartition
	Committed int64 // records before it are durable; -1: not known yet
	End       int64 // the offset of the next record to come; -1: not known yet
	// Lag is how old the oldest record is that is not durable yet; where that
	// was not read yet, how old the last durable one is. 0: all are.
	Lag time.Duration
	// Counters since the start.
	Records, Skipped, Duplicates, DeadLetters, Evicted int64
	State                                              State
	LastError                                          string // stays until the next one
	UpdatedAt                                          time.Time

	// since is the time of the record that Lag is about.
	since time.Time
}

// registry keeps the status of everything.
type registry struct {
	topic string
	now   func() time.Time

	mu     sync.Mutex
	stores []*storeStatus
}

type storeStatus struct {
	name       string
	unassigned *PartitionStatus // shown while there are no partitions
	partitions []*PartitionStatus
}

func newRegistry(topic string, stores []Store, now func() time.Time) *registry {
	r := &registry{topic: topic, now: now}
	for _, s := range stores {
		r.stores = append(r.stores, &storeStatus{name: s.Name, unassigned: &PartitionStatus{
			Store: s.Name, Topic: topic, Partition: NoPartition, Committed: -1, End: -1, State: StateConnecting, UpdatedAt: now(),
		}})
	}
	return r
}

func (r *registry) all() []PartitionStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A partition ends where any store has seen it end: one that waits asks
	// seldom.
	ends := map[int]int64{}
	for _, s := range r.stores {
		for _, p := range s.partitions {
			ends[p.Partition] = max(p.End, ends[p.Partition])
		}
	}
	var out []PartitionStatus
	for _, s := range r.stores {
		if len(s.partitions) == 0 {
			out = append(out, *s.unassigned)
		}
		for _, p := range s.partitions {
			p := *p
			if p.End >= 0 {
				p.End = ends[p.Partition]
			}
			if p.Committed >= 0 && p.Committed < p.End && !p.since.IsZero() {
				p.Lag = max(0, r.now().Sub(p.since))
			}
			out = append(out, p)
		}
	}
	return out
}

// store finds the status of a store; mu is held.
func (r *registry) store(name string) *storeStatus {
	return r.stores[slices.IndexFunc(r.stores, func(s *storeStatus) bool { return s.name == name })]
}

// assigned says which partitions a store has from now on. Those that it had
// keep their counters; others are no longer its business.
func (r *registry) assigned(store string, offsets map[int]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.store(store)
	var partitions []*PartitionStatus
	for id, offset := range offsets {
		at := slices.IndexFunc(s.partitions, func(p *PartitionStatus) bool { return p.Partition == id })
		p := &PartitionStatus{Store: store, Topic: r.topic, Partition: id, End: -1}
		if at >= 0 {
			p = s.partitions[at]
		}
		p.Committed, p.State, p.UpdatedAt = max(offset, -1), StateConnecting, r.now()
		partitions = append(partitions, p)
	}
	slices.SortFunc(partitions, func(a, b *PartitionStatus) int { return a.Partition - b.Partition })
	s.partitions = partitions
}

// disconnected says that a store has no connection to Kafka.
func (r *registry) disconnected(store string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.store(store)
	for _, p := range append([]*PartitionStatus{s.unassigned}, s.partitions...) {
		r.change(p, func(p *PartitionStatus) {
			p.State = StateConnecting
			if err != nil {
				p.LastError = err.Error()
			}
		})
	}
}

// change makes a change and, where it is one, notes when; mu is held.
func (r *registry) change(p *PartitionStatus, change func(*PartitionStatus)) {
	before := *p
	if change(p); *p != before {
		p.UpdatedAt = r.now()
	}
}

// update changes the status of a partition that is assigned.
func (r *registry) update(store string, partition int, change func(*PartitionStatus)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.store(store).partitions {
		if p.Partition == partition {
			r.change(p, change)
		}
	}
}
