package text

import "gridgate/tables"

// table is one of the two tables.
type table uint8

const (
	tableLines table = iota
	tableWords
)

func (t table) name() string {
	if t == tableWords {
		return "words"
	}
	return "text_lines"
}

func (t table) comment() string {
	if t == tableWords {
		return "every word of the text archive, in lower case, one row each"
	}
	return "every line of the text archive, one row each"
}

// columnKind says where a column's values come from.
type columnKind uint8

const (
	colPath columnKind = iota
	colOffset
	colPos
	colText      // the line, or the word
	colPartition // of the folder's name
)

// column is a column of one of the tables.
type column struct {
	kind      columnKind
	partition int // which partition column, for colPartition
}

// ofFile reports whether the column has the same value in all rows of a file.
func (c column) ofFile() bool { return c.kind == colPath || c.kind == colPartition }

// nullable reports whether the column can be NULL.
func (c column) nullable() bool { return c.kind == colPartition }

// isText reports whether the column is text; else it is an integer.
func (c column) isText() bool { return c.kind != colOffset && c.kind != colPos }

// fixedColumns are the names that no partition column may have, in either
// table.
var fixedColumns = map[string]bool{"path": true, "byte_offset": true, "line": true, "pos": true, "word": true}

var (
	pathType      = tables.Varchar(4096)
	partitionType = tables.Varchar(255) // a folder's name has at most 255 bytes
	posType       = tables.Type{Kind: tables.KindInt32}
)

// columnsOf are the columns of t with the given partition columns: as the
// contract shows them, and as the engine reads them.
func columnsOf(t table, partitions []string) ([]tables.Column, []column) {
	shown := []tables.Column{
		{Name: "path", Type: pathType, Comment: "the file, relative to the archive's root"},
		{Name: "byte_offset", Type: tables.Int64, Comment: "where the line begins in its file, decompressed"},
	}
	read := []column{{kind: colPath}, {kind: colOffset}}
	if t == tableWords {
		shown = append(shown,
			tables.Column{Name: "pos", Type: posType, Comment: "the word's number in its line, from 0"},
			tables.Column{Name: "word", Type: tables.Text, Comment: "letters, marks and digits with single apostrophes inside, in lower case"})
		read = append(read, column{kind: colPos}, column{kind: colText})
	} else {
		shown = append(shown, tables.Column{Name: "line", Type: tables.Text, Comment: "the line without its end; invalid UTF-8 as U+FFFD"})
		read = append(read, column{kind: colText})
	}
	for i, name := range partitions {
		shown = append(shown, tables.Column{Name: name, Type: partitionType, Nullable: true, Comment: "partition column: the value of the folder " + name + "=..."})
		read = append(read, column{kind: colPartition, partition: i})
	}
	return shown, read
}
