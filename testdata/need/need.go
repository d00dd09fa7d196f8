// Package need says what happens when a test lacks something that a machine
// may not have: it is skipped with a line on how to get it, and with CI=true
// it fails, so that nothing goes untested there in silence.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// Command is the path of the first of names that is installed. how says how to
// get one, "Debian's mariadb-client".
func Command(t testing.TB, how string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, names[0], how)
	return ""
}

// Missing ends the test: what is not there.
func Missing(t testing.TB, what, how string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing (%s), and with CI=true nothing may be skipped", what, how)
	}
	t.Skipf("skipped: %s is missing (%s)", what, how)
}
