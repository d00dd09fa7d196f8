// Package oracle has no code but its tests: they ask a real MariaDB what
// gridgate answers when it runs everything itself (gridgate_pushdown = off), for
// some thousand generated statements. Pushdown is compared with off elsewhere;
// here off is compared with another server.
//
// MariaDB is not MySQL 8: where the two are known to differ, and MySQL's manual or
// source says which of them gridgate must be like, differences_test.go has the case.
// What gridgate itself is known to answer differently is in
// engine/semantics/known.go.
package oracle
