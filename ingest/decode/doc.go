// Package decode makes readings of JSON records.
//
// Any JSON object is a document. What it says of station, time, kind, value,
// unit and identity is looked for by usual names, at any depth and in JSON
// texts inside of JSON, or where the configuration says.
package decode
