package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/analyzer/analyzererrors"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/planbuilder"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	goerrors "gopkg.in/src-d/go-errors.v1"

	"gridgate/engine/memory"
	"gridgate/engine/planner"
	"gridgate/engine/semantics"
	"gridgate/tables"
)

// A Stop says why a statement was ended from outside. It is the cause of its
// context's end (context.Cause), and as an error it has its own MySQL code, so
// that a client learns why its statement ended, whatever error the end of the
// context became on its way through the stores.
type Stop uint8

// The reasons.
const (
	StopKilled           Stop = iota + 1 // KILL QUERY
	StopConnectionKilled                 // KILL CONNECTION
	StopTimeout                          // max_execution_time
	StopShutdown                         // the server stops
	StopClientGone                       // the client has closed its connection
)

// Error is MySQL's sentence.
func (s Stop) Error() string {
	switch s {
	case StopTimeout:
		return "Query execution was interrupted, maximum statement execution time exceeded"
	case StopShutdown:
		return "Server shutdown in progress"
	case StopClientGone:
		return "The client has closed the connection"
	default:
		return "Query execution was interrupted"
	}
}

// A Panic is a panic that was caught while a statement ran. Its error text
// holds neither the stack nor the value, which are for the log only.
type Panic struct {
	Value any
	Stack []byte
}

func (*Panic) Error() string {
	return "Internal error while running the statement; the server's log has the details"
}

// MySQLError turns any error of a statement into a code, a SQLSTATE and a
// sentence. It looks through the whole chain, joined errors included, and takes
// the outermost error that it knows; what it doesn't know is 1105/HY000. It
// returns nil for nil.
func MySQLError(err error) *mysql.SQLError {
	if err == nil {
		return nil
	}
	var found *mysql.SQLError
	walkErrors(err, func(e error) bool {
		found = known(err, e)
		return found == nil
	})
	if found == nil {
		found = knownText(err.Error())
	}
	return found
}

// walkErrors calls f for err and all it wraps, outermost first, until f says
// false.
func walkErrors(err error, f func(error) bool) bool {
	if err == nil {
		return true
	}
	if !f(err) {
		return false
	}
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, x := range e.Unwrap() {
			if !walkErrors(x, f) {
				return false
			}
		}
	case interface{ Unwrap() error }:
		return walkErrors(e.Unwrap(), f)
	case interface{ Cause() error }: // go-errors.v1 of go-mysql-server
		return walkErrors(e.Cause(), f)
	case sql.WrappedInsertError:
		return walkErrors(e.Cause, f)
	case sql.WrappedTypeConversionError:
		return walkErrors(e.Err, f)
	}
	return true
}

