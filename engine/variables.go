package engine

import (
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/planner"
)

var variablesOnce sync.Once

// defineVariables adds gridgate's system variables to go-mysql-server's, which
// are global to the process, and corrects defaults that depend on the host.
func defineVariables() {
	variablesOnce.Do(func() {
		sql.SystemVariables.AddSystemVariables([]sql.SystemVariable{
			&sql.MysqlSystemVariable{
				Name:              planner.ModeVariable,
				Scope:             sql.GetMysqlScope(sql.SystemVariableScope_Session),
				Dynamic:           true,
				SetVarHintApplies: true,
				Type:              types.NewSystemEnumType(planner.ModeVariable, string(planner.On), string(planner.Off), string(planner.Strict)),
				Default:           string(planner.On),
			},
		})
	})
}
