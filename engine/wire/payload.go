package wire

import (
	"bytes"
	"encoding/binary"
)

// payload is what is left to read of a packet's payload. Reading past its end
// gives zeros and sets short, so that a packet is read through and looked at once.
type payload struct {
	b     []byte
	short bool
}

// take gives the next n bytes, which belong to the packet.
func (p *payload) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.short, p.b = true, nil
		return nil
	}
	v := p.b[:n:n]
	p.b = p.b[n:]
	return v
}

func (p *payload) uint8() byte {
	if v := p.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (p *payload) uint16() uint16 {
	if v := p.take(2); v != nil {
		return binary.LittleEndian.Uint16(v)
	}
	return 0
}

func (p *payload) uint32() uint32 {
	if v := p.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

func (p *payload) uint64() uint64 {
	if v := p.take(8); v != nil {
		return binary.LittleEndian.Uint64(v)
	}
	return 0
}

// length reads a length-encoded integer.
func (p *payload) length() uint64 {
	switch b := p.uint8(); b {
	case 0xfc:
		return uint64(p.uint16())
	case 0xfd:
		v := p.take(3)
		if v == nil {
			return 0
		}
		return uint64(v[0]) | uint64(v[1])<<8 | uint64(v[2])<<16
	case 0xfe:
		return p.uint64()
	case 0xfb, 0xff: // NULL, and what means nothing
		p.short = true
		return 0
	default:
		return uint64(b)
	}
}

// bytes reads a length-encoded value, which belongs to the packet.
func (p *payload) bytes() []byte {
	n := p.length()
	if n > uint64(len(p.b)) {
		p.short, p.b = true, nil
		return nil
	}
	return p.take(int(n))
}

// text reads a text that ends with a zero byte, or with the packet.
func (p *payload) text() string {
	i := bytes.IndexByte(p.b, 0)
	if i < 0 {
		v := string(p.b)
		p.b = nil
		return v
	}
	v := string(p.b[:i])
	p.b = p.b[i+1:]
	return v
}

// rest gives what is left.
func (p *payload) rest() []byte { return p.take(len(p.b)) }
