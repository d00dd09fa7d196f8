package text

import (
	"hash/fnv"
	"io"

	"gridgate/tables"
)

// snapshot is one of the tables with the partition columns that the folder
// had.
type snapshot struct {
	store      *Store
	table      table
	partitions []string
	shown      []tables.Column
	columns    []column // in the order of shown
	version    uint64
	rows       uint64
	files      []*file // when the table was opened, for estimates
	bytes      int64   // of text in them, roughly
}

// Bytes in a line and in a word of usual text, for estimates.
const (
	usualLine = 60
	usualWord = 6
)

func newSnapshot(s *Store, t table, l *listing) *snapshot {
	n := &snapshot{store: s, table: t, partitions: l.partitions, files: l.files, bytes: l.bytes}
	n.shown, n.columns = columnsOf(t, l.partitions)
	h := fnv.New64a()
	for _, name := range l.partitions {
		io.WriteString(h, name+"\x00")
	}
	n.version = h.Sum64()
	n.rows = uint64(l.bytes / n.usualRow())
	return n
}

// usualRow is how many bytes of text a row stands for.
func (n *snapshot) usualRow() int64 {
	if n.table == tableWords {
		return usualWord
	}
	return usualLine
}

// Name implements tables.Snapshot.
func (n *snapshot) Name() string { return n.table.name() }

// Columns implements tables.Snapshot.
func (n *snapshot) Columns() []tables.Column { return n.shown }

// Version is made from the partition columns' names.
func (n *snapshot) Version() uint64 { return n.version }

// Rows is guessed from the files' sizes.
func (n *snapshot) Rows() (uint64, bool) { return n.rows, true }

// Compile implements tables.Snapshot.
func (n *snapshot) Compile(q tables.Query) (tables.Plan, *tables.Unsupported) {
	c := compiler{snapshot: n, query: &q}
	p, refused := c.compile()
	if refused != nil {
		return nil, refused
	}
	return p, nil
}
