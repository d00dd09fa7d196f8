// Package difftest is the frame of the differential test: generated SQL is run
// with pushdown on and with pushdown off, and the answers must be equal by the
// project's rule. It is used over every store, embedded and real, and also
// with planted faults, which it must find.
//
// Statements are drawn by a Generator, over the tables of whoever tests.
// Expressions are typed, and written as forms with placeholders (numbers.go,
// texts.go, times.go, conditions.go), so that all of them are valid; sources.go
// and selects.go put statements together, dashboards.go draws those that
// Grafana and BI tools send. Sample is a set of small tables of every type.
//
// The rule: the same columns; the same values (floats may differ by a given
// tolerance); without ORDER BY the same multiset of rows; with it the same
// sort keys in order; with LIMIT and ties as many rows, the same sort keys,
// and each row one of the unlimited answer; errors by their code.
package difftest
