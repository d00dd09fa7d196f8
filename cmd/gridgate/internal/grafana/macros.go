package grafana

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Range is the time range of a dashboard, and the interval that Grafana has
// chosen for it from the width of a panel.
type Range struct {
	From, To time.Time
	Interval time.Duration
}

// FillMode says what Grafana puts into intervals without a row.
type FillMode string

const (
	FillNothing  FillMode = ""
	FillNull     FillMode = "null"
	FillPrevious FillMode = "previous"
	FillValue    FillMode = "value"
)

// A Fill is what a statement asked Grafana for with the third argument of
// $__timeGroup. It is no part of what the server is sent.
type Fill struct {
	Mode     FillMode
	Value    float64 // of FillValue
	Interval time.Duration
}

// macroCall is a macro with its arguments, which end at the first closing
// parenthesis: Grafana does not count them, so that $__timeFilter(f(ts)) is
// none.
var macroCall = regexp.MustCompile(`\$([A-Za-z0-9_]+)\(([^)]*)\)`)

// accountFunctions are what Grafana refuses to send, whoever asks.
var accountFunctions = regexp.MustCompile(`(?i)\bshow\s+grants\b|[\s,](?:session_user|current_user|system_user|user)\(`)

// Expand replaces macros as Grafana's MySQL data source does. Only the last
// fill that the statement asks for counts.
func (r Range) Expand(sql string) (string, Fill, error) {
	if accountFunctions.MatchString(sql) {
		return "", Fill{}, errors.New("statements about users and grants are refused by Grafana")
	}
	sql = strings.NewReplacer(
		"$__interval_ms", strconv.FormatInt(r.Interval.Milliseconds(), 10),
		"$__interval", intervalText(r.Interval),
		"$__unixEpochFrom()", strconv.FormatInt(r.From.Unix(), 10),
		"$__unixEpochTo()", strconv.FormatInt(r.To.Unix(), 10),
	).Replace(sql)
	var fill Fill
	var failure error
	sql = macroCall.ReplaceAllStringFunc(sql, func(call string) string {
		parts := macroCall.FindStringSubmatch(call)
		args := strings.Split(parts[2], ",")
		for i := range args {
			args[i] = strings.Trim(args[i], " ")
		}
		text, err := r.macro(parts[1], args, &fill)
		if err != nil && failure == nil {
			failure = fmt.Errorf("%s: %w", call, err)
		}
		return text
	})
	if failure != nil {
		return "", Fill{}, failure
	}
	return sql, fill, nil
}

// macro is what one macro becomes.
func (r Range) macro(name string, args []string, fill *Fill) (string, error) {
	column := args[0]
	switch name {
	case "__time", "__timeEpoch":
		return "UNIX_TIMESTAMP(" + column + ") as time_sec", nil
	case "__timeFilter":
		return fmt.Sprintf("%s BETWEEN %s AND %s", column, r.lower(), fromUnix(r.To)), nil
	case "__timeFrom":
		return fromUnix(r.From), nil
	case "__timeTo":
		return fromUnix(r.To), nil
	case "__unixEpochFilter":
		return between(column, r.From.Unix(), r.To.Unix()), nil
	case "__unixEpochNanoFilter":
		return between(column, r.From.UnixNano(), r.To.UnixNano()), nil
	case "__unixEpochNanoFrom":
		return strconv.FormatInt(r.From.UnixNano(), 10), nil
	case "__unixEpochNanoTo":
		return strconv.FormatInt(r.To.UnixNano(), 10), nil
	case "__timeGroup":
		return grouped("UNIX_TIMESTAMP("+column+")", args, fill)
	case "__unixEpochGroup":
		return grouped(column, args, fill)
	case "__timeGroupAlias", "__unixEpochGroupAlias":
		group, err := r.macro(strings.TrimSuffix(name, "Alias"), args, fill)
		return group + ` AS "time"`, err
	}
	return "", errors.New("no such macro in Grafana")
}

// lower is the begin of the range in a filter. FROM_UNIXTIME takes no times
// before 1970.
func (r Range) lower() string {
	if s := r.From.Unix(); s < 0 {
		return fmt.Sprintf("DATE_ADD(FROM_UNIXTIME(0), INTERVAL %d SECOND)", s)
	}
	return fromUnix(r.From)
}

func fromUnix(t time.Time) string { return fmt.Sprintf("FROM_UNIXTIME(%d)", t.Unix()) }

func between(column string, from, to int64) string {
	return fmt.Sprintf("%s >= %d AND %s <= %d", column, from, column, to)
}

// grouped is the begin of the interval that seconds are in.
func grouped(seconds string, args []string, fill *Fill) (string, error) {
	if len(args) < 2 {
		return "", errors.New("a column and an interval are needed")
	}
	interval, err := parseInterval(strings.Trim(args[1], `'"`))
	if err != nil {
		return "", err
	}
	if len(args) == 3 {
		if *fill, err = parseFill(args[2], interval); err != nil {
			return "", err
		}
	}
	n := strconv.FormatFloat(interval.Seconds(), 'f', 0, 64)
	return seconds + " DIV " + n + " * " + n, nil
}

func parseFill(text string, interval time.Duration) (Fill, error) {
	switch text {
	case "NULL":
		return Fill{Mode: FillNull, Interval: interval}, nil
	case "previous":
		return Fill{Mode: FillPrevious, Interval: interval}, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Fill{}, fmt.Errorf("a fill is NULL, previous or a number, not %q", text)
	}
	return Fill{Mode: FillValue, Value: v, Interval: interval}, nil
}

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// parseInterval reads an interval as Grafana does, but for months and years:
// their length there depends on the day on which they are read. Grafana would
// send one below a second as DIV 0, or as DIV 1 from half a second on; it is an
// error here.
func parseInterval(text string) (time.Duration, error) {
	n, unit, ok := text, time.Duration(0), false
	if n, ok = strings.CutSuffix(text, "d"); ok {
		unit = day
	} else if n, ok = strings.CutSuffix(text, "w"); ok {
		unit = 7 * day
	}
	var d time.Duration
	var err error
	if unit > 0 {
		var count int
		count, err = strconv.Atoi(n)
		d = time.Duration(count) * unit
	} else {
		d, err = time.ParseDuration(text)
	}
	if err != nil || d < time.Second {
		return 0, fmt.Errorf("%q is no interval of a second or more", text)
	}
	return d, nil
}

// intervalText is an interval as $__interval shows it: whole, in the largest
// unit that it is one of.
func intervalText(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{year, "y"}, {day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= u.size {
			return fmt.Sprintf("%d%s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%dms", max(d.Milliseconds(), 1))
}
