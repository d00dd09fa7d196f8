package services

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A server is a program that serves a port of loopback until it gets SIGTERM.
type server struct {
	program      string
	args         func(port int) []string
	ready        string        // what its log says when it takes connections
	begins, ends time.Duration // how long it may take for that, and for its end
}

// start starts s for the time of the test and returns its address.
func start(t testing.TB, s server) (addr string) {
	t.Helper()
	for try := 1; ; try++ {
		addr, err := s.start(t)
		if err == nil {
			return addr
		}
		if try == 3 { // another process may take the port between our look and the server's
			t.Fatal(err)
		}
	}
}

func (s server) start(t testing.TB) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	name := filepath.Base(s.program)
	log := &lockedBuffer{}
	cmd := exec.Command(s.program, s.args(port)...)
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
		case <-time.After(s.ends):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(s.begins); ; {
		select {
		case err := <-ended:
			return "", fmt.Errorf("%s ended at once: %v\n%s", name, err, log)
		case <-time.After(10 * time.Millisecond):
		}
		if log.contains(s.ready) {
			t.Cleanup(stop)
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
		}
		if time.Now().After(deadline) {
			stop()
			return "", fmt.Errorf("%s is not ready after %v\n%s", name, s.begins, log)
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
