package decode

import (
	"math"
	"strconv"

	"gridgate/tables/jsontext"
)

// The types of MongoDB's Extended JSON, in which mongoexport and change streams
// write what JSON has no type for, that hold one value.
var extended = map[string]bool{
	"$oid": true, "$date": true, "$uuid": true,
	"$numberInt": true, "$numberLong": true, "$numberDouble": true, "$numberDecimal": true,
}

// numbers are those that are numbers.
var numbers = map[string]bool{"$numberInt": true, "$numberLong": true, "$numberDouble": true, "$numberDecimal": true}

// isNumber reports whether v is a number, or an Extended JSON one.
func isNumber(v *jsontext.Value) bool {
	if v.Kind != jsontext.Object {
		return v.IsNumber()
	}
	if len(v.Fields) != 1 || !numbers[v.Fields[0].Name] {
		return false
	}
	_, ok := asNumber(v)
	return ok
}

// dateMilliseconds is the number in {"$date": number}, which always counts them.
func dateMilliseconds(v *jsontext.Value) (ms int64, ok bool) {
	if v.Kind != jsontext.Object || len(v.Fields) != 1 || v.Fields[0].Name != "$date" {
		return 0, false
	}
	switch n := plain(v); n.Kind {
	case jsontext.Int:
		return n.Int, true
	case jsontext.Double:
		return int64(n.Double), n.Double == math.Trunc(n.Double) && math.Abs(n.Double) < 1e15
	case jsontext.String:
		ms, err := strconv.ParseInt(n.Text, 10, 64)
		return ms, err == nil
	}
	return 0, false
}

// plain is the value that an Extended JSON object such as {"$oid": "..."} or
// {"$date": {"$numberLong": "..."}} stands for; any other value is itself.
func plain(v *jsontext.Value) *jsontext.Value {
	for v.Kind == jsontext.Object && len(v.Fields) == 1 && extended[v.Fields[0].Name] {
		v = &v.Fields[0].Value
	}
	return v
}
