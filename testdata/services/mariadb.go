package services

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
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
	for try := 1; ; try++ {
		addr, err := startMariaDB(t, program, dir, flags)
		if err == nil {
			return addr
		}
		if try == 3 { // another process may take the port between our look and MariaDB's
			t.Fatal(err)
		}
	}
}

func startMariaDB(t testing.TB, program, dir string, flags []string) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	args := append([]string{
		"--no-defaults", "--datadir=" + dir, "--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port),
		"--socket=" + filepath.Join(dir, "s"), "--pid-file=" + filepath.Join(dir, "pid"), "--skip-name-resolve", "--skip-log-bin",
		"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
	}, flags...)
	if syscall.Getuid() == 0 {
		args = append(args, "--user=root") // it refuses to run as root without being told so
	}
	log := &lockedBuffer{}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop := sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; {
		select {
		case err := <-ended:
			return "", fmt.Errorf("mariadbd ended at once: %v\n%s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
		if log.contains("ready for connections") {
			t.Cleanup(stop)
			return "127.0.0.1:" + strconv.Itoa(port), nil
		}
		if time.Now().After(deadline) {
			stop()
			return "", fmt.Errorf("mariadbd is not ready after 30 s\n%s", log)
		}
	}
}