// known is the table's row for e, which is somewhere in the chain of whole;
// nil when there is none.
func known(whole, e error) *mysql.SQLError {
	say := func(code int, state, format string, args ...any) *mysql.SQLError {
		return mysql.NewSQLError(code, state, format, args...)
	}
	switch e := e.(type) {
	case *mysql.SQLError:
		if e.Num == mysql.ERUnknownError {
			return knownText(e.Message)
		}
		return e
	case Stop:
		switch e {
		case StopTimeout:
			return say(mysql.ERQueryTimeout, "HY000", "%s", e.Error())
		case StopShutdown:
			return say(mysql.ERServerShutdown, "08S01", "%s", e.Error())
		case StopClientGone:
			return say(mysql.ERAbortingConnection, "08S01", "%s", e.Error())
		default:
			return say(mysql.ERQueryInterrupted, "70100", "%s", e.Error())
		}
	case *Panic:
		return say(mysql.ERUnknownError, "HY000", "%s", e.Error())
	case *ReadOnly:
		return say(mysql.EROptionPreventsStatement, "HY000", "%s", e.Error())
	case *planner.NotPushed:
		return say(mysql.ERNotSupportedYet, "42000", "%s", oneLine(e.Error()))
	case *planner.TooBig:
		return say(mysql.ERTooBigSelect, "42000", "%s", e.Error())
	case *memory.Exceeded:
		return say(mysql.EROutOfSortMemory, "HY001", "%s", e.Error())
	case *semantics.OutOfRange:
		return say(mysql.ERDataOutOfRange, "22003", "%s", e.Error())
	case *semantics.TooDeep:
		return say(1436, "HY000", "%s", e.Error())
	case *semantics.IncorrectArgument:
		return say(3064, "HY000", "%s", e.Error())
	case *semantics.WrongValue:
		return say(mysql.ERWrongValue, "HY000", "%s", e.Error())
	case *semantics.TooPrecise:
		return say(1426, "42000", "%s", e.Error())
	case *semantics.UnknownTimeZone:
		return say(1298, "HY000", "%s", e.Error())
	case *tables.NoTable:
		return say(mysql.ERNoSuchTable, "42S02", "Table '%s' doesn't exist", e.Name)
	case *tables.Outage:
		return say(1429, "HY000", "Unable to connect to foreign data source: %s", oneLine(whole.Error()))
	case *tables.DataError:
		return say(1296, "HY000", "Got error '%s' from %s", oneLine(whole.Error()), e.Store)
	case *tables.SchemaChanged:
		return say(1412, "HY000", "Table definition has changed, please retry transaction: %s", oneLine(whole.Error()))
	case *tables.LimitExceeded:
		return say(3170, "HY000", "Capacity exceeded: %s", oneLine(whole.Error()))
	case *tables.Unsupported:
		return say(mysql.ERNotSupportedYet, "42000", "%s", oneLine(whole.Error()))
	}
	for i := range kinds {
		k := &kinds[i]
		if !k.kind.Is(e) {
			continue
		}
		text := oneLine(e.Error())
		if k.say != nil {
			text = k.say(text)
		}
		return say(k.code, k.state, "%s", text)
	}
	switch e {
	case context.Canceled:
		return known(whole, StopKilled)
	case context.DeadlineExceeded:
		return known(whole, StopTimeout)
	}
	return nil
}

