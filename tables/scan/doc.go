// Package scan is what stores share that give a table's columns, perhaps by
// key, and leave the rest of a statement to the gateway: it takes such a query
// apart, and puts rows into batches.
//
// It is for stores that hold little or answer by key. A store that can compute
// compiles queries itself.
package scan
