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

const (
	timeZoneVariable = "time_zone"
	// systemZone is the name of the server's own zone. It is UTC, wherever the
	// server runs.
	systemZone = "SYSTEM"
	// defaultZone is what time_zone is where nobody has set it.
	defaultZone = "+00:00"
)

// SetDefaultTimeZone makes UTC the server's time zone, and what SET time_zone =
// DEFAULT sets. go-mysql-server's default is SYSTEM, the host's
// (sql/variables/system_variables.go). Install calls it.
func SetDefaultTimeZone() {
	v, _, _ := sql.SystemVariables.GetGlobal(timeZoneVariable)
	zone := *v.(*sql.MysqlSystemVariable) // go-mysql-server's own, as system_time_zone
	zone.Default = defaultZone
	sql.SystemVariables.AddSystemVariables([]sql.SystemVariable{&zone})
	if err := sql.SystemVariables.AssignValues(map[string]any{
		timeZoneVariable: defaultZone, "system_time_zone": "UTC",
	}); err != nil {
		panic(err)
	}
}

// TimeZone returns the value that @@time_zone gets from SET time_zone = zone, or
// *UnknownTimeZone: MySQL shows offsets with two digits of the hour, and names
// as the time zone database spells them.
func TimeZone(zone string) (string, error) {
	if strings.EqualFold(zone, systemZone) {
		return systemZone, nil
	}
	z, err := ParseZone(zone)
	if err != nil {
		return "", err
	}
	return z.Name(), nil
}

// setTimeZone checks what SET, in whatever scope, gives to time_zone, wherever in
// the list: go-mysql-server takes names from the host's files, in one spelling.
func setTimeZone(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
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
		if !ok || !strings.EqualFold(v.Name, timeZoneVariable) {
			continue
		}
		if _, done := f.RightChild.(*zoneName); done {
			continue
		}
		name := &zoneName{expression.UnaryExpressionStub{Child: f.RightChild}}
		if _, ok := f.RightChild.(*expression.Literal); ok {
			if _, err := name.Eval(ctx, nil); err != nil {
				return nil, transform.SameTree, err // before anything is assigned
			}
		}
		exprs[i], same = expression.NewSetField(v, name), transform.NewTree
	}
	if same {
		return n, same, nil
	}
	return plan.NewSet(exprs), same, nil
}

// zoneName is a text as the name of a time zone, in the form of TimeZone.
type zoneName struct{ expression.UnaryExpressionStub }

// Type implements sql.Expression.
func (*zoneName) Type(*sql.Context) sql.Type { return types.LongText }

// String implements sql.Expression.
func (z *zoneName) String() string { return z.Child.String() }

// Eval implements sql.Expression.
func (z *zoneName) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := z.Child.Eval(ctx, row)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, sql.ErrInvalidSystemVariableValue.New(timeZoneVariable, "NULL")
	}
	name, err := toText(ctx, v)
	if err != nil {
		return nil, err
	}
	return TimeZone(name)
}

// WithChildren implements sql.Expression.
func (z *zoneName) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(z, len(children), 1)
	}
	return &zoneName{expression.UnaryExpressionStub{Child: children[0]}}, nil
}