// kinds are go-mysql-server's kinds of errors. Where MySQL's sentence can be
// made from go-mysql-server's, say does it.
var kinds = []struct {
	kind  *goerrors.Kind
	code  int
	state string
	say   func(string) string
}{
	// The statement can't be understood.
	{sql.ErrSyntaxError, mysql.ERParseError, "42000", syntax},
	{sql.ErrInvalidSyntax, mysql.ERParseError, "42000", prefixed(syntaxHint)},
	{sql.ErrUnsupportedFeature, mysql.ERNotSupportedYet, "42000", prefixed("Not supported: ")},
	{sql.ErrUnsupportedSyntax, mysql.ERNotSupportedYet, "42000", prefixed("Not supported: ")},
	{sql.ErrUnsupportedPreparedStatement, 1295, "HY000", nil},
	{sql.ErrStarUnsupported, mysql.ERParseError, "42000", prefixed(syntaxHint)},
	{sql.ErrUnboundPreparedStatementVariable, mysql.ERWrongArguments, "HY000", quoted},
	{sql.ErrUnknownPreparedStatement, 1243, "HY000", nil},

	// Names.
	{sql.ErrNoDatabaseSelected, mysql.ERNoDb, "3D000", sentence("No database selected")},
	{sql.ErrDatabaseNotFound, mysql.ERBadDb, "42000", between("database not found: ", "", "Unknown database '%s'")},
	{sql.ErrWrongDBName, mysql.ERWrongDbName, "42000", nil},
	{sql.ErrTableNotFound, mysql.ERNoSuchTable, "42S02", between("table not found: ", "", "Table '%s' doesn't exist")},
	{sql.ErrUnknownTable, mysql.ERUnknownTable, "42S02", nil},
	{sql.ErrViewDoesNotExist, mysql.ERNoSuchTable, "42S02", nil},
	{sql.ErrInvalidRefInView, 1356, "HY000", nil},
	{sql.ErrColumnNotFound, mysql.ERBadFieldError, "42S22", between("column \"", "\" could not", "Unknown column '%s'")},
	{sql.ErrTableColumnNotFound, mysql.ERBadFieldError, "42S22", quoted},
	{sql.ErrUnknownColumn, mysql.ERBadFieldError, "42S22", nil},
	{sql.ErrMisusedAlias, mysql.ERBadFieldError, "42S22", quoted},
	{analyzer.ErrOrderByColumnIndex, mysql.ERBadFieldError, "42S22", between("unknown column ", " in order", "Unknown column '%s' in 'order clause'")},
	{sql.ErrAmbiguousColumnName, mysql.ERNonUniq, "23000", between("ambiguous column name \"", "\"", "Column '%s' in field list is ambiguous")},
	{sql.ErrAmbiguousColumnOrAliasName, mysql.ERNonUniq, "23000", between("ambiguous column or alias name \"", "\"", "Column '%s' in field list is ambiguous")},
	{sql.ErrAmbiguousColumnInOrderBy, mysql.ERNonUniq, "23000", quoted},
	{sql.ErrDuplicateAliasOrTable, mysql.ERNonUniqTable, "42000", between("Not unique table/alias: ", "", "Not unique table/alias: '%s'")},
	{sql.ErrDuplicateColumn, mysql.ERDupFieldName, "42S21", between("duplicate column name: ", "", "Duplicate column name '%s'")},
	{sql.ErrFunctionNotFound, mysql.ERSPDoesNotExist, "42000", between("function: '", "'", "FUNCTION %s does not exist")},
	{sql.ErrTableFunctionNotFound, mysql.ERSPDoesNotExist, "42000", between("table function: '", "'", "FUNCTION %s does not exist")},
	{sql.ErrStoredProcedureDoesNotExist, mysql.ERSPDoesNotExist, "42000", between("stored procedure \"", "\"", "PROCEDURE %s does not exist")},
	{sql.ErrInvalidArgumentNumber, 1582, "42000", between("function '", "'", "Incorrect parameter count in the call to native function '%s'")},
	{sql.ErrInvalidArgument, mysql.ERWrongArguments, "HY000", nil},
	{sql.ErrInvalidArgumentDetails, mysql.ERWrongArguments, "HY000", nil},
	{sql.ErrInvalidArgumentType, mysql.ERWrongArguments, "HY000", nil},
	{sql.ErrUnknownWindowName, 3579, "HY000", nil},
	{sql.ErrIdentifierIsTooLong, mysql.ERTooLongIdent, "42000", nil},
	{sql.ErrNoTablesUsed, mysql.ERNoTablesUsed, "HY000", nil},

	// Shape.
	{sql.ErrNonAggregatedColumnWithoutGroupBy, mysql.ERMixOfGroupFuncAndFields, "42000", nil},
	{analyzererrors.ErrValidationGroupBy, mysql.ERWrongFieldWithGroup, "42000", nil},
	{analyzererrors.ErrValidationGroupByOrderBy, mysql.ERWrongFieldWithGroup, "42000", nil},
	{sql.ErrAggregationUnsupported, mysql.ERInvalidGroupFuncUse, "HY000", sentence("Invalid use of group function")},
	{sql.ErrWindowUnsupported, 3593, "HY000", nil},
	{sql.ErrInvalidOperandColumns, mysql.EROperandColumns, "21000", nil},
	{sql.ErrInvalidColumnNumber, mysql.EROperandColumns, "21000", nil},
	{sql.ErrExpectedSingleRow, mysql.ERSubqueryNo1Row, "21000", sentence("Subquery returns more than 1 row")},
	{sql.ErrMoreThanOneRow, mysql.ERTooManyRows, "42000", nil},
	{sql.ErrColumnNumberDoesNotMatch, mysql.ERWrongNumberOfColumnsInSelect, "21000", nil},
	{planbuilder.ErrSelectsDifferentLength, mysql.ERWrongNumberOfColumnsInSelect, "21000", sentence("The used SELECT statements have a different number of columns")},
	{planbuilder.ErrQualifiedOrderBy, mysql.ERTableNameNotAllowedHere, "42000", nil},
	{sql.ErrColumnCountMismatch, 1353, "HY000", nil},
	{sql.ErrRecursiveCTEMissingUnion, 3573, "HY000", nil},
	{sql.ErrRecursiveCTENotUnion, 3576, "HY000", nil},
	{sql.ErrCteRecursionLimitExceeded, 3636, "HY000", nil},

	// Variables, character sets.
	{sql.ErrUnknownSystemVariable, mysql.ERUnknownSystemVariable, "HY000", func(text string) string { return strings.Replace(text, "'@@", "'", 1) }},
	{sql.ErrInvalidSystemVariableValue, mysql.ERWrongValueForVar, "42000", nil},
	{sql.ErrSystemVariableReadOnly, mysql.ERIncorrectGlobalLocalVar, "HY000", nil},
	{sql.ErrSystemVariableSessionOnly, mysql.ERLocalVariable, "HY000", nil},
	{sql.ErrSystemVariableGlobalOnly, mysql.ERGlobalVariable, "HY000", nil},
	{sql.ErrInvalidTimeZone, mysql.ERUnknownTimeZone, "HY000", between("Unknown or incorrect time zone: ", "", "Unknown or incorrect time zone: '%s'")},
	{sql.ErrCollationUnknown, mysql.ERUnknownCollation, "HY000", between("Unknown collation: ", "", "Unknown collation: '%s'")},
	{sql.ErrCharSetUnknown, mysql.ERUnknownCharacterSet, "42000", between("Unknown character set: ", "", "Unknown character set: '%s'")},
	{sql.ErrCollationInvalidForCharSet, mysql.ERCollationCharsetMismatch, "42000", nil},
	{sql.ErrCollationIllegalMix, mysql.ERCantAggregate2Collations, "HY000", nil},
	{sql.ErrCharSetFailedToEncode, mysql.ERInvalidCharacterString, "HY000", nil},

	// Values.
	{expression.ErrIntDivDataOutOfRange, mysql.ERDataOutOfRange, "22003", nil},
	{function.ErrUintOverflow, mysql.ERDataOutOfRange, "22003", nil},
	{sql.ErrValueOutOfRange, mysql.ERDataOutOfRange, "22003", nil},
	{types.ErrConvertToDecimalLimit, mysql.ERWarnDataOutOfRange, "22003", nil},
	{types.ErrConvertingToTime, mysql.ERTruncatedWrongValue, "22007", nil},
	{types.ErrConvertingToTimeOutOfRange, mysql.ERTruncatedWrongValue, "22007", nil},
	{types.ErrLengthBeyondLimit, mysql.ERDataTooLong, "22001", nil},
	{sql.ErrTruncatedIncorrect, mysql.ERTruncatedWrongValue, "22007", nil},
	{sql.ErrIncorrectValue, mysql.ERWrongValue, "HY000", nil},
	{sql.ErrInvalidValue, mysql.ERTruncatedWrongValueForField, "HY000", nil},
	{sql.ErrInvalidJSONText, mysql.ERInvalidJSONTextInParams, "22032", quoted},
	{sql.ErrInvalidJson, mysql.ERInvalidJSONText, "22032", nil},
	{expression.ErrInvalidRegexp, 3685, "HY000", nil},

	// Rights.
	{sql.ErrReadOnly, mysql.EROptionPreventsStatement, "HY000", sentence("The MySQL server is running with the --read-only option so it cannot execute this statement")},
	{sql.ErrReadOnlyTransaction, 1792, "25006", nil},
	{sql.ErrDatabaseWriteLocked, mysql.EROptionPreventsStatement, "HY000", nil},
	{sql.ErrImmutableDatabaseProvider, mysql.EROptionPreventsStatement, "HY000", nil},
	{sql.ErrDatabaseAccessDeniedForUser, mysql.ERDBAccessDenied, "42000", nil},
	{sql.ErrTableAccessDeniedForUser, 1142, "42000", nil},
	{sql.ErrPrivilegeCheckFailed, 1142, "42000", nil},
	{sql.ErrShowGrantsUserDoesNotExist, mysql.ERNonExistingGrant, "42000", nil},
	{sql.ErrLockDeadlock, mysql.ERLockDeadlock, "40001", nil},
}

