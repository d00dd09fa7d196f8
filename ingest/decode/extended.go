package decode

import "gridgate/tables/jsontext"

// The types of MongoDB's Extended JSON, in which mongoexport and change streams
// write what JSON has no type for, that hold one value.
var extended = map[string]bool{
	"$oid": true, "$date": true, "$uuid": true,
	"$numberInt": true, "$numberLong": true, "$numberDouble": true, "$numberDecimal": true,
}

// plain is the value that an Extended JSON object such as {"$oid": "..."} or
// {"$date": {"$numberLong": "..."}} stands for; any other value is itself.
func plain(v *jsontext.Value) *jsontext.Value {
	for v.Kind == jsontext.Object && len(v.Fields) == 1 && extended[v.Fields[0].Name] {
		v = &v.Fields[0].Value
	}
	return v
}
