package config

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// text is a setting that must be text; what is allowed is said by allowed.
func (r *reader) text(s setting, allowed string) (string, bool) {
	switch v := s.value.(type) {
	case string:
		return v, true
	case nil:
		r.bad(s.path, "has no value; %s", allowed)
	default:
		r.bad(s.path, "%s is not allowed; %s", shown(v), allowed)
	}
	return "", false
}

func (r *reader) address(s setting) any {
	const allowed = "give host:port, for example 127.0.0.1:3306, with a port from 0 (any free one) to 65535"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return v
}

func wholeNumber(least, most int) func(*reader, setting) any {
	return func(r *reader, s setting) any {
		n, ok := s.value.(int)
		if v, isText := s.value.(string); isText {
			parsed, err := strconv.Atoi(v)
			n, ok = parsed, err == nil
		}
		if !ok || n < least || n > most {
			r.bad(s.path, "%s is not allowed; give a whole number from %d to %d", shown(s.value), least, most)
			return nil
		}
		return n
	}
}

func oneOf(allowed ...string) func(*reader, setting) any {
	sentence := "give one of " + strings.Join(allowed, ", ")
	return func(r *reader, s setting) any {
		v, ok := r.text(s, sentence)
		if !ok {
			return nil
		}
		if !slices.Contains(allowed, v) {
			r.bad(s.path, "%q is not allowed; %s", v, sentence)
			return nil
		}
		return v
	}
}

// folder is a directory, as a path or as a file URL.
func (r *reader) folder(s setting) any {
	const allowed = "give a directory or file:///…"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	path := v
	if scheme, rest, isURL := strings.Cut(v, "://"); isURL {
		switch scheme {
		case "file":
			u, err := url.Parse(v)
			if err != nil || u.Host != "" && u.Host != "localhost" || u.Path == "" {
				r.bad(s.path, "%q is not allowed; a file URL has three slashes and an absolute path, for example file:///srv/archive", v)
				return nil
			}
			path = u.Path
		case "hdfs":
			r.bad(s.path, "%q needs hive, which reads what is on HDFS, and hive is not in this version yet; %s", v, allowed)
			return nil
		default:
			r.bad(s.path, "%q is not allowed: nothing here reads %s://%s; %s", v, scheme, rest, allowed)
			return nil
		}
	}
	if path == "" {
		r.bad(s.path, "is empty; %s", allowed)
		return nil
	}
	return r.absolute(s, path)
}

// absolute is a path that is relative to the folder of the configuration file.
func (r *reader) absolute(s setting, path string) any {
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		r.bad(s.path, "%q: %v", path, err)
		return nil
	}
	return abs
}

// filePath is the path of a file.
func (r *reader) filePath(s setting) any {
	const allowed = "give the path of a file"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	if v == "" {
		r.bad(s.path, "is empty; %s", allowed)
		return nil
	}
	return r.absolute(s, v)
}

// version is a MySQL server's version. Clients take a server for older, or for
// MariaDB, by what stands there.
func (r *reader) version(s setting) any {
	const allowed = "give one such as 8.0.36, with anything after it, as in 8.0.36-grid"
	v, ok := r.text(s, allowed)
	if !ok {
		return nil
	}
	if !versions.MatchString(v) {
		r.bad(s.path, "%q is not allowed; %s", v, allowed)
		return nil
	}
	return v
}

var versions = regexp.MustCompile(`^[89]\.[0-9]{1,2}\.[0-9]{1,2}([-+][A-Za-z0-9._+-]{1,40})?$`)

func (r *reader) users(s setting) any {
	const allowed = "give a list of entries with name, password and databases"
	list, ok := s.value.([]any)
	if !ok {
		if s.value != nil {
			r.bad(s.path, "is not a list; %s", allowed)
		}
		return nil
	}
	users := make([]User, 0, len(list))
	seen := map[string]bool{}
	for i, entry := range list {
		path := fmt.Sprintf("%s[%d]", s.path, i)
		fields, ok := entry.(map[string]any)
		if !ok {
			r.bad(path, "is not an entry; %s", allowed)
			continue
		}
		u := r.user(path, fields)
		if u.Name != "" && seen[u.Name] {
			r.bad(path+".name", "%q is there twice; each user has one entry", u.Name)
		}
		seen[u.Name] = true
		users = append(users, u)
	}
	return users
}

func (r *reader) user(path string, fields map[string]any) User {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(userKeys, name) {
			r.bad(join(path, name), "no such key; did you mean %s?", nearest(name, userKeys))
		}
	}
	var u User
	at := func(name string) setting { return setting{join(path, name), fields[name]} }
	if v, ok := r.text(at("name"), "give the user's name"); ok {
		if v == "" {
			r.bad(join(path, "name"), "is empty; give the user's name")
		}
		u.Name = v
	}
	u.Password = r.password(at("password"))
	databases, ok := fields["databases"].([]any)
	if !ok || len(databases) == 0 {
		r.bad(join(path, "databases"), "has no list of databases; give [%s]", Database)
	}
	for i, d := range databases {
		if d != Database {
			r.bad(fmt.Sprintf("%s.databases[%d]", path, i), "%s is no database; give %s", shown(d), Database)
			continue
		}
		u.Databases = append(u.Databases, Database)
	}
	return u
}

// password reads a secret and checks its form. Its value is in no message.
func (r *reader) password(s setting) string {
	secret := r.secretOf(s)
	if rest, stored := strings.CutPrefix(secret, "*"); stored && len(rest) == 40 {
		if _, err := hex.DecodeString(rest); err != nil {
			r.bad(s.path, "looks like a stored password, but * is followed by characters that are not hexadecimal")
			return ""
		}
	}
	return secret
}

// secretOf reads a secret; empty: it is wrong, which was said without it.
func (r *reader) secretOf(s setting) string {
	const allowed = "give a text in quotes, env:NAME or file:PATH"
	v, ok := s.value.(string)
	if !ok {
		if s.value == nil {
			r.bad(s.path, "is missing; %s", allowed)
		} else {
			r.bad(s.path, "is not text; %s", allowed)
		}
		return ""
	}
	secret, err := r.secret(v)
	if err != nil {
		r.bad(s.path, "%v", err)
		return ""
	}
	if secret == "" {
		r.bad(s.path, "is empty; %s", allowed)
	}
	return secret
}

// storePassword is the password that gridgate shows to a store.
func (r *reader) storePassword(s setting) any {
	if secret := r.secretOf(s); secret != "" {
		return secret
	}
	return nil
}

// shown is a value as a message names it.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "no value"
	case string:
		return strconv.Quote(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a section"
	}
	return fmt.Sprint(v)
}
