package jsontext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep arrays and objects may be nested (MySQL's error 3157).
const MaxDepth = 100

// SyntaxError says that a text is no JSON, or none that MySQL takes.
type SyntaxError struct {
	Offset int64 // of the byte where it was noticed
	Text   string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s (at byte %d)", e.Text, e.Offset) }

// decoders are used again, with their buffers and tables.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

// Parse reads one JSON value, which must be all of text. Names of an object may
// repeat. The error is *SyntaxError. The Value does not share memory with text.
func Parse(text []byte) (Value, error) {
	d := decoders.Get().(*jsontext.Decoder)
	d.Reset(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	defer func() {
		d.Reset(bytes.NewReader(nil)) // so that the pool does not hold text
		decoders.Put(d)
	}()
	p := parser{d}
	v, err := p.value(0)
	if err != nil {
		return Value{}, p.explain(err, len(text))
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return Value{}, &SyntaxError{d.InputOffset(), "something follows the JSON value"}
	}
	return v, nil
}

type parser struct{ d *jsontext.Decoder }

func (p parser) value(depth int) (Value, error) {
	t, err := p.d.ReadToken()
	if err != nil {
		return Value{}, err
	}
	switch t.Kind() {
	case 'n':
		return Value{Kind: Null}, nil
	case 't':
		return Value{Kind: True}, nil
	case 'f':
		return Value{Kind: False}, nil
	case '"':
		return Value{Kind: String, Text: t.String()}, nil
	case '0':
		return p.number(t.String())
	}
	if depth == MaxDepth {
		return Value{}, &SyntaxError{p.d.InputOffset(), fmt.Sprintf("it is nested deeper than %d levels", MaxDepth)}
	}
	if t.Kind() == '[' {
		return p.array(depth)
	}
	return p.object(depth)
}

func (p parser) array(depth int) (Value, error) {
	v := Value{Kind: Array}
	for p.d.PeekKind() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
	}
	_, err := p.d.ReadToken()
	return v, err
}

func (p parser) object(depth int) (Value, error) {
	v := Value{Kind: Object}
	for p.d.PeekKind() != '}' {
		name, err := p.d.ReadToken()
		if err != nil {
			return v, err
		}
		f := Field{Name: name.String()}
		if f.Value, err = p.value(depth + 1); err != nil {
			return v, err
		}
		v.Fields = append(v.Fields, f)
	}
	_, err := p.d.ReadToken()
	return v, err
}

// number reads a number as MySQL's parser does: without a point or an exponent
// it is an integer while it fits.
func (p parser) number(text string) (Value, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Value{Kind: Int, Int: i}, nil
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return Value{Kind: Uint, Uint: u}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Value{}, &SyntaxError{p.d.InputOffset(), "a number is beyond the range of DOUBLE"}
	}
	return Value{Kind: Double, Double: f}, nil
}

// explain makes a library's error one of ours.
func (p parser) explain(err error, length int) error {
	var own *SyntaxError
	if errors.As(err, &own) {
		return own
	}
	if length == 0 {
		return &SyntaxError{0, "it is empty"}
	}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &SyntaxError{int64(length), "it ends too early to be JSON"}
	case errors.As(err, &syntactic):
		return &SyntaxError{syntactic.ByteOffset, "it is no JSON: " + syntactic.Err.Error()}
	}
	return &SyntaxError{p.d.InputOffset(), "it is no JSON: " + err.Error()}
}
