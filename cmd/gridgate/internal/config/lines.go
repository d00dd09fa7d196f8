package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyLines is the line of each key of a YAML text, by path. It is an error
// when text holds more than one document: the second would be ignored.
func keyLines(text []byte) (map[string]int, error) {
	lines := map[string]int{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return lines, nil // an empty file
		}
		return nil, err
	}
	var second yaml.Node
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one document; remove the line of three dashes")
	}
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		switch n.Kind {
		case yaml.DocumentNode:
			for _, below := range n.Content {
				walk(below, path)
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				p := join(path, n.Content[i].Value)
				lines[p] = n.Content[i].Line
				walk(n.Content[i+1], p)
			}
		case yaml.SequenceNode:
			for i, below := range n.Content {
				p := fmt.Sprintf("%s[%d]", path, i)
				lines[p] = below.Line
				walk(below, p)
			}
		}
	}
	walk(&root, "")
	return lines, nil
}

// yamlError is the parser's error as one line without its prefix. A type error
// may quote a value, which may be a secret: only its line is kept.
func yamlError(err error) error {
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		place, _, _ := strings.Cut(wrong.Errors[0], ": ")
		if strings.Contains(wrong.Errors[0], "already defined") {
			return errors.New(wrong.Errors[0])
		}
		return fmt.Errorf("%s: there are no keys with values here", place)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
}
