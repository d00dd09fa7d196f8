package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/demo"
	"gridgate/tables"
	"gridgate/tables/text"
)

// openText opens the store over the archive's folder.
func openText(c config.Text) (tables.Store, error) {
	s, err := text.New(text.Config{Dir: c.Location})
	if err != nil {
		return nil, fmt.Errorf("opening the archive (text.location): %w", err)
	}
	return s, nil
}

// writeDemo writes the demo archive into a new folder; remove deletes it.
func writeDemo(ctx context.Context) (dir string, sum demo.Summary, remove func() error, err error) {
	dir, err = os.MkdirTemp("", "gridgate-demo-")
	if err != nil {
		return "", demo.Summary{}, nil, fmt.Errorf("making a folder for the demo archive: %w", err)
	}
	remove = func() error { return os.RemoveAll(dir) }
	sum, err = demo.Write(ctx, dir, demo.Options{})
	if err != nil {
		return "", demo.Summary{}, nil, errors.Join(err, remove())
	}
	return dir, sum, remove, nil
}

// columnsOf opens a table of a store and names its columns.
func columnsOf(ctx context.Context, s tables.Store, table string) ([]string, error) {
	snapshot, err := s.Table(ctx, table)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range snapshot.Columns() {
		names = append(names, c.Name)
	}
	return names, nil
}

// mendArchive says what to do about an archive that can't be read.
func mendArchive(err error) string {
	var data *tables.DataError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "create the folder or mount it, or mend text.location"
	case errors.Is(err, fs.ErrPermission):
		return "let the user that runs gridgate read it"
	case errors.As(err, &data):
		return "rename or remove what it names"
	case errors.Is(err, context.DeadlineExceeded):
		return "the file system does not answer; look at its mount"
	}
	return "mend text.location, or what it leads to"
}
