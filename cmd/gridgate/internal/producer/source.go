package producer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"gridgate/ingest/kafkaclient"
)

// A source is a file of records, which may be a pipe or a terminal: reading from
// it ends with ctx, also while nothing comes.
type source struct {
	*os.File
	ctx     context.Context
	unwatch func() bool
	waiting bool // for the first writer of a pipe
}

// CheckFile says why SendFile can't read a file, as far as looking at it tells.
func CheckFile(name string) error {
	if name == "-" {
		return nil
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", name)
	}
	return err
}

// open opens a file; "-" is the standard input. The caller closes it.
func open(ctx context.Context, name string) (*source, error) {
	err := CheckFile(name)
	var f *os.File
	if err == nil {
		f, err = openFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the file of records: %w", err)
	}
	s := &source{File: f, ctx: ctx, waiting: isNamedPipe(name)}
	// It fails for files, and these always have something to read.
	s.unwatch = context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	return s, nil
}

func openFile(name string) (*os.File, error) {
	if name == "-" {
		// Opened anew it can be told to stop waiting; os.Stdin can't, but is what
		// there is when it is a socket.
		if f, err := os.OpenFile("/dev/stdin", os.O_RDONLY, 0); err == nil {
			return f, nil
		}
		return os.Stdin, nil
	}
	// Without O_NONBLOCK opening a named pipe waits for somebody who writes to
	// it; files do not care.
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// isNamedPipe is false for the pipe of a shell's <(command), which is at its end
// when nobody writes to it.
func isNamedPipe(name string) bool {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		info, err := os.Lstat(real)
		return err == nil && info.Mode()&os.ModeNamedPipe != 0
	}
	return false
}

// Read implements io.Reader. The error is ctx's when that has ended.
func (s *source) Read(p []byte) (int, error) {
	for {
		n, err := s.File.Read(p)
		switch {
		case n > 0:
			s.waiting = false
		case s.ctx.Err() != nil:
			return 0, s.ctx.Err()
		case s.waiting && errors.Is(err, io.EOF): // nobody has opened the pipe for writing yet
			kafkaclient.Sleep(s.ctx, 50*time.Millisecond)
			continue
		}
		return n, err
	}
}

func (s *source) Close() error {
	s.unwatch()
	return s.File.Close()
}
