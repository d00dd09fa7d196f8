package semantics

import "fmt"

// OutOfRange is MySQL's error 1690 (ER_DATA_OUT_OF_RANGE, SQLSTATE 22003): a
// result that its type cannot hold.
type OutOfRange struct {
	Type string // BIGINT, BIGINT UNSIGNED, DOUBLE or DECIMAL
	Expr string // the operation, as MySQL shows it
}

// Error implements error.
func (e *OutOfRange) Error() string {
	return fmt.Sprintf("%s value is out of range in '%s'", e.Type, e.Expr)
}

// UnknownTimeZone is MySQL's error 1298 (ER_UNKNOWN_TIME_ZONE, SQLSTATE HY000): a
// text that is no offset and no zone's name.
type UnknownTimeZone struct{ Zone string }

// Error implements error.
func (e *UnknownTimeZone) Error() string {
	return fmt.Sprintf("Unknown or incorrect time zone: '%s'", e.Zone)
}

// TooPrecise is MySQL's error 1426 (ER_TOO_BIG_PRECISION, SQLSTATE 42000): more
// than six digits of a second.
type TooPrecise struct {
	Digits   int64
	Function string
}

// Error implements error.
func (e *TooPrecise) Error() string {
	return fmt.Sprintf("Too-big precision %d specified for '%s'. Maximum is %d.", e.Digits, e.Function, maxMicros)
}

// IncorrectArgument is MySQL's error 3064 (ER_INCORRECT_TYPE, SQLSTATE HY000): an
// argument of a type that the function does not take.
type IncorrectArgument struct {
	N        int
	Function string
}

// Error implements error.
func (e *IncorrectArgument) Error() string {
	return fmt.Sprintf("Incorrect type for argument %d in function %s.", e.N, e.Function)
}

// WrongValue is MySQL's error 1525 (ER_WRONG_VALUE, SQLSTATE HY000): a constant
// that is compared with a time and is none.
type WrongValue struct{ Type, Value string }

// Error implements error.
func (e *WrongValue) Error() string { return fmt.Sprintf("Incorrect %s value: '%s'", e.Type, e.Value) }
