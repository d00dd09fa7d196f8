package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
	_ "github.com/dolthub/go-mysql-server/sql/variables" // creates the system variables
)

// utcOffset is the only time zone there is, as @@time_zone shows it.
const utcOffset = "+00:00"

// SetDefaultTimeZone makes UTC the server's time zone. go-mysql-server's
// default is SYSTEM, the host's (sql/variables/system_variables.go). Install
// calls it.
func SetDefaultTimeZone() {
	if err := sql.SystemVariables.AssignValues(map[string]any{
		"time_zone": utcOffset, "system_time_zone": "UTC",
	}); err != nil {
		panic(err) // both variables are go-mysql-server's own
	}
}

// TimeZone returns the value that @@time_zone gets from SET time_zone = zone,
// or *UnsupportedTimeZone. Until the session's zone is honoured wherever an
// instant is read or shown, only UTC is accepted, under its usual names.
func TimeZone(zone string) (string, error) {
	switch strings.ToUpper(strings.TrimSpace(zone)) {
	case "+00:00", "-00:00", "+0:00", "-0:00", "SYSTEM":
		return utcOffset, nil
	case "UTC", "ETC/UTC", "GMT", "ETC/GMT":
		return "UTC", nil
	}
	return "", &UnsupportedTimeZone{Zone: zone}
}

// checkTimeZone refuses SET time_zone to anything but UTC, in whatever scope
// and wherever in the list, and writes accepted names in the form that
// go-mysql-server's functions understand without the host's zone files.
func checkTimeZone(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	set, ok := n.(*plan.Set)
	if !ok {
		return n, transform.SameTree, nil
	}
	exprs, same := make([]sql.Expression, len(set.Exprs)), transform.SameTree
	for i, e := range set.Exprs {
		exprs[i] = e
		f, ok := e.(*expression.SetField)
		if !ok {
			continue
		}
		v, ok := f.LeftChild.(*expression.SystemVar)
		if !ok || !strings.EqualFold(v.Name, "time_zone") {
			continue
		}
		value, err := f.RightChild.Eval(ctx, nil)
		if err != nil {
			return nil, transform.SameTree, err
		}
		zone, ok := value.(string)
		if !ok {
			continue // the assignment itself refuses it
		}
		accepted, err := TimeZone(zone)
		if err != nil {
			return nil, transform.SameTree, err
		}
		if accepted != zone {
			exprs[i] = expression.NewSetField(v, expression.NewLiteral(accepted, types.LongText))
			same = transform.NewTree
		}
	}
	if same {
		return n, same, nil
	}
	return plan.NewSet(exprs), same, nil
}
