package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Sources are where settings come from.
type Sources struct {
	// File is the YAML file; empty: the one that GRIDGATE_CONFIG names, if
	// any.
	File string
	// Environ are the environment's variables as os.Environ gives them. Those
	// that don't begin with GRIDGATE_ are used for secrets only.
	Environ []string
	// Flags are values by key that were given on the command line.
	Flags map[string]string
}

// ConfigFile is the file that is read; empty: none.
func (src Sources) ConfigFile() string {
	if src.File != "" {
		return src.File
	}
	return environment(src.Environ)[configFileVariable]
}

// Load reads all sources. The error is of type Problems and holds everything
// that is wrong; the Config is then not to be used.
func Load(src Sources) (Config, error) {
	c := Default()
	r := &reader{environ: environment(src.Environ)}
	if file := src.ConfigFile(); file != "" {
		r.file(&c, file)
	}
	r.env(&c)
	r.flags(&c, src.Flags)
	if len(r.problems) > 0 {
		return Config{}, r.problems
	}
	return c, nil
}

// A reader collects the problems of all sources.
type reader struct {
	environ  map[string]string
	problems Problems
	// Of the source that is being read:
	source string
	dir    string         // what relative paths are relative to
	lines  map[string]int // by path
	called func(path string) string
}

// A setting is a value and the path of its key, "server.users[0].name".
type setting struct {
	path  string
	value any
}

// bad notes a problem of the setting at path.
func (r *reader) bad(path, format string, args ...any) {
	p := Problem{Source: r.source, Line: r.lines[path], Key: path, Text: fmt.Sprintf(format, args...)}
	if r.called != nil {
		p.Key = r.called(path)
	}
	r.problems = append(r.problems, p)
}

func (r *reader) file(c *Config, name string) {
	r.source, r.called, r.lines = name, nil, nil
	// A file's relative paths mean the same wherever gridgate is started.
	r.dir = filepath.Dir(name)
	text, err := os.ReadFile(name)
	if err != nil {
		r.bad("", "can't be read: %v", plain(err))
		return
	}
	lines, err := keyLines(text)
	if err != nil {
		r.bad("", "is not YAML: %v", yamlError(err))
		return
	}
	r.lines = lines
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		r.bad("", "is not a YAML file of keys and values: %v", yamlError(err))
		return
	}
	r.section(c, "", tree)
}

// section walks the file's tree in the order of its keys.
func (r *reader) section(c *Config, path string, tree map[string]any) {
	names := slices.SortedFunc(maps.Keys(tree), func(a, b string) int {
		return cmp.Compare(r.lines[join(path, a)], r.lines[join(path, b)])
	})
	for _, name := range names {
		s := setting{join(path, name), tree[name]}
		if l, ok := laterKey(s.path); ok {
			r.bad(s.path, "%s", notYet(l))
			continue
		}
		if k, ok := findKey(s.path); ok {
			k.assign(r, c, s)
			continue
		}
		if !isSection(s.path) {
			r.bad(s.path, "no such key; did you mean %s?", nearest(s.path, keyNames()))
			continue
		}
		switch below := s.value.(type) {
		case nil:
		case map[string]any:
			r.section(c, s.path, below)
		default:
			r.bad(s.path, "is a section; its keys stand below it, indented")
		}
	}
}

func (r *reader) env(c *Config) {
	r.source, r.dir, r.lines = "environment", "", nil
	values := map[string]string{}
	for name, value := range r.environ {
		if strings.HasPrefix(name, envPrefix) && name != configFileVariable && !isServiceLink(name, value) {
			values[name] = value
		}
	}
	r.called = envName
	for _, k := range keys {
		name := envName(k.name)
		value, ok := values[name]
		if !ok {
			continue
		}
		delete(values, name)
		if k.noEnv != "" {
			r.bad(k.name, "%s", k.noEnv)
			continue
		}
		k.assign(r, c, setting{k.name, value})
	}
	r.called = nil
	for _, name := range slices.Sorted(maps.Keys(values)) {
		r.unknownVariable(name)
	}
}

func (r *reader) unknownVariable(name string) {
	for _, l := range later {
		if name == envName(l) || strings.HasPrefix(name, envName(l)+"_") {
			r.bad(name, "%s", notYet(l))
			return
		}
	}
	var names []string
	for _, k := range keys {
		switch {
		case k.noEnv == "":
			names = append(names, k.name)
		case strings.HasPrefix(name, envName(k.name)+"_"):
			r.bad(name, "%s", k.noEnv)
			return
		}
	}
	meant := nearest(strings.TrimPrefix(name, envPrefix), names)
	r.bad(name, "no such variable; did you mean %s?", envName(meant))
}

func (r *reader) flags(c *Config, flags map[string]string) {
	r.source, r.dir, r.lines = "command line", "", nil
	r.called = flagName
	for _, k := range keys {
		if value, ok := flags[k.name]; ok {
			k.assign(r, c, setting{k.name, value})
		}
	}
}

// flagName is the flag that gives a key.
func flagName(key string) string {
	switch key {
	case "server.listen":
		return "--listen"
	case "text.location":
		return "--text"
	}
	return "--" + strings.ReplaceAll(key, ".", "-")
}

func notYet(key string) string {
	return fmt.Sprintf("%s is not in this version yet; remove it", key)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func environment(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			m[name] = value
		}
	}
	return m
}

// plain is err without the operation and the path that os puts before it,
// where the message already names the file.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
