package text

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// codec is how a file is compressed, as its name says.
type codec uint8

const (
	codecNone codec = iota
	codecGzip
	codecBzip2
	codecDeflate // Hadoop's DefaultCodec: zlib's format
	codecUnknown
)

// suffixes are the names' ends that mean compression. As in Hadoop's
// CompressionCodecFactory their case matters: a.GZ is plain text.
var suffixes = map[string]codec{".gz": codecGzip, ".bz2": codecBzip2, ".deflate": codecDeflate}

func init() {
	for _, suffix := range []string{
		".zst", ".snappy", ".sz", ".lz4", ".lzo", ".lzo_deflate", ".xz", ".lzma", ".lz", ".br", ".zip", ".7z", ".rar",
		".Z", ".z", ".tgz", ".tbz2", ".txz",
	} {
		suffixes[suffix] = codecUnknown
	}
}

// codecOf is the codec of a file's name.
func codecOf(name string) codec {
	i := strings.LastIndexAny(name, "./")
	if i < 0 || name[i] == '/' {
		return codecNone
	}
	return suffixes[name[i:]]
}

// decompress reads what r, the whole content of a file, holds. codec is one of
// the three that can be read. A stream that is cut is io.ErrUnexpectedEOF.
func decompress(c codec, r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 128<<10)
	var err error
	switch c {
	case codecGzip:
		r, err = gzip.NewReader(buffered) // reads all members
	case codecBzip2:
		r = bzip2.NewReader(buffered) // reads all streams
	case codecDeflate:
		r, err = newZlibReader(buffered)
	default:
		return nil, errors.New("no such codec")
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return r, err
}

// zlibReader reads streams one after the other, as Hadoop does.
type zlibReader struct {
	from   *bufio.Reader
	stream io.ReadCloser
}

func newZlibReader(from *bufio.Reader) (*zlibReader, error) {
	stream, err := zlib.NewReader(from)
	return &zlibReader{from: from, stream: stream}, err
}

// Read implements io.Reader.
func (z *zlibReader) Read(p []byte) (int, error) {
	for {
		n, err := z.stream.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if n > 0 && err == io.EOF {
				err = nil // the next call finds it again
			}
			return n, err
		}
		if _, err := z.from.Peek(1); err != nil {
			return 0, err // io.EOF: the file's end is a stream's
		}
		if err := z.stream.(zlib.Resetter).Reset(z.from, nil); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
	}
}

// explain makes a sentence of what went wrong in a compressed file.
func (c codec) explain(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the compressed file is cut short: %w", err)
	}
	return fmt.Errorf("the compressed file is damaged: %w", err)
}
