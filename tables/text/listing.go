package text

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"gridgate/tables"
)

// A file is a file of the archive as the listing saw it.
type file struct {
	name   string // for os.Open
	path   string // the column: relative to the root, with / and valid UTF-8
	folder *folder
	size   int64 // in bytes, as it is on the disk; negative: not asked for
}

// textBytes is roughly how much text the file holds; average where its size was
// not asked for.
func (f *file) textBytes(average int64) int64 {
	switch {
	case f.size < 0:
		return average
	case codecOf(f.name) != codecNone:
		return f.size * 3 // what text usually shrinks to
	}
	return f.size
}

// A folder holds what its files have in common.
type folder struct {
	// partitions are the values of the first partition columns; the rest, which
	// the walk found later elsewhere, is NULL.
	partitions []partitionValue
}

// partition is the value of partition column i.
func (f *file) partition(i int) partitionValue {
	if i < len(f.folder.partitions) {
		return f.folder.partitions[i]
	}
	return partitionValue{null: true}
}

// A listing is the archive at one moment.
type listing struct {
	partitions []string // the names of the partition columns
	files      []*file
	bytes      int64 // roughly how many bytes of text, when asked for
}

// sizedFiles is of how many files the size is asked for; the others are taken
// to be as large on average.
const sizedFiles = 10_000

// list walks dir. The error is *Outage when it or a folder in it can't be read,
// *DataError when a folder's name makes no column, or ctx's.
func list(ctx context.Context, dir string, sizes bool) (*listing, error) {
	w := walker{ctx: ctx, root: dir, sizes: sizes, l: &listing{}}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is a file, not a folder")
	}
	if err != nil {
		return nil, w.outage(dir, err)
	}
	if err := w.walk(dir, "", &folder{}, []os.FileInfo{info}); err != nil {
		return nil, err
	}
	if n := int64(min(len(w.l.files), sizedFiles)); n > 0 {
		w.l.bytes = w.l.bytes / n * int64(len(w.l.files))
	}
	return w.l, nil
}

type walker struct {
	ctx   context.Context
	root  string
	sizes bool
	l     *listing
}

func (w *walker) outage(dir string, err error) error {
	doing := "listing the archive " + w.root
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	if dir == w.root && errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the folder doesn't exist: %w", err)
	} else if dir != w.root {
		err = fmt.Errorf("%s: %w", dir, err)
	}
	return &tables.Outage{Store: storeName, Doing: doing, Err: err}
}

// walk lists dir, whose path in the archive is prefix. ancestors are the
// folders that it is in, itself included: a symbolic link to one of them would
// never end.
func (w *walker) walk(dir, prefix string, in *folder, ancestors []os.FileInfo) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		if dir != w.root && errors.Is(err, fs.ErrNotExist) {
			return nil // removed since its parent was listed: as if listed a moment later
		}
		return w.outage(dir, err)
	}
	for _, entry := range entries {
		base := entry.Name()
		if base[0] == '_' || base[0] == '.' {
			continue
		}
		name, path := filepath.Join(dir, base), prefix+base
		var info os.FileInfo
		isDir := entry.IsDir()
		if entry.Type()&fs.ModeSymlink != 0 {
			// A link that leads nowhere is kept as a file: reading it is an
			// error, and a query that doesn't need it may go on.
			if info, err = os.Stat(name); err == nil {
				isDir = info.IsDir()
			}
		}
		if !isDir {
			w.addFile(entry, name, path, in)
			continue
		}
		if info == nil {
			if info, err = entry.Info(); err != nil {
				continue // removed since
			}
		}
		if slices.ContainsFunc(ancestors, func(a os.FileInfo) bool { return os.SameFile(a, info) }) {
			continue
		}
		sub, err := w.enter(base, path, in)
		if err != nil {
			return err
		}
		if err := w.walk(name, path+"/", sub, append(slices.Clip(ancestors), info)); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) addFile(entry fs.DirEntry, name, path string, in *folder) {
	f := &file{name: name, path: validUTF8(path), folder: in, size: -1}
	if w.sizes && len(w.l.files) < sizedFiles {
		if info, err := entry.Info(); err == nil {
			f.size = info.Size()
			w.l.bytes += f.textBytes(0)
		}
	}
	w.l.files = append(w.l.files, f)
}

// enter is the folder called base inside of in.
func (w *walker) enter(base, path string, in *folder) (*folder, error) {
	key, value, ok := parsePartition(base)
	if !ok {
		return in, nil
	}
	refuse := func(format string, args ...any) error {
		return &tables.DataError{Store: storeName, Where: "folder " + path, Err: fmt.Errorf(format, args...)}
	}
	if fixedColumns[key] {
		return nil, refuse("its name makes a partition column %q, but the tables have a column of that name", key)
	}
	if len([]rune(key)) > 64 {
		return nil, refuse("its name makes a partition column, but a column's name has at most 64 characters")
	}
	i := slices.Index(w.l.partitions, key)
	if i < 0 {
		i = len(w.l.partitions)
		w.l.partitions = append(w.l.partitions, key)
	}
	sub := &folder{partitions: slices.Clone(in.partitions)}
	for len(sub.partitions) <= i {
		sub.partitions = append(sub.partitions, partitionValue{null: true, value: unset})
	}
	if sub.partitions[i].value != unset {
		return nil, refuse("partition column %q has a value already, from a folder further up", key)
	}
	sub.partitions[i] = value
	return sub, nil
}

// unset marks a NULL that no folder has given yet. A folder's name has no /.
const unset = "/"
