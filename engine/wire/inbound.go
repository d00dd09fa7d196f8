package wire

import (
	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine/semantics"
)

// inbound looks at the packets that a client sends, below the wire library. The
// library parses the text of a statement that is prepared before it asks anybody:
// the forms of EXPLAIN that the parser doesn't take are written in another way
// here, in as many bytes. It is used by the goroutine that reads.
type inbound struct {
	head  [headerSize]byte
	nhead int
	left  int  // bytes of the packet's payload that are still to come
	first bool // of these, none has come yet
}

// see looks at bytes that were read, and may change them. A text whose beginning
// comes in two parts stays as it is, and is then a syntax error.
func (c *inbound) see(b []byte) {
	for len(b) > 0 {
		if c.left == 0 && c.nhead < headerSize {
			k := copy(c.head[c.nhead:], b)
			c.nhead += k
			b = b[k:]
			if c.nhead < headerSize {
				return
			}
			c.left, c.first = int(c.head[0])|int(c.head[1])<<8|int(c.head[2])<<16, true
			if c.left == 0 {
				c.nhead = 0
			}
			continue
		}
		k := min(c.left, len(b))
		if c.first && c.head[3] == 0 && b[0] == mysql.ComPrepare {
			// Texts are long, and the form is at their beginning.
			text := b[1:min(k, 1+longestForm)]
			copy(text, semantics.ReadExplain(string(text)))
		}
		c.first = false
		c.left -= k
		b = b[k:]
		if c.left == 0 {
			c.nhead = 0
		}
	}
}

// longestForm is how far into a text the form of EXPLAIN is looked for, with the
// comments before it.
const longestForm = 4 << 10
