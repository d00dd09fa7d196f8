package services

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"gridgate/testdata/need"
)

// Redis starts Debian's redis-server, without persistence, and returns its
// address.
func Redis(t testing.TB) (addr string) {
	t.Helper()
	program := need.Command(t, "Debian's redis-server", "redis-server")
	for try := 1; ; try++ {
		addr, err := startRedis(t, program)
		if err == nil {
			return addr
		}
		if try == 3 { // another process may take the port between our look and Redis's
			t.Fatal(err)
		}
	}
}

func startRedis(t testing.TB, program string) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	log := &lockedBuffer{}
	cmd := exec.Command(program, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", t.TempDir(),
		"--save", "", "--appendonly", "no", "--daemonize", "no")
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
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(10 * time.Second); ; {
		select {
		case err := <-ended:
			return "", fmt.Errorf("redis-server ended at once: %v\n%s", err, log)
		case <-time.After(10 * time.Millisecond):
		}
		if log.contains("Ready to accept connections") {
			t.Cleanup(stop)
			return addr, nil
		}
		if time.Now().After(deadline) {
			stop()
			return "", fmt.Errorf("redis-server is not ready after 10 s\n%s", log)
		}
	}
}

// freePort is a port of loopback that nobody listens on at the moment.
func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// lockedBuffer is written by a process's copier while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) contains(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.b.Bytes(), []byte(s))
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