// textRule recognises errors that go-mysql-server makes without a kind.
type textRule struct {
	re    *regexp.Regexp
	code  int
	state string
	text  string // regexp.Expand's template; "": the error's own text
}

// syntaxHint is how MySQL's sentence for a syntax error begins; clients look
// for it.
const syntaxHint = "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use "

var textRules = []textRule{
	{regexp.MustCompile(`^syntax error at position (\d+) near (.*)$`), mysql.ERParseError, "42000", syntaxHint + "near $2 at position $1"},
	{regexp.MustCompile(`^syntax error at position (\d+)(.*)$`), mysql.ERParseError, "42000", syntaxHint + "at position $1$2"},
	{regexp.MustCompile(`(?i)in aggregated query without GROUP BY`), mysql.ERMixOfGroupFuncAndFields, "42000", ""},
	{regexp.MustCompile(`^invalid arguments\. expected: (\d+), found: (\d+)$`), mysql.ERWrongArguments, "HY000", "Incorrect arguments to EXECUTE: $1 expected, $2 given"},
	{regexp.MustCompile(`(?i)\b(BIGINT UNSIGNED|BIGINT|DOUBLE|DECIMAL) value is out of range\b`), mysql.ERDataOutOfRange, "22003", ""},
	{regexp.MustCompile(`^the given regular expression is invalid`), 3685, "HY000", "Illegal argument to a regular expression."},
	{regexp.MustCompile(`cannot prepare multiple statements`), mysql.ERParseError, "42000", syntaxHint + "with one statement at a time"},
	{regexp.MustCompile(`^Access denied for user `), mysql.ERAccessDeniedError, "28000", ""},
	{regexp.MustCompile(`^Incorrect (DATE|TIME|DATETIME|TIMESTAMP|date|time|datetime|timestamp) value`), mysql.ERTruncatedWrongValue, "22007", ""},
	{regexp.MustCompile(`^Invalid use of group function|^failed to resolve aggregate column argument`), mysql.ERInvalidGroupFuncUse, "HY000", "Invalid use of group function"},
	{regexp.MustCompile(`^(unable to find field with index \d+ in row of \d+ columns).*`), mysql.ERUnknownError, "HY000", "Internal error: $1"},
}

