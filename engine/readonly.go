package engine

import (
	"errors"
	"io"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// ReadOnly is the error of a statement that would change something.
type ReadOnly struct {
	Statement string // INSERT, CREATE TABLE ...
	Instead   string // what to do instead, as a sentence without a full stop
}

func (e *ReadOnly) Error() string {
	return "gridgate is read-only, so it can't run this " + e.Statement + " statement; " + e.Instead
}

const (
	writeToTheStore = "write to the store that the table lives in: for text, add a file to the archive's folder; for readings, send a record to Kafka"
	defineInStore   = "tables are what the stores have: define them there"
	configureUsers  = "users and their rights come from the configuration file (server.users)"
)

// checkReadOnly lets statements pass that only read or set the session. It
// says no by kind, so that a kind unknown here is refused too.
func checkReadOnly(st sqlparser.Statement) error {
	switch st := st.(type) {
	case *sqlparser.SetOp, *sqlparser.ParenSelect,
		*sqlparser.Set, *sqlparser.Explain, *sqlparser.Show, *sqlparser.Use,
		*sqlparser.Begin, *sqlparser.Commit, *sqlparser.Rollback,
		*sqlparser.Savepoint, *sqlparser.RollbackSavepoint, *sqlparser.ReleaseSavepoint,
		*sqlparser.LockTables, *sqlparser.UnlockTables, *sqlparser.Flush, *sqlparser.Kill,
		*sqlparser.Prepare, *sqlparser.Execute, *sqlparser.Deallocate, *sqlparser.OtherRead:
		return nil
	case *sqlparser.Select:
		if st.Into != nil && (st.Into.Outfile != "" || st.Into.Dumpfile != "") {
			return &ReadOnly{Statement: "SELECT ... INTO OUTFILE", Instead: "let the client write the file: mysql -e '...' > file"}
		}
		return nil
	case *sqlparser.Insert:
		return &ReadOnly{Statement: strings.ToUpper(st.Action), Instead: writeToTheStore}
	case *sqlparser.Update:
		return &ReadOnly{Statement: "UPDATE", Instead: writeToTheStore}
	case *sqlparser.Delete:
		return &ReadOnly{Statement: "DELETE", Instead: writeToTheStore}
	case *sqlparser.Load:
		return &ReadOnly{Statement: "LOAD DATA", Instead: writeToTheStore}
	case *sqlparser.DDL:
		return &ReadOnly{Statement: strings.ToUpper(st.Action), Instead: defineInStore}
	case *sqlparser.DBDDL:
		return &ReadOnly{Statement: strings.ToUpper(st.Action) + " DATABASE", Instead: defineInStore}
	case *sqlparser.AlterTable:
		return &ReadOnly{Statement: "ALTER TABLE", Instead: defineInStore}
	case *sqlparser.CreateUser, *sqlparser.DropUser, *sqlparser.RenameUser, *sqlparser.CreateRole, *sqlparser.DropRole,
		*sqlparser.GrantPrivilege, *sqlparser.GrantRole, *sqlparser.GrantProxy,
		*sqlparser.RevokePrivilege, *sqlparser.RevokeRole, *sqlparser.RevokeProxy:
		return &ReadOnly{Statement: "user administration", Instead: configureUsers}
	}
	return &ReadOnly{Statement: "kind of", Instead: "it is not among those that read"}
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// closeQuietly closes what failed; that it is closed already is no news.
func closeQuietly(ctx *sql.Context, iter sql.RowIter) error {
	if err := iter.Close(ctx); err != nil && !isEOF(err) && ctx.Err() == nil {
		return err
	}
	return nil
}
