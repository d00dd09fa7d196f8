package services

import (
	"strconv"
	"testing"
	"time"

	"gridgate/testdata/need"
)

// Redis starts Debian's redis-server, without persistence, and returns its
// address.
func Redis(t testing.TB) (addr string) {
	t.Helper()
	program := need.Command(t, "Debian's redis-server", "redis-server")
	return start(t, server{
		program: program, ready: "Ready to accept connections", begins: 10 * time.Second, ends: 5 * time.Second,
		args: func(port int) []string {
			return []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", t.TempDir(),
				"--save", "", "--appendonly", "no", "--daemonize", "no"}
		},
	})
}
