package semantics

import (
	"fmt"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// maxDepth is how deeply the expressions of a statement may be nested. Planning
// walks a statement recursively many times; MySQL stops where its thread's
// stack ends. A chain of n operators, as in 1+1+1, has the depth n.
const maxDepth = 12_000

// TooDeep is MySQL's error 1436 (ER_STACK_OVERRUN_NEED_MORE, SQLSTATE HY000).
type TooDeep struct{ Max int }

// Error implements error.
func (e *TooDeep) Error() string {
	return fmt.Sprintf("Thread stack overrun: the statement's expressions are nested more than %d deep; use IN for a long list", e.Max)
}

// checkDepth returns *TooDeep for a statement that is nested too deeply. It
// goes no deeper itself.
func checkDepth(stmt sqlparser.Statement) error {
	if stmt == nil {
		return nil
	}
	return depth(stmt, 0)
}

func depth(n sqlparser.SQLNode, d int) error {
	if d > maxDepth {
		return &TooDeep{maxDepth}
	}
	self := true
	return sqlparser.Walk(func(below sqlparser.SQLNode) (bool, error) {
		if self {
			self = false
			return true, nil
		}
		return false, depth(below, d+1)
	}, n)
}
