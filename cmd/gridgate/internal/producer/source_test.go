package producer

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadingEndsWithItsContext reads from pipes to which nobody writes.
func TestReadingEndsWithItsContext(t *testing.T) {
	named := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(named, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, writer := range []bool{false, true} {
		if writer {
			w, err := os.OpenFile(named, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
		}
		ctx, cancel := context.WithCancel(t.Context())
		s, err := open(ctx, named)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(20*time.Millisecond, cancel)
		if n, err := s.Read(make([]byte, 10)); n != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("somebody may write: %v: %d bytes, %v", writer, n, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	file, named, link := filepath.Join(dir, "file"), filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("text"), 0o600), syscall.Mkfifo(named, 0o600), os.Symlink(named, link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, named, link} {
		s, err := open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name != file { // only now somebody comes to write
			time.AfterFunc(60*time.Millisecond, func() {
				if err := os.WriteFile(named, []byte("text"), 0); err != nil {
					t.Error(err)
				}
			})
		}
		if text, err := io.ReadAll(s); string(text) != "text" || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{dir: "is a folder", filepath.Join(dir, "none"): "no such file"} {
		if _, err := open(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
