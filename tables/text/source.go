package text

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"gridgate/tables"
)

// A unit is work for one goroutine: the lines that begin in a part of a file.
type unit struct {
	file       *openFile
	start, end int64 // bytes of a plain file; of a compressed one, all of it
}

// An openFile is shared by the units of a file; the last one to be released
// closes it.
type openFile struct {
	*file
	index int // among the files of the query
	codec codec
	size  int64 // when it was opened; what is appended later isn't read
	os    *os.File

	units int // yet to be released; guarded by source.mu
}

// A source hands out the units of a query's files. Files are opened when their
// turn comes, and large plain ones are split so that all goroutines can work
// on them.
type source struct {
	files      []*file
	rangeBytes int64

	mu      sync.Mutex
	changed sync.Cond // splitting or opening has changed, or stopped is set
	next    int       // file to be opened
	opening int       // goroutines that are opening one
	split   []unit    // a part each of which more units can be cut off
	stopped bool
}

func newSource(files []*file, rangeBytes int64) *source {
	s := &source{files: files, rangeBytes: rangeBytes}
	s.changed.L = &s.mu
	return s
}

// take returns the next unit, which has to be released; ok is false at the end.
// It waits while another goroutine opens a file that may be worth sharing.
func (s *source) take() (u unit, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.stopped {
		if n := len(s.split); n > 0 {
			rest := &s.split[n-1]
			u = *rest
			u.end = min(u.start+s.rangeBytes, u.end)
			rest.start = u.end
			if rest.start == rest.end {
				s.split = s.split[:n-1]
			}
			return u, true, nil
		}
		if s.next == len(s.files) {
			if s.opening == 0 {
				return unit{}, false, nil
			}
			s.changed.Wait()
			continue
		}
		index := s.next
		s.next++
		s.opening++
		s.mu.Unlock()
		file, err := openForReading(s.files[index], index)
		s.mu.Lock()
		s.opening--
		s.changed.Broadcast()
		if err != nil {
			return unit{}, false, err
		}
		u = unit{file: file, end: file.size}
		file.units = 1
		// A file not much larger than a range isn't worth two units.
		if file.codec == codecNone && file.size-file.size/4 > s.rangeBytes {
			file.units = int((file.size + s.rangeBytes - 1) / s.rangeBytes)
			s.split = append(s.split, unit{file: file, start: s.rangeBytes, end: file.size})
			u.end = s.rangeBytes
		}
		return u, true, nil
	}
	return unit{}, false, nil
}

// release ends the use of a unit.
func (s *source) release(u unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.file.units--; u.file.units == 0 {
		u.file.os.Close()
	}
}

// stop makes take return the end. What nobody has taken is closed.
func (s *source) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.changed.Broadcast()
	for _, u := range s.split {
		u.file.units -= int((u.end - u.start + s.rangeBytes - 1) / s.rangeBytes)
		if u.file.units == 0 {
			u.file.os.Close()
		}
	}
	s.split = nil
}

// openForReading opens a file of the listing. The error is a *DataError.
func openForReading(f *file, index int) (*openFile, error) {
	c := codecOf(f.name)
	if c == codecUnknown {
		return nil, dataError(f.path, errors.New("files compressed like this can't be read: only .gz, .bz2, .deflate and plain text can; "+
			"unpack it, or exclude it by path or partition"))
	}
	// Looked at before it is opened: opening a pipe would wait for a writer.
	info, err := os.Stat(f.name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, dataError(f.path, errors.New("it is no regular file"))
	}
	var opened *os.File
	if err == nil {
		opened, err = os.Open(f.name)
	}
	if err == nil {
		if info, err = opened.Stat(); err != nil {
			opened.Close()
		}
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("the file has vanished since it was listed, or is a link that leads nowhere: %w", fs.ErrNotExist)
		}
		return nil, dataError(f.path, err)
	}
	return &openFile{file: f, index: index, codec: c, size: info.Size(), os: opened}, nil
}

func dataError(path string, err error) error {
	var known *tables.DataError
	if errors.As(err, &known) {
		return err
	}
	return &tables.DataError{Store: storeName, Where: path, Err: err}
}
