package tables

import (
	"fmt"
	"time"
)

// Unsupported says which part of a Query a store can't do, and why. It is an
// answer of Compile, not a failure; under gridgate_pushdown = 'strict' it
// becomes one.
type Unsupported struct {
	Part  Part
	Index int    // which element of the part, where it is a list
	Code  string // short and stable, for tests and counting: "function", "type", "collation" ...
	Text  string // the reason as a sentence without a full stop
}

// Error is the reason with the part it is about.
func (u *Unsupported) Error() string { return u.Part.String() + ": " + u.Text }

// Refuse makes an Unsupported; the text is formatted as by Sprintf.
func Refuse(part Part, index int, code, format string, args ...any) *Unsupported {
	return &Unsupported{Part: part, Index: index, Code: code, Text: fmt.Sprintf(format, args...)}
}

// NoTable says that a store has no table of that name.
type NoTable struct{ Store, Name string }

func (e *NoTable) Error() string { return fmt.Sprintf("%s has no table %q", e.Store, e.Name) }

// Outage says that a store can't be reached or failed: nothing is wrong with
// the statement, and trying again may help.
type Outage struct {
	Store string
	Doing string        // what was tried, "listing the archive /srv/a"
	Err   error         // never nil
	Retry time.Duration // when trying again may help; 0: unknown
}

func (e *Outage) Error() string { return fmt.Sprintf("%s: %s: %v", e.Store, e.Doing, e.Err) }
func (e *Outage) Unwrap() error { return e.Err }

// DataError says that stored data can't be read as what it claims to be: a cut
// file, an unknown codec, a value outside its type.
type DataError struct {
	Store string
	Where string // file, key or document, and the place in it
	Err   error  // never nil
}

func (e *DataError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Store, e.Where, e.Err) }
func (e *DataError) Unwrap() error { return e.Err }

// SchemaChanged says that a table is no longer as its snapshot saw it. Before
// the first row the engine plans the statement again, once.
type SchemaChanged struct {
	Store, Table string
	What         string
}

func (e *SchemaChanged) Error() string {
	return fmt.Sprintf("%s: table %s has changed: %s", e.Store, e.Table, e.What)
}

// LimitExceeded says that a bound that protects the gateway was reached.
type LimitExceeded struct {
	Store string
	What  string // what there was too much of, "distinct groups"
	Limit int64
	Hint  string // what the user can do, as a sentence without a full stop
}

func (e *LimitExceeded) Error() string {
	s := fmt.Sprintf("%s: more than %d %s", e.Store, e.Limit, e.What)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}
