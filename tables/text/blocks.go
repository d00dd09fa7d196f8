package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gridgate/tables"
)

// padding is how many bytes behind a chunk's text may be read (and mean
// nothing), so that a word can be loaded in machine words.
const padding = 16

// lineGuess is how many bytes usually hold the rest of a line.
const lineGuess = 4096

// A chunk is whole lines of a file, one after the other.
type chunk struct {
	// text has at least padding more bytes of capacity. Its last line may lack
	// its end only at the file's end.
	text []byte
	// offset is where text begins in the file, decompressed.
	offset int64
	// marked says that a byte order mark precedes text: its first line
	// begins at 0 all the same, because Hadoop counts the mark in.
	marked bool
}

// lineOffset is where the line that begins at text[i] begins in the file.
func (c *chunk) lineOffset(i int) int64 {
	if c.marked && i == 0 {
		return 0
	}
	return c.offset + int64(i)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// A blockReader cuts units into chunks. One goroutine uses it, for one unit at
// a time.
type blockReader struct {
	blockBytes, maxLine int
	// fresh makes each chunk in memory of its own, never written again.
	fresh bool

	buf     []byte // the block; without its padding
	filled  int    // how much of buf holds bytes of the file
	rest    int    // where in buf the part begins that no chunk has had
	offset  int64  // of buf[0] in the file
	u       unit
	stream  io.Reader // of a compressed file; nil: plain
	started bool      // past the line that the unit before owns
	eof     bool
}

// begin starts a unit.
func (b *blockReader) begin(u unit) error {
	b.u, b.stream, b.filled, b.rest, b.eof = u, nil, 0, 0, false
	b.offset, b.started = u.start, u.start == 0
	if u.start > 0 {
		b.offset-- // the byte before says whether a line begins at start
	}
	if b.fresh {
		b.buf = nil
	}
	if u.file.size == 0 {
		b.eof = true // also when it should be compressed: Hive skips empty files
		return nil
	}
	if u.file.codec != codecNone {
		stream, err := decompress(u.file.codec, &sizedReader{file: u.file})
		if err != nil {
			return dataError(u.file.path, u.file.codec.explain(err))
		}
		b.stream = stream
	}
	return nil
}

// next returns the next chunk; ok is false at the unit's end. Unless fresh is
// set, the chunk's text is overwritten by the call after.
func (b *blockReader) next() (c chunk, ok bool, err error) {
	for {
		text := b.buf[b.rest:b.filled]
		limit, last := len(text), b.eof
		if b.stream == nil && b.offset+int64(b.filled) >= b.u.end && b.u.end < b.u.file.size {
			// The unit's last line ends with the first line end that is not
			// before the unit's last byte.
			from := int(b.u.end - 1 - b.offset - int64(b.rest))
			if end := firstLineEnd(text, max(from, 0), b.eof); end >= 0 {
				limit, last = end, true
			} else if !b.eof {
				limit = min(limit, max(from, 0))
			}
		}
		if !b.started {
			// Lines belong to the unit that they begin in.
			skip := firstLineEnd(text, 0, b.eof)
			switch {
			case skip >= 0:
				b.started = true
				b.rest += skip
			case b.eof:
				return chunk{}, false, nil
			default:
				// The line may be long, but only its last byte matters: it
				// may be half of \r\n.
				b.rest = max(b.filled-1, b.rest)
				if b.offset+int64(b.rest) >= b.u.end {
					return chunk{}, false, nil
				}
				if err := b.fill(); err != nil {
					return chunk{}, false, err
				}
			}
			if b.started && b.offset+int64(b.rest) >= b.u.end {
				return chunk{}, false, nil
			}
			continue
		}
		end := limit
		if !last {
			end = lastLineEnd(text[:limit], limit < len(text))
		}
		if end > 0 {
			c = chunk{text: text[:end], offset: b.offset + int64(b.rest)}
			b.rest += end
			if last {
				b.eof, b.filled = true, b.rest // nothing behind it is this unit's
			}
			if c.offset == 0 && bytes.HasPrefix(c.text, byteOrderMark) {
				c.text, c.offset, c.marked = c.text[3:], 3, true
				if len(c.text) == 0 {
					continue // a mark alone is no line
				}
			}
			return c, true, nil
		}
		if last {
			return chunk{}, false, nil
		}
		if len(text) > b.maxLine {
			return chunk{}, false, &tables.LimitExceeded{Store: storeName, What: "bytes in one line", Limit: int64(b.maxLine),
				Hint: fmt.Sprintf("the line at byte %d of %s is longer; exclude the file by path", b.offset+int64(b.rest), b.u.file.path)}
		}
		if err := b.fill(); err != nil {
			return chunk{}, false, err
		}
	}
}

// firstLineEnd is the place behind the first line end at or after from, or -1
// when there is none or, before the file's end, a \r that may be half of \r\n.
func firstLineEnd(text []byte, from int, eof bool) int {
	if from > len(text) {
		return -1
	}
	i := bytes.IndexByte(text[from:], '\n')
	line := text[from:]
	if i >= 0 {
		line = line[:i]
	}
	if cr := bytes.IndexByte(line, '\r'); cr >= 0 {
		switch end := from + cr + 1; {
		case end < len(text):
			if text[end] == '\n' {
				end++
			}
			return end
		case eof:
			return end
		default:
			return -1
		}
	}
	if i < 0 {
		return -1
	}
	return from + i + 1
}

// lastLineEnd is the place behind the last line end of text, or 0. A \r at its
// end counts only when more is known to follow, and then the caller has made
// sure that it isn't half of \r\n.
func lastLineEnd(text []byte, more bool) int {
	n := len(text)
	if n > 0 && text[n-1] == '\r' && !more {
		n--
	}
	return bytes.LastIndexAny(text[:n], "\n\r") + 1
}

// fill reads more, at least one byte or up to the end. What no chunk has had
// moves to the front of the block, which grows when that fills it.
func (b *blockReader) fill() error {
	keep := b.buf[b.rest:b.filled]
	size := b.blockBytes
	if len(keep) > size/2 {
		size = 2 * (len(keep) + size)
	}
	if b.stream == nil {
		// Little files need little blocks, and behind the unit's end there is
		// the rest of one line.
		at := b.offset + int64(b.rest)
		size = int(min(int64(size), b.u.file.size-at))
		if until := b.u.end + lineGuess; b.offset+int64(b.filled) < b.u.end && until < b.u.file.size {
			size = min(size, int(until-at))
		}
	} else if b.fresh && b.offset == 0 && b.filled == 0 {
		size = int(min(int64(size), max(4*b.u.file.size, lineGuess)))
	}
	if buf := b.buf; b.fresh || size > len(buf) || len(buf) > 4*b.blockBytes && size <= b.blockBytes {
		b.buf = make([]byte, size, size+padding)
	}
	b.filled = copy(b.buf, keep)
	b.offset += int64(b.rest)
	b.rest = 0
	if b.stream != nil {
		return b.fillFromStream()
	}
	want := min(int64(len(b.buf)-b.filled), b.u.file.size-b.offset-int64(b.filled))
	n, err := b.u.file.os.ReadAt(b.buf[b.filled:b.filled+int(want)], b.offset+int64(b.filled))
	b.filled += n
	if int64(n) < want {
		if errors.Is(err, io.EOF) {
			return dataError(b.u.file.path, fmt.Errorf("the file was cut while it was read: it had %d bytes when it was opened and has %d now",
				b.u.file.size, b.offset+int64(b.filled)))
		}
		return dataError(b.u.file.path, err)
	}
	b.eof = b.offset+int64(b.filled) == b.u.file.size
	return nil
}

func (b *blockReader) fillFromStream() error {
	for b.filled < len(b.buf) {
		n, err := b.stream.Read(b.buf[b.filled:])
		b.filled += n
		if err == io.EOF {
			b.eof = true
			return nil
		}
		if err != nil {
			return dataError(b.u.file.path, b.u.file.codec.explain(err))
		}
	}
	return nil
}

// sizedReader reads a file up to the size that it had when it was opened. When
// it has become shorter that is an error, not an end.
type sizedReader struct {
	file *openFile
	pos  int64
}

// Read implements io.Reader.
func (r *sizedReader) Read(p []byte) (int, error) {
	if r.pos >= r.file.size {
		return 0, io.EOF
	}
	n, err := r.file.os.ReadAt(p[:min(int64(len(p)), r.file.size-r.pos)], r.pos)
	r.pos += int64(n)
	if n > 0 {
		return n, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return 0, err
}
