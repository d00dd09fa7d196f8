package semantics

import (
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"
)

// TestLocalTimeAndInstant: each is the other's reverse, has its operand's digits
// and text, and leaves NULL and the zero date as they are.
func TestLocalTimeAndInstant(t *testing.T) {
	ctx, zone := sql.NewEmptyContext(), zoneOf(t, "Europe/Copenhagen")
	local, instant := types.MustCreateDatetimeType(sqltypes.Datetime, 3), types.MustCreateDatetimeType(sqltypes.Timestamp, 3)
	at := func(s string) time.Time { return time.UnixMicro(wall(t, s)).UTC() }
	for _, c := range []struct{ instant, local any }{
		{at("2026-03-29 00:59:59.999"), at("2026-03-29 01:59:59.999")},
		{at("2026-03-29 01:00:00"), at("2026-03-29 03:00:00")},
		{at("2026-10-25 00:30:00.5"), at("2026-10-25 02:30:00.5")},
		{nil, nil},
		{types.ZeroTime, types.ZeroTime},
	} {
		l := NewLocalTime(ctx, expression.NewLiteral(c.instant, instant), zone)
		if got, err := l.Eval(ctx, nil); err != nil || got != c.local {
			t.Errorf("%v is shown as %v, %v; want %v", c.instant, got, err, c.local)
		}
		i := NewInstant(ctx, expression.NewLiteral(c.local, local), zone)
		if got, err := i.Eval(ctx, nil); err != nil || got != c.instant {
			t.Errorf("%v is shown at %v, %v; want %v", c.local, got, err, c.instant)
		}
		if !types.TypesEqual(l.Type(ctx), local) || !types.TypesEqual(i.Type(ctx), instant) {
			t.Errorf("the types are %v and %v", l.Type(ctx), i.Type(ctx))
		}
		if l.String() != l.Child.String() || i.String() != i.Child.String() {
			t.Errorf("as SQL they are %s and %s", l, i)
		}
	}
}
