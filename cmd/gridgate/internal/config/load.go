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

	"github.com/go-viper/mapstructure/v2"
	koanfmaps "github.com/knadh/koanf/maps"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
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
// that is wrong; the Config is then not to be used. Another error is a mistake
// in this package: a key whose field is missing or of another type.
func Load(src Sources) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(defaults(), "."), nil); err != nil {
		return Config{}, err
	}
	r := &reader{merged: k, environ: environment(src.Environ)}
	if file := src.ConfigFile(); file != "" {
		r.file(file)
	}
	r.env(src.Environ)
	r.flags(src.Flags)
	if len(r.problems) > 0 {
		return Config{}, r.problems
	}
	c := Config{Server: Server{ListenGiven: r.listenGiven}}
	strict := koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{ErrorUnused: true}}
	if err := k.UnmarshalWithConf("", &c, strict); err != nil {
		return Config{}, err
	}
	if c.Ingest.DeadLetterTopic == "" {
		c.Ingest.DeadLetterTopic = c.Kafka.Topic + ".dead-letters"
	}
	if c.Ingest.DeadLetterTopic == c.Kafka.Topic {
		return Config{}, Problems{{Source: cmp.Or(src.ConfigFile(), "configuration"), Key: "ingest.dead_letter_topic", Text: "is kafka.topic itself; give another topic, which gets the records that can't be used"}}
	}
	if tls := c.Server.TLS; (tls.Cert == "") != (tls.Key == "") {
		missing := "server.tls.key"
		if tls.Cert == "" {
			missing = "server.tls.cert"
		}
		return Config{}, Problems{{Source: cmp.Or(src.ConfigFile(), "configuration"), Key: missing, Text: "is missing; a certificate and its key go together"}}
	}
	return c, nil
}

// A reader merges all sources and collects their problems.
type reader struct {
	merged      *koanf.Koanf
	listenGiven bool
	environ     map[string]string
	problems    Problems
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

// load merges a source over those before it. Only YAML can fail.
func (r *reader) load(p koanf.Provider, parser koanf.Parser) {
	err := r.merged.Load(p, parser, koanf.WithMergeFunc(func(source, merged map[string]any) error {
		checked := map[string]any{}
		r.section(checked, "", source)
		_, listen := checked["server.listen"]
		r.listenGiven = r.listenGiven || listen
		koanfmaps.Merge(koanfmaps.Unflatten(checked, "."), merged)
		return nil
	}))
	if err != nil {
		r.bad("", "is not a YAML file of keys and values: %v", yamlError(err))
	}
}

func (r *reader) file(name string) {
	// A file's relative paths mean the same wherever gridgate is started.
	r.source, r.dir = name, filepath.Dir(name)
	text, err := os.ReadFile(name)
	if err != nil {
		r.bad("", "can't be read: %v", plain(err))
		return
	}
	if r.lines, err = keyLines(text); err != nil {
		r.bad("", "is not YAML: %v", yamlError(err))
		return
	}
	r.load(rawbytes.Provider(text), yaml.Parser())
}

// section checks a source's tree in the order of its lines, or else of the
// table, and collects by key what is right.
func (r *reader) section(checked map[string]any, path string, tree map[string]any) {
	names := slices.SortedFunc(maps.Keys(tree), func(a, b string) int {
		a, b = join(path, a), join(path, b)
		return cmp.Or(cmp.Compare(r.lines[a], r.lines[b]), cmp.Compare(keyIndex(a), keyIndex(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		s := setting{join(path, name), tree[name]}
		later, i := laterKey(s.path), keyIndex(s.path)
		below, isTree := s.value.(map[string]any)
		switch {
		case later != "":
			r.bad(s.path, "%s", notYet(later))
		case i >= 0:
			if v := keys[i].check(r, s); v != nil {
				checked[s.path] = v
			}
		case !isSection(s.path):
			r.bad(s.path, "no such key; did you mean %s?", nearest(s.path, keyNames()))
		case isTree:
			r.section(checked, s.path, below)
		case s.value != nil:
			r.bad(s.path, "is a section; its keys stand below it, indented")
		}
	}
}

func (r *reader) env(environ []string) {
	r.source, r.dir, r.lines, r.called = "environment", "", nil, envName
	var unknown []string
	r.load(env.Provider("", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			for _, k := range keys {
				if k.noEnv == "" && name == envName(k.name) {
					return k.name, value
				}
			}
			if name != configFileVariable && !isServiceLink(name, value) {
				unknown = append(unknown, name)
			}
			return "", nil
		},
	}), nil)
	r.called = nil
	slices.Sort(unknown)
	for _, name := range slices.Compact(unknown) {
		r.unknownVariable(name)
	}
}

func (r *reader) unknownVariable(name string) {
	for _, l := range later {
		if strings.HasPrefix(name+"_", envName(l)+"_") {
			r.bad(name, "%s", notYet(l))
			return
		}
	}
	var names []string
	for _, k := range keys {
		switch {
		case k.noEnv == "":
			names = append(names, k.name)
		case strings.HasPrefix(name+"_", envName(k.name)+"_"):
			r.bad(name, "%s", k.noEnv)
			return
		}
	}
	meant := nearest(strings.TrimPrefix(name, envPrefix), names)
	r.bad(name, "no such variable; did you mean %s?", envName(meant))
}

func (r *reader) flags(flags map[string]string) {
	r.source, r.dir, r.lines, r.called = "command line", "", nil, flagName
	values := map[string]any{}
	for name, value := range flags {
		values[name] = value
	}
	r.load(confmap.Provider(values, ""), nil)
}

// flagName is the flag that gives a key.
func flagName(key string) string {
	switch key {
	case "server.listen":
		return "--listen"
	case "text.location":
		return "--text"
	case "kafka.topic":
		return "--topic"
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
