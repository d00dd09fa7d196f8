package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine/memory"
	"gridgate/engine/planner"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// TestMySQLError: kinds of errors, bare and wrapped, and what a client is
// told. The statements that cause go-mysql-server's errors are in engine/wire.
func TestMySQLError(t *testing.T) {
	outage := &tables.Outage{Store: "hive", Doing: "opening a session", Err: io.ErrUnexpectedEOF}
	cases := []struct {
		err   error
		code  int
		state string
		text  string
	}{
		{StopKilled, 1317, "70100", "Query execution was interrupted"},
		{StopConnectionKilled, 1317, "70100", "Query execution was interrupted"},
		{StopTimeout, 3024, "HY000", "Query execution was interrupted, maximum statement execution time exceeded"},
		{StopShutdown, 1053, "08S01", "Server shutdown in progress"},
		{StopClientGone, 1152, "08S01", "The client has closed the connection"},
		{fmt.Errorf("reading: %w", context.Canceled), 1317, "70100", "Query execution was interrupted"},
		{context.DeadlineExceeded, 3024, "HY000", "Query execution was interrupted, maximum statement execution time exceeded"},
		{&Panic{Value: "secret"}, 1105, "HY000", "Internal error while running the statement; the server's log has the details"},
		{outage, 1429, "HY000", "Unable to connect to foreign data source: hive: opening a session: unexpected EOF"},
		{fmt.Errorf("words: %w", outage), 1429, "HY000", "Unable to connect to foreign data source: words: hive: opening a session: unexpected EOF"},
		{errors.Join(errors.New("closing"), outage), 1429, "HY000", "Unable to connect to foreign data source: closing hive: opening a session: unexpected EOF"},
		{&tables.Outage{Store: "redis", Doing: "reading", Err: context.DeadlineExceeded}, 1429, "HY000", "Unable to connect to foreign data source: redis: reading: context deadline exceeded"},
		{&tables.DataError{Store: "text", Where: "a.gz", Err: io.ErrUnexpectedEOF}, 1296, "HY000", "Got error 'text: a.gz: unexpected EOF' from text"},
		{&tables.SchemaChanged{Store: "mongo", Table: "x", What: "a column is gone"}, 1412, "HY000", "Table definition has changed, please retry transaction: mongo: table x has changed: a column is gone"},
		{&tables.LimitExceeded{Store: "text", What: "groups", Limit: 5, Hint: "add a filter"}, 3170, "HY000", "Capacity exceeded: text: more than 5 groups; add a filter"},
		{&planner.TooBig{Store: "text", Table: "words", What: "bytes", Estimate: 9, Limit: 5, Hint: "a condition on dt would leave files out"}, 1104, "42000", "The SELECT would read about 9 bytes of words (text), and the limit is 5; a condition on dt would leave files out"},
		{fmt.Errorf("x: %w", &memory.Exceeded{What: "rows to sort", Limit: 5}), 1038, "HY001", "Out of memory for rows to sort in the gateway: one statement may hold 5 bytes (limits.query_memory); restrict the tables with WHERE, ask for fewer columns, or let a LIMIT say how many rows are wanted"},
		{tables.Refuse(tables.PartWhere, 0, "function", "no such function"), 1235, "42000", "WHERE: no such function"},
		{&tables.NoTable{Store: "text", Name: "x"}, 1146, "42S02", "Table 'x' doesn't exist"},
		{mysql.NewSQLError(1690, "22003", "BIGINT value is out of range in 'a + b'"), 1690, "22003", "BIGINT value is out of range in 'a + b'"},
		{fmt.Errorf("x: %w", mysql.NewSQLError(1094, "HY000", "Unknown thread id: 5")), 1094, "HY000", "Unknown thread id: 5"},
		{&semantics.IncorrectArgument{N: 1, Function: "json_quote"}, 3064, "HY000", "Incorrect type for argument 1 in function json_quote."},
		{&semantics.WrongValue{Type: "DATE", Value: "x"}, 1525, "HY000", "Incorrect DATE value: 'x'"},
		{sql.ErrTableNotFound.New("x"), 1146, "42S02", "Table 'x' doesn't exist"},
		{fmt.Errorf("planning: %w", sql.ErrTableNotFound.New("x")), 1146, "42S02", "Table 'x' doesn't exist"},
		{sql.NewWrappedInsertError(sql.Row{1}, sql.ErrTableNotFound.New("x")), 1146, "42S02", "Table 'x' doesn't exist"},
		{sql.ErrSyntaxError.New("syntax error at position 7 near 'FORM'"), 1064, "42000", syntaxHint + "near 'FORM' at position 7"},
		{errors.New("syntax error at position 7"), 1064, "42000", syntaxHint + "at position 7"},
		{errors.New("unknown error: Code: INVALID_ARGUMENT\nsyntax error at position 7 near 'x'\n"), 1064, "42000", syntaxHint + "near 'x' at position 7"},
		{sql.ErrReadOnly.New(), 1290, "HY000", "The MySQL server is running with the --read-only option so it cannot execute this statement"},
		{errors.New("something\n\tnew"), 1105, "HY000", "something new"},
	}
	for _, c := range cases {
		got := MySQLError(c.err)
		if got.Num != c.code || got.State != c.state || got.Message != c.text {
			t.Errorf("%v:\n got %d (%s) %s\nwant %d (%s) %s", c.err, got.Num, got.State, got.Message, c.code, c.state, c.text)
		}
	}
	if MySQLError(nil) != nil {
		t.Error("no error became one")
	}
}
