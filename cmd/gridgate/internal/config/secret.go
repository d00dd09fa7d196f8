package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// secret is v itself, or what env:NAME or file:PATH point to; a file's last
// line break doesn't count. Errors name the place, never the secret.
func (r *reader) secret(v string) (string, error) {
	if name, ok := strings.CutPrefix(v, "env:"); ok {
		secret, set := r.environ[name]
		if !set {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		return secret, nil
	}
	path, ok := strings.CutPrefix(v, "file:")
	if !ok {
		return v, nil
	}
	path = strings.TrimPrefix(path, "//")
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the file %s can't be read: %w", path, plain(err))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}
