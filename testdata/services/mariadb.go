package services

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gridgate/testdata/need"
)

// MariaDB starts Debian's mariadbd over an empty data directory that goes with
// the test, and returns its address. root may log in without a password, and
// the database test is there. flags are further ones of mariadbd, "--name=value".
func MariaDB(t testing.TB, flags ...string) (addr string) {
	t.Helper()
	program := need.Command(t, "Debian's mariadb-server", "mariadbd")
	install := need.Command(t, "Debian's mariadb-server", "mariadb-install-db")
	dir := filepath.Join(t.TempDir(), "data")
	out, err := exec.Command(install, "--no-defaults", "--datadir="+dir, "--auth-root-authentication-method=normal",
		"--skip-name-resolve").CombinedOutput()
	if err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	return start(t, server{
		program: program, ready: "ready for connections", begins: 30 * time.Second, ends: 20 * time.Second,
		args: func(port int) []string {
			args := append([]string{
				"--no-defaults", "--datadir=" + dir, "--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port),
				"--socket=" + filepath.Join(dir, "s"), "--pid-file=" + filepath.Join(dir, "pid"), "--skip-name-resolve", "--skip-log-bin",
				"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
			}, flags...)
			if syscall.Getuid() == 0 {
				args = append(args, "--user=root") // it refuses to run as root without being told so
			}
			return args
		},
	})
}
