package decode

import (
	"math"
	"strconv"
	"strings"
	"time"

	"gridgate/tables"
	"gridgate/tables/jsontext"
)

func inRange(us int64) bool { return us >= tables.LeastTimestamp && us <= tables.GreatestTimestamp }

// toMilliseconds rounds microseconds half up, as MySQL rounds a TIMESTAMP(3).
func toMilliseconds(us int64) int64 {
	const beyond = math.MaxInt64 - 1000
	us = max(min(us, beyond), -beyond)
	ms := (us + 500) / 1000
	if (us+500)%1000 < 0 {
		ms--
	}
	return ms * 1000
}

// asTime reads a time, in microseconds since the epoch; what is beyond an
// int64 is far out of range anyway.
func asTime(v *jsontext.Value) (us int64, ok bool) {
	if ms, ok := dateMilliseconds(v); ok {
		return max(min(ms, 1e15), -1e15) * 1e3, true
	}
	v = plain(v)
	switch {
	case v.Kind == jsontext.Int:
		if v.Int >= 1e13 && v.Int < 1e14 { // 14 digits
			if us, ok := fromDigits(strconv.FormatInt(v.Int, 10)); ok {
				return us, true
			}
		}
		return fromInt(v.Int), true
	case v.IsNumber():
		return fromFloat(v.Float()), true
	case v.Kind == jsontext.String:
		return fromText(v.Text)
	}
	return 0, false
}

// Epochs are told apart by their size: as seconds, 1e11 would be the year 5138,
// and as milliseconds it is 1973.
const (
	milliseconds = 1e11
	microseconds = 1e14
	nanoseconds  = 1e17
)

func fromInt(n int64) int64 {
	switch size := math.Abs(float64(n)); {
	case size < milliseconds:
		return n * 1e6
	case size < microseconds:
		return n * 1e3
	case size < nanoseconds:
		return n
	}
	return n / 1e3
}

func fromFloat(x float64) int64 {
	switch size := math.Abs(x); {
	case size < milliseconds:
		x *= 1e6
	case size < microseconds:
		x *= 1e3
	case size >= nanoseconds:
		x /= 1e3
	}
	return int64(max(min(math.Round(x), 1e18), -1e18))
}

// fromDigits reads 20260228, which as seconds would be a day of 1970, and
// 20260228235959, which as milliseconds would be the year 2612.
func fromDigits(s string) (us int64, ok bool) {
	layout := "20060102150405"
	switch len(s) {
	case len("20060102"):
		layout = "20060102"
	case len(layout):
	default:
		return 0, false
	}
	t, err := time.Parse(layout, s)
	return t.UnixMicro(), err == nil && t.Year() >= 1970
}

// fromText reads a date with or without a time, RFC 3339 and what people write
// for it, or a number. Without a zone it is UTC.
func fromText(s string) (us int64, ok bool) {
	s = strings.TrimSpace(s)
	if us, ok := fromDigits(s); ok {
		return us, true
	}
	if len(s) < len("2006-01-02") || s[4] != '-' {
		x, ok := parseNumber(s)
		if !ok {
			return 0, false
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return fromInt(n), true
		}
		return fromFloat(x), true
	}
	layout := "2006-01-02"
	if rest := s[len(layout):]; rest != "" {
		clock := rest[1:]
		zone := ""
		if at := strings.IndexAny(clock, "Zz+-"); at >= 0 {
			clock, zone = clock[:at], clock[at:]
		}
		layout += rest[:1]
		if spaceless := strings.TrimRight(clock, " "); len(spaceless) < len(clock) {
			layout, clock = layout+"15:04:05 ", spaceless
		} else {
			layout += "15:04:05"
		}
		if len(clock) == len("15:04") {
			layout = strings.Replace(layout, ":05", "", 1)
		}
		switch {
		case rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ':
			return 0, false
		case zone == "z":
			s = s[:len(s)-1] + "Z"
			layout += "Z07:00"
		case zone == "Z" || len(zone) == len("+07:00"):
			layout += "Z07:00"
		case len(zone) == len("+0700"):
			layout += "Z0700"
		case len(zone) == len("+07"):
			layout += "Z07"
		case zone != "":
			return 0, false
		}
	}
	t, err := time.Parse(layout, s) // a fraction after the seconds may be there
	if err != nil {
		return 0, false
	}
	return t.UnixMicro(), true
}
