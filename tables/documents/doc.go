// Package documents is the embedded document collection: the table readings in
// the gateway's own memory, for when no MongoDB is configured. It lives as long
// as the process, and has a bound, beyond which the oldest go.
package documents
