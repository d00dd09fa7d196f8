package semantics

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the rules of all zones, for hosts that have no zone files

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Zone is a time zone as MySQL knows it: an offset, or a name of the IANA time
// zone database. It is immutable and safe for concurrent use.
type Zone struct {
	name   string
	offset int64          // microseconds east of UTC; where loc is nil
	loc    *time.Location // of a name other than UTC
}

// utc is the zone of a server whose time_zone nobody has set.
var utc = &Zone{name: "UTC"}

// Name returns the zone as it is written: "UTC", "+02:00", "Europe/Copenhagen".
func (z *Zone) Name() string { return z.name }

// IsUTC says that the zone's wall clock shows UTC at all times.
func (z *Zone) IsUTC() bool { return z.loc == nil && z.offset == 0 }

// Local returns what the zone's wall clock shows at an instant. Both are
// microseconds since 1970-01-01 00:00:00, the instant in UTC, the result as if
// the wall clock showed UTC.
func (z *Zone) Local(us int64) int64 {
	if z.loc == nil {
		return us + z.offset
	}
	_, seconds := time.UnixMicro(us).In(z.loc).Zone()
	return us + int64(seconds)*1e6
}

// Instant returns the instant at which the zone's wall clock shows us: Local's
// reverse. As in MySQL, a time that the clock shows twice is the first of the
// two, and one that it skips is the first second after the gap, with us'
// fraction (prepare_tz_info and TIME_to_gmt_sec in sql/tztime.cc).
func (z *Zone) Instant(us int64) int64 {
	instant, _ := z.instant(us)
	return instant
}

// farthest is more than any zone is away from UTC, or moves its clock by.
const farthest = 26 * time.Hour

// instant is Instant; shown says that the clock does show us.
func (z *Zone) instant(us int64) (_ int64, shown bool) {
	if z.loc == nil {
		return us - z.offset, true
	}
	// All periods with one offset that may contain the instant, in their order.
	t := time.UnixMicro(us).Add(-farthest).In(z.loc)
	for {
		_, seconds := t.Zone()
		start, end := t.ZoneBounds()
		instant := us - int64(seconds)*1e6
		switch {
		case !start.IsZero() && instant < start.UnixMicro():
			fraction := us % 1e6
			if fraction < 0 {
				fraction += 1e6
			}
			return start.UnixMicro() + fraction, false
		case end.IsZero() || instant < end.UnixMicro():
			return instant, true
		}
		t = end
	}
}

// LocalTime is t, an instant in UTC, as the wall clock of z shows it. The zero date is
// no instant and stays.
func (z *Zone) LocalTime(t time.Time) time.Time {
	if z.IsUTC() || t.Equal(types.ZeroTime) {
		return t
	}
	return time.UnixMicro(z.Local(t.UnixMicro())).UTC()
}

// instantTime is LocalTime's reverse.
func (z *Zone) instantTime(t time.Time) time.Time {
	if z.IsUTC() || t.Equal(types.ZeroTime) {
		return t
	}
	return time.UnixMicro(z.Instant(t.UnixMicro())).UTC()
}

//go:embed zonenames.txt
var zoneNames string

// zonesByName are the zones' names by their lower case. MySQL finds them in any
// case; the operating systems' files and Go's do not.
var zonesByName = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	for _, n := range strings.Fields(zoneNames) {
		names[strings.ToLower(n)] = n
	}
	return names
})

// parsedZones are the zones that ParseZone has made, by their names. There are
// as many as zoneNames, and one for each minute between two offsets.
var parsedZones sync.Map

// ParseZone returns the zone that SET time_zone and CONVERT_TZ mean by text:
// offsets from '-13:59' to '+14:00', names in any case, and SYSTEM, which is UTC
// and never the host's zone. The error is *UnknownTimeZone.
func ParseZone(text string) (*Zone, error) {
	if z, ok := parsedZones.Load(text); ok {
		return z.(*Zone), nil
	}
	if minutes, ok := parseOffset(text); ok {
		return keepZone(offsetZone(minutes)), nil
	}
	if strings.EqualFold(text, systemZone) {
		return utc, nil
	}
	name, ok := zonesByName()[strings.ToLower(text)]
	if !ok {
		return nil, &UnknownTimeZone{Zone: text}
	}
	if name == utc.name {
		return utc, nil
	}
	if z, ok := parsedZones.Load(name); ok {
		return z.(*Zone), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, &UnknownTimeZone{Zone: text}
	}
	return keepZone(&Zone{name: name, loc: loc}), nil
}

func keepZone(z *Zone) *Zone {
	kept, _ := parsedZones.LoadOrStore(z.name, z)
	return kept.(*Zone)
}

func offsetZone(minutes int) *Zone {
	sign, size := '+', minutes
	if minutes < 0 {
		sign, size = '-', -minutes
	}
	return &Zone{name: fmt.Sprintf("%c%02d:%02d", sign, size/60, size%60), offset: int64(minutes) * 60e6}
}

const minOffset, maxOffset = -(13*60 + 59), 14 * 60

// parseOffset reads a sign, one or two digits of hours, and minutes.
func parseOffset(s string) (minutes int, ok bool) {
	if len(s) != len("+2:00") && len(s) != len("+02:00") || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	for i, c := range []byte(s[1:]) {
		if i+1 == len(s)-3 {
			if c != ':' {
				return 0, false
			}
		} else if c < '0' || c > '9' {
			return 0, false
		} else {
			minutes = minutes*10 + int(c-'0')
		}
	}
	if minutes%100 > 59 {
		return 0, false
	}
	minutes = minutes/100*60 + minutes%100
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, minutes >= minOffset && minutes <= maxOffset
}

// SessionZone returns the zone that @@session.time_zone names. It is cheap
// enough to be asked for each expression. The error says that somebody has put
// something into the variable that is no zone.
func SessionZone(ctx *sql.Context) (*Zone, error) {
	v, err := ctx.GetSessionVariable(ctx, timeZoneVariable)
	if err != nil {
		return nil, err
	}
	name, ok := v.(string)
	if !ok {
		return nil, &UnknownTimeZone{Zone: fmt.Sprint(v)}
	}
	return ParseZone(name)
}
