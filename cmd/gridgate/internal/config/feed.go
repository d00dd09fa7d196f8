package config

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gridgate/ingest/decode"
)

// list is a setting that is a list of texts; in an environment variable or a
// flag, and where there is only one, it is a text with commas.
func (r *reader) list(s setting, allowed string) ([]string, bool) {
	var texts []string
	switch v := s.value.(type) {
	case string:
		texts = strings.Split(v, ",")
	case []any:
		for _, e := range v {
			t, ok := e.(string)
			if !ok {
				r.bad(s.path, "%s is no text; %s", shown(e), allowed)
				return nil, false
			}
			texts = append(texts, t)
		}
	default:
		r.bad(s.path, "%s is not allowed; %s", shown(v), allowed)
		return nil, false
	}
	for i := range texts {
		if texts[i] = strings.TrimSpace(texts[i]); texts[i] == "" {
			r.bad(s.path, "has an empty entry; %s", allowed)
			return nil, false
		}
	}
	if len(texts) == 0 {
		r.bad(s.path, "is empty; %s", allowed)
		return nil, false
	}
	return texts, true
}

// isEndpoint reports whether v is host:port of another server.
func isEndpoint(v string) bool {
	host, port, err := net.SplitHostPort(v)
	n, numberErr := strconv.ParseUint(port, 10, 16)
	return err == nil && numberErr == nil && host != "" && n > 0
}

func (r *reader) endpoint(s setting) any {
	const allowed = "give host:port, for example 127.0.0.1:6379"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	if !isEndpoint(v) {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return v
}

func (r *reader) brokers(s setting) any {
	const allowed = "give a list such as [127.0.0.1:9092]"
	brokers, ok := r.list(s, allowed)
	if !ok {
		return nil
	}
	for _, b := range brokers {
		if !isEndpoint(b) {
			r.bad(s.path, "%q is not host:port; %s", b, allowed)
			return nil
		}
	}
	return brokers
}

// topicName is what Kafka allows.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

func (r *reader) topic(s setting) any {
	const allowed = "give a topic's name: up to 249 letters, digits, points, underlines and hyphens"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	if !topicName.MatchString(v) || v == "." || v == ".." {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return v
}

func (r *reader) name(s setting) any {
	const allowed = "give a name"
	v, ok := r.text(s, allowed)
	if ok && strings.TrimSpace(v) == "" {
		r.bad(s.path, "is empty; %s", allowed)
		return nil
	}
	if !ok {
		return nil
	}
	return v
}

func (r *reader) prefix(s setting) any {
	const allowed = "give what all keys begin with, without braces"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	if v == "" || strings.ContainsAny(v, "{}") {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return v
}

func (r *reader) duration(s setting) any {
	const allowed = "give a time such as 5m or 90s"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return d
}

// places are where a record has a field: package decode says what they may be.
func (r *reader) places(s setting) any {
	places, ok := r.list(s, "give a path such as data.station, key, header:NAME, topic or timestamp, or a list of them")
	if !ok {
		return nil
	}
	for _, p := range places {
		if err := decode.CheckPlace(p); err != nil {
			r.bad(s.path, "%v", err)
			return nil
		}
	}
	return places
}

// someOf is a list of names, each once.
func someOf(allowed ...string) func(*reader, setting) any {
	sentence := "give a list of " + strings.Join(allowed, ", ")
	return func(r *reader, s setting) any {
		names, ok := r.list(s, sentence)
		if !ok {
			return nil
		}
		for i, n := range names {
			switch {
			case s.path == "ingest.stores" && n == "files":
				r.bad(s.path, "files is not in this version yet; %s", sentence)
				return nil
			case !slices.Contains(allowed, n):
				r.bad(s.path, "%q is not allowed; %s", n, sentence)
				return nil
			case slices.Contains(names[:i], n):
				r.bad(s.path, "%q is there twice", n)
				return nil
			}
		}
		return names
	}
}