// knownText is the table's row for an error of which only the text is known.
func knownText(text string) *mysql.SQLError {
	text = oneLine(text)
	for _, r := range textRules {
		m := r.re.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		if r.text != "" {
			text = string(r.re.ExpandString(nil, r.text, text, m))
		}
		return mysql.NewSQLError(r.code, r.state, "%s", text)
	}
	return mysql.NewSQLError(mysql.ERUnknownError, "HY000", "%s", text)
}

// oneLine takes out what an error of a Go program has and a MySQL client
// doesn't expect: line breaks, doubled blanks and what the wire library and
// go-mysql-server write in front of their errors.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return noise.ReplaceAllString(text, "")
}

var noise = regexp.MustCompile(`^(unknown error: |error: |Code: [A-Z_]+ )+`)

// quoted is the text with Go's double quotes made MySQL's single ones.
func quoted(text string) string { return strings.ReplaceAll(text, `"`, "'") }

// between makes a sentence from format and the part of the text after prefix
// and before suffix; the text itself where they don't fit.
func between(prefix, suffix, format string) func(string) string {
	return func(text string) string {
		rest, ok := strings.CutPrefix(text, prefix)
		if !ok {
			return text
		}
		if suffix != "" {
			i := strings.Index(rest, suffix)
			if i < 0 {
				return text
			}
			rest = rest[:i]
		}
		return fmt.Sprintf(format, strings.Trim(rest, "'\"`"))
	}
}

func sentence(s string) func(string) string { return func(string) string { return s } }

func prefixed(p string) func(string) string { return func(text string) string { return p + text } }

// syntax words a syntax error as MySQL does.
func syntax(text string) string {
	if e := knownText(text); e.Num == mysql.ERParseError {
		return e.Message
	}
	return syntaxHint + "(" + text + ")"
}

// IsStop reports whether err is, or wraps, a Stop.
func IsStop(err error) (Stop, bool) {
	var s Stop
	ok := errors.As(err, &s)
	return s, ok
}
