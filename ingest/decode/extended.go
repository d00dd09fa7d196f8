package decode

import (
	"math"
	"strconv"

	"gridgate/tables/jsontext"
)

// The types of MongoDB's Extended JSON that hold one value, in which mongoexport
// and change streams write what JSON has no type for; true: a number.
var extended = map[string]bool{
	"$oid": false, "$date": false, "$uuid": false,
	"$numberInt": true, "$numberLong": true, "$numberDouble": true, "$numberDecimal": true,
}

// typed is what an Extended JSON object such as {"$oid": "..."} holds, and as
// what; nil: v is none.
func typed(v *jsontext.Value) (name string, inside *jsontext.Value) {
	if v.Kind != jsontext.Object || len(v.Fields) != 1 {
		return "", nil
	}
	f := &v.Fields[0]
	if _, known := extended[f.Name]; !known {
		return "", nil
	}
	return f.Name, &f.Value
}

// plain is the value that an Extended JSON object, also {"$date":
// {"$numberLong": "..."}}, stands for; any other value is itself.
func plain(v *jsontext.Value) *jsontext.Value {
	for {
		_, inside := typed(v)
		if inside == nil {
			return v
		}
		v = inside
	}
}

// isNumber reports whether v is a number, or an Extended JSON one.
func isNumber(v *jsontext.Value) bool {
	name, inside := typed(v)
	if inside == nil {
		return v.IsNumber()
	}
	_, ok := asNumber(inside)
	return ok && extended[name]
}

// dateMilliseconds is the number in {"$date": number}, which always counts them.
func dateMilliseconds(v *jsontext.Value) (ms int64, ok bool) {
	if name, _ := typed(v); name != "$date" {
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
