package grafana

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Variable is what is chosen of a dashboard's variable.
type Variable struct {
	Values []string
	// Multi is true when the dashboard lets several values be chosen, or all:
	// then even one is put in between quotation marks.
	Multi bool
}

// Variables are a dashboard's, by name.
type Variables map[string]Variable

// With is a copy in which one value of a variable is chosen, as a repeated
// panel has it.
func (v Variables) With(name, value string) Variables {
	out := Variables{}
	for n, x := range v {
		out[n] = x
	}
	out[name] = Variable{Values: []string{value}, Multi: v[name].Multi}
	return out
}

// reference is $name, [[name:format]] or ${name:format}.
var reference = regexp.MustCompile(`\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?::([^}]+))?\}`)

// Put puts variables into a statement as Grafana's browser side does for the
// MySQL data source. What is no variable stays: macros are replaced later.
func (v Variables) Put(sql string, r Range) (string, error) {
	var failure error
	sql = reference.ReplaceAllStringFunc(sql, func(text string) string {
		m := reference.FindStringSubmatch(text)
		name, format := m[1]+m[2]+m[4], m[3]+m[5]
		if value, ok := builtIn(name, format, r); ok {
			return value
		}
		variable, ok := v[name]
		if !ok {
			return text
		}
		value, err := variable.text(format)
		if err != nil && failure == nil {
			failure = fmt.Errorf("%s: %w", text, err)
		}
		return value
	})
	return sql, failure
}

// builtIn is a variable that every dashboard has.
func builtIn(name, format string, r Range) (string, bool) {
	switch name {
	case "__interval":
		return intervalText(r.Interval), true
	case "__interval_ms":
		return strconv.FormatInt(r.Interval.Milliseconds(), 10), true
	case "__from", "__to":
		t := r.From
		if name == "__to" {
			t = r.To
		}
		switch format {
		case "":
			return strconv.FormatInt(t.UnixMilli(), 10), true
		case "date", "date:iso":
			return t.UTC().Format("2006-01-02T15:04:05.000Z"), true // in UTC whatever the dashboard's zone is
		case "date:seconds":
			return strconv.FormatInt(t.Unix(), 10), true
		}
	}
	return "", false
}

// text is how a variable is written in a format; "" is the data source's own.
func (v Variable) text(format string) (string, error) {
	switch format {
	case "sqlstring":
		return quoted(v.Values), nil
	case "csv", "raw":
		return strings.Join(v.Values, ","), nil
	case "":
		if v.Multi || len(v.Values) > 1 {
			return quoted(v.Values), nil
		}
		return doubled(strings.Join(v.Values, "")), nil
	}
	return "", fmt.Errorf("the format %q is not known here", format)
}

// quoted are texts as a list of literals. Grafana leaves backslashes as they
// are, which MySQL takes for escapes.
func quoted(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = "'" + doubled(v) + "'"
	}
	return strings.Join(out, ",")
}

func doubled(s string) string { return strings.ReplaceAll(s, "'", "''") }

// Epoch is the instant that Grafana takes a number in a time column for:
// seconds or nanoseconds by its size, or else milliseconds.
func Epoch(n float64) time.Time {
	ms := n
	switch e := strconv.FormatFloat(n, 'e', -1, 64); {
	case strings.HasSuffix(e, "e+09"):
		ms = n * 1e3
	case strings.HasSuffix(e, "e+18"):
		ms = n / 1e6
	}
	return time.UnixMilli(int64(ms)).UTC()
}
