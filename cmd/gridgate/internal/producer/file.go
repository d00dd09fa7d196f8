package producer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"

	"gridgate/ingest/kafkaclient"
)

// SendFile sends each line of a file as one record; lines of nothing but white
// space are none. "-" is the standard input; what gzip has packed is unpacked.
//
// A line that Kafka does not take, because it is too large, is left out: the
// error is then *Lines, and everything else was sent. At any other error, and at
// ctx's end, it stops.
func (p *Producer) SendFile(ctx context.Context, name string) error {
	in, err := open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := p.sendLines(ctx, in); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// A line is a record and where it stands.
type line struct {
	number int64
	kafka.Message
}

func (l *line) size() int { return size(&l.Message) }

// maxWaiting is how many bytes of lines are read before they are sent.
const maxWaiting = 1 << 20

// sending is a file on its way.
type sending struct {
	*Producer
	ctx    context.Context
	batch  []line
	bytes  int
	failed Lines
}

func (p *Producer) sendLines(ctx context.Context, in io.Reader) error {
	lines, err := unpacked(bufio.NewReaderSize(in, 1<<20))
	if err != nil {
		return err
	}
	s := &sending{Producer: p, ctx: ctx}
	for n := int64(1); ; n++ {
		text, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTooLong) {
			return errors.Join(fmt.Errorf("line %d: %w", n, err), s.flush())
		}
		if n == 1 {
			text = bytes.TrimPrefix(text, byteOrderMark)
		}
		switch m := (kafka.Message{Value: text}); {
		case errors.Is(err, errTooLong):
			s.leftOut(n, err)
		case len(bytes.TrimSpace(text)) > 0:
			if err := s.add(line{n, m}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	if s.failed.Count > 0 {
		return &s.failed
	}
	return nil
}

func (s *sending) leftOut(number int64, err error) {
	if s.failed.Count++; s.failed.Count == 1 {
		s.failed.First, s.failed.Err = number, err
	}
}

// add sends what is waiting when that is much.
func (s *sending) add(l line) error {
	s.batch, s.bytes = append(s.batch, l), s.bytes+l.size()
	if len(s.batch) < batchSize && s.bytes < maxWaiting {
		return nil
	}
	return s.flush()
}

// flush sends what is waiting.
func (s *sending) flush() error {
	batch := s.batch
	s.batch, s.bytes = nil, 0
	for some := range kafkaclient.Requests(batch, batchSize, (*line).size) {
		if s.Before != nil {
			s.Before(s.ctx)
		}
		if err := s.send(some); err != nil {
			return err
		}
	}
	return s.ctx.Err()
}

// send sends lines and leaves out those that are too large: a topic may take
// less than usual, and then they go one by one.
func (s *sending) send(batch []line) error {
	messages := make([]kafka.Message, len(batch))
	for i := range batch {
		messages[i] = batch[i].Message
	}
	err := s.sendSome(s.ctx, messages)
	if err == nil {
		return nil
	}
	var each kafka.WriteErrors
	if !errors.As(err, &each) { // ctx's
		return err
	}
	for i, err := range each {
		switch {
		case err == nil:
		case !kafkaclient.TooLarge(err):
			return s.stopped(batch[i:], err)
		case len(batch) == 1:
			s.leftOut(batch[i].number, err)
		default:
			if err := s.send(batch[i : i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sending) stopped(batch []line, err error) error {
	return fmt.Errorf("line %d: sending it to the topic %s: %w", batch[0].number, s.topic, err)
}

// unpacked reads through gzip where the file begins as gzip's do.
func unpacked(r *bufio.Reader) (*bufio.Reader, error) {
	if magic, err := r.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return r, nil // reading says what is wrong
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	return bufio.NewReaderSize(z, 1<<20), nil
}

// byteOrderMark begins files that were written on Windows; it is no part of
// their first line.
var byteOrderMark = []byte("\uFEFF")

var errTooLong = fmt.Errorf("it is longer than %d bytes", maxRecord)

// readLine reads a line into memory of its own, without its end. Of one that is
// too long the rest is skipped, and the error is errTooLong.
func readLine(r *bufio.Reader) ([]byte, error) {
	var text []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(text)+len(part) > maxRecord; !long {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, errTooLong // at the end the next read says so again
		}
		return bytes.TrimRight(text, "\r\n"), err
	}
}
