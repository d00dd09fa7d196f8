// Package tables is the contract between gridgate's engine and its stores.
//
// A store is one package below this one (tables/text, tables/hive, ...). It
// implements four small interfaces and knows nothing of SQL parsing, sessions
// or the wire:
//
//   - Store lists tables and opens them, once for each name in a statement;
//   - Snapshot is a table as it was seen once: its columns, its estimates, and
//     Compile, which turns a Query into a Plan or says which part it can't do;
//   - Plan is a compiled query; Open starts it;
//   - Rows delivers its rows in batches of typed columns.
//
// # How the engine talks to a store
//
// The engine asks Store.Table for each table of a statement. The planner begins with a
// Query that reads the needed columns and calls Snapshot.Compile; then it
// offers the same query grown by one more operator (a filter conjunct, a
// projection, GROUP BY, ORDER BY, LIMIT ...) and calls Compile again. Each
// time the store answers with a plan, the operator is gone from the gateway;
// each time it answers Unsupported, the operator stays there and the reason is
// shown by EXPLAIN. A store may therefore refuse anything except the plain
// scan: a Query with nothing but From and an Output of columns, or of none at
// all, must compile.
//
// # What a store promises
//
// A plan's rows are exactly those that MySQL 8 would give for the Query over
// the store's rows: three-valued logic, NULLs first ascending and last
// descending, text compared by code point without padding
// (utf8mb4_0900_bin), integer arithmetic that overflows into an error, one
// row for an aggregate without GROUP BY over nothing. What a store can't
// reproduce exactly it refuses. The one exception is Plan.Recheck: a conjunct
// listed there may let too many rows through, never too few, and the gateway
// applies it again.
//
// Arithmetic that overflows is an error in MySQL (1690), and which rows are
// computed is the store's choice: a store that can't exclude an overflow by the
// columns' types or bounds refuses the expression.
//
// Package tablestest holds the suite that every store has to pass.
package tables
