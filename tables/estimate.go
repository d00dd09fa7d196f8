package tables

// An Estimator is a Plan that knows roughly what it would read, without I/O.
// The engine refuses statements that would read too much, and chooses how to
// join, by such estimates. Implementing it is optional.
type Estimator interface {
	// Estimate with the values of args, or without any where they are not known
	// yet.
	Estimate(args Args) Estimate
}

// An Estimate is what a plan would read inside its store; it is not how many
// rows come out.
type Estimate struct {
	Rows  int64  // negative: unknown
	Bytes int64  // negative: unknown
	Hint  string // which condition would make it read less, as a sentence without a full stop; "" where none would
}

// UnknownEstimate is that of a plan that is no Estimator.
var UnknownEstimate = Estimate{Rows: -1, Bytes: -1}

// EstimateOf is p's estimate, or UnknownEstimate.
func EstimateOf(p Plan, args Args) Estimate {
	if e, ok := p.(Estimator); ok {
		return e.Estimate(args)
	}
	return UnknownEstimate
}
