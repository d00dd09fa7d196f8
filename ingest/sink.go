package ingest

import "context"

// A Sink makes readings durable in one store. It is written to by several
// goroutines at once, one a partition.
type Sink interface {
	// Write makes the whole batch durable before it returns, or fails as a
	// whole: then the same batch comes again. It must not matter that readings
	// come twice, or in another order than they were measured in. Write keeps
	// nothing of batch, and returns soon after ctx's end.
	//
	// An error means that the store can't take anything at the moment. What is
	// wrong with one reading is in Written.Rejected, and no error.
	Write(ctx context.Context, batch []Reading) (Written, error)
}

// Written says what a Sink did with a batch that it has made durable.
type Written struct {
	// Rejected are readings that the store will never take.
	Rejected []Rejected
	// Skipped is how many readings are none of the store's business.
	Skipped int
	// SkippedBecause is the reason of one of them, as Rejected.Why.
	SkippedBecause string
	// Duplicates is how many readings are events that the store had already,
	// where it can tell without asking.
	Duplicates int
	// Evicted is how many older rows made room, in a store with a bound.
	Evicted int
}

// Rejected is a reading that a store will never take.
type Rejected struct {
	Index int    // in the batch
	Why   string // a sentence without a full stop, for dead_letters
}
