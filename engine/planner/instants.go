package planner

import (
	"time"

	"gridgate/tables"
)

// instants turns the constants that are compared with a TIMESTAMP into
// TIMESTAMPs, as MySQL does before it compares: stores then find them by their
// order. A session's zone is always UTC. What is not clearly a time stays as it
// is, and with it whatever MySQL says about it.
func instants(compared tables.Expr, constants []tables.Expr) {
	if _, constant := compared.(*tables.Lit); constant || compared.Type().Kind != tables.KindTimestamp {
		return
	}
	for i, e := range constants {
		if l, ok := e.(*tables.Lit); ok {
			if us, ok := instantOf(l.Value); ok {
				constants[i] = &tables.Lit{Value: tables.Value{Type: tables.Timestamp(digits(us)), I: us}}
			}
		}
	}
}

// digits is how many digits after the second a time has: 0, 3 or 6.
func digits(us int64) uint8 {
	switch {
	case us%1e6 == 0:
		return 0
	case us%1e3 == 0:
		return 3
	}
	return 6
}

// timeLayouts are the texts that are read as a time here. Go reads a fraction
// of any length after the seconds.
var timeLayouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02"}

// instantOf is v in microseconds, where it is clearly a time.
func instantOf(v tables.Value) (us int64, ok bool) {
	if v.IsNull() {
		return 0, false
	}
	switch v.Type.Kind {
	case tables.KindDatetime:
		return v.I, true
	case tables.KindDate:
		return v.I * int64(24*time.Hour/time.Microsecond), true
	case tables.KindText:
		for _, layout := range timeLayouts {
			t, err := time.Parse(layout, v.S)
			// With more than six digits MySQL would round.
			if err == nil && len(v.S) <= len("2006-01-02 15:04:05.000000") && t.Year() > 0 {
				return t.UnixMicro(), true
			}
		}
	}
	return 0, false
}
