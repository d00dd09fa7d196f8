package semantics

import (
	"regexp"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// withOffset is a date and a time with an offset from UTC, which MySQL 8.0.19 and
// later know (manual, "The DATE, DATETIME, and TIMESTAMP Types").
var withOffset = regexp.MustCompile(`^(\s*\d.*\d:\d.*)([+-]\d\d:\d\d)\s*$`)

// mayHaveOffset is a cheap look whether s may be a time with an offset.
func mayHaveOffset(s string) bool {
	n := len(strings.TrimRight(s, " "))
	return n > len("2026-1-1 1:1+01:00")-1 && (s[n-6] == '+' || s[n-6] == '-')
}

// readOffset is the instant that a text with an offset means; false: s has no
// offset. Not nil is the error of an offset that MySQL doesn't take, as -00:00, and
// of what is no time.
func readOffset(ctx *sql.Context, s string) (us int64, has bool, err error) {
	if !mayHaveOffset(s) {
		return 0, false, nil
	}
	parts := withOffset.FindStringSubmatch(s)
	if parts == nil {
		return 0, false, nil
	}
	wrong := &WrongValue{Type: "DATETIME", Value: s}
	minutes, ok := parseOffset(parts[2])
	if !ok || parts[2] == "-00:00" {
		return 0, true, wrong
	}
	read, ok := readableTime(ctx, parts[1])
	if !ok {
		return 0, true, wrong
	}
	converted, _, err := types.DatetimeMaxPrecision.Convert(ctx, read)
	t, ok := converted.(time.Time)
	if err != nil || !ok || t.Equal(types.ZeroTime) {
		return 0, true, wrong
	}
	return offsetZone(minutes).Instant(t.UnixMicro()), true, nil
}

// timeText is a wall clock's time with as many digits after the second as the
// text has that it was read from.
func timeText(us int64, from string) string {
	digits := min(textDigits(from), maxMicros)
	layout := time.DateTime
	if digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	return time.UnixMicro(us).UTC().Format(layout)
}

// textDigits is how many digits follow the second in a text that is a time.
func textDigits(s string) int {
	_, fraction, _ := strings.Cut(s, ".")
	n := 0
	for n < len(fraction) && fraction[n] >= '0' && fraction[n] <= '9' {
		n++
	}
	return n
}
