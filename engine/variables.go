package engine

import (
	"fmt"
	"math"
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine/planner"
)

// gridgate's variables that hold a number. A session begins with what is
// configured; 0 is what is configured too, except of the last one, where it is
// "never".
const (
	maxRowsVariable  = "gridgate_max_scan_rows"
	maxBytesVariable = "gridgate_max_scan_bytes"
	warnRowsVariable = "gridgate_warn_rows"
)

// limitVariable is a session's variable. Where a limit is configured, a session
// can't raise its own above that.
func limitVariable(name string, configured func(*Limits) int64) sql.SystemVariable {
	return &sql.MysqlSystemVariable{
		Name:              name,
		Scope:             sql.GetMysqlScope(sql.SystemVariableScope_Session),
		Dynamic:           true,
		SetVarHintApplies: true,
		Type:              types.NewSystemIntType(name, 0, math.MaxInt64, false),
		Default:           int64(0),
		NotifyChanged: func(ctx *sql.Context, _ sql.SystemVariableScope, v sql.SystemVarValue) error {
			s, ok := ctx.Session.(*session)
			if !ok || configured == nil {
				return nil
			}
			limit := configured(s.limits)
			if n, isInt := v.Val.(int64); isInt && limit > 0 && n > limit {
				return sql.ErrInvalidSystemVariableValue.New(name, fmt.Sprintf("%d, since %d is configured", n, limit))
			}
			return nil
		},
	}
}

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
			limitVariable(maxRowsVariable, func(l *Limits) int64 { return l.RowsScanned }),
			limitVariable(maxBytesVariable, func(l *Limits) int64 { return l.ScanBytes }),
			limitVariable(warnRowsVariable, nil),
		})
	})
}
