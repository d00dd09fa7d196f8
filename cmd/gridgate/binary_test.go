package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binaryFolder holds what binary built; TestMain removes it.
var binaryFolder string

// binary builds the command as users get it, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gridgate-test-")
	if err != nil {
		return "", err
	}
	binaryFolder = dir
	path := filepath.Join(dir, "gridgate")
	// As make build does, but with what make lint has compiled already.
	build := exec.Command("go", "build", "-tags", "gms_pure_go", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// A process is a running gridgate.
type process struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	errOut *bytes.Buffer
	temp   string // its temporary folder
}

// startBinary starts the command. It is killed when the test ends before it.
func startBinary(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), errOut: new(bytes.Buffer), temp: t.TempDir()}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.temp)
	p.cmd.Stderr = p.errOut
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill() // an error says that it has ended already
		p.cmd.Wait()
	})
	return p
}

var connectPattern = regexp.MustCompile(`^  mysql -h (\S+) -P (\d+) -u root grid$`)

// address reads the banner up to the line to connect with.
func (p *process) address(t *testing.T) string {
	t.Helper()
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatalf("no line to connect with: %v\n%s", err, p.errOut)
		}
		if m := connectPattern.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			return net.JoinHostPort(m[1], m[2])
		}
	}
}

func TestTheBinaryEndsOnSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			p := startBinary(t, "serve", "--demo", "--listen", "127.0.0.1:0")
			conn, err := net.Dial("tcp", p.address(t))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if left := entries(t, p.temp); len(left) != 1 {
				t.Errorf("while running the temporary folder holds %q", left)
			}
			within(t, 2*time.Second, "ending", func() {
				if err := p.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				rest, err := io.ReadAll(p.out)
				if err != nil {
					t.Error(err)
				}
				if err := p.cmd.Wait(); err != nil {
					t.Errorf("%v\n%s%s", err, rest, p.errOut)
				}
			})
			if left := entries(t, p.temp); len(left) != 0 {
				t.Errorf("the temporary folder still holds %q", left)
			}
		})
	}
}

func TestTheBinaryIsReadyWithinASecondOrSo(t *testing.T) {
	if _, err := binary(); err != nil { // not counted
		t.Fatal(err)
	}
	// Generous: other tests run at the same time.
	within(t, 5*time.Second, "starting", func() {
		startBinary(t, "serve", "--demo").address(t)
	})
}

func TestTheBinaryKnowsItsVersions(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "version").Output()
	if want := regexp.MustCompile(`^gridgate \S+\ngo 1\.\d+\S* \w+/\w+\ngo-mysql-server v0\.\S+\n$`); err != nil || !want.Match(out) {
		t.Errorf("%v, printed\n%s", err, out)
	}
}
