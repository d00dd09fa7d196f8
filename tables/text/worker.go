package text

import (
	"context"
	"encoding/binary"
	"unicode/utf8"

	"gridgate/tables/wordrule"
)

// A worker is one goroutine's part in a query: it takes units from the source,
// cuts them into rows, and hands those that WHERE lets through to its sink.
type worker struct {
	run    *run
	ctx    context.Context
	blocks blockReader
	tokens [512]wordrule.Token
	words  wordrule.Tokenizer
	where  predicate // on rows; nil: all
	sink   sink
	tally  *tally // what sink fills, when the query is grouped
	group  uint32 // the file's group
	row    row
	text   []byte // scratch
}

// A sink takes the rows of one goroutine.
type sink interface {
	// add takes a row. Its text is overwritten after add when transient is
	// set, else it is never changed; the row itself is reused.
	add(r *row, transient bool) error
	// endChunk is called every few thousand rows.
	endChunk() error
	// end is called once, after the last row.
	end() error
}

// work runs until the source has no more units, ctx ends or something fails.
func (w *worker) work() error {
	for {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		u, ok, err := w.run.source.take()
		if err != nil {
			return err
		}
		if !ok {
			return w.sink.end()
		}
		err = w.unit(u)
		w.run.source.release(u)
		if err != nil {
			return err
		}
	}
}

func (w *worker) unit(u unit) error {
	w.row.file = u.file.file
	w.group = w.run.fileGroup(u.file)
	if err := w.blocks.begin(u); err != nil {
		return err
	}
	for {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		c, ok, err := w.blocks.next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if err := w.chunk(&c); err != nil {
			return err
		}
		if err := w.sink.endChunk(); err != nil {
			return err
		}
	}
}

// chunk chooses the cheapest way that gives the plan what it needs.
func (w *worker) chunk(c *chunk) error {
	p := w.run.plan
	isTally := w.tally != nil
	switch lines := p.snapshot.table == tableLines; {
	case isTally && w.where == nil && !p.group.textKey && lines:
		w.tally.files[w.group] += countLines(c.text)
		return nil
	case isTally && w.where == nil && !lines:
		return w.tallyWords(c)
	case lines:
		return w.lines(c)
	case p.usesLine:
		return w.wordsByLine(c)
	default:
		return w.wordRows(c, c.text)
	}
}

// lines adds a row for each line.
func (w *worker) lines(c *chunk) error {
	valid := utf8.Valid(c.text)
	for i := 0; i < len(c.text); {
		end, next := lineAt(c.text, i)
		line, transient := c.text[i:end], !w.blocks.fresh
		w.row.offset = c.lineOffset(i)
		w.row.text = view(line)
		if !valid && !utf8.Valid(line) {
			w.row.text, transient = validUTF8(string(line)), false
		}
		if err := w.add(transient); err != nil {
			return err
		}
		i = next
	}
	return nil
}

// wordsByLine adds a row for each word, with its place.
func (w *worker) wordsByLine(c *chunk) error {
	for i := 0; i < len(c.text); {
		end, next := lineAt(c.text, i)
		w.row.offset, w.row.pos = c.lineOffset(i), 0
		if err := w.wordRows(c, c.text[i:end]); err != nil {
			return err
		}
		i = next
	}
	return nil
}

// wordRows adds a row for each word of a part of the chunk.
func (w *worker) wordRows(c *chunk, text []byte) error {
	w.words.Reset(text)
	for {
		n := w.words.Next(w.tokens[:])
		for _, token := range w.tokens[:n] {
			end := token.Start + int(token.Len)
			transient := true
			if token.Folded {
				w.row.text = view(w.words.Folded[token.Start:end])
			} else {
				word := text[token.Start:end]
				for i, b := range word {
					word[i] = b | b&0x40>>1
				}
				w.row.text, transient = view(word), !w.blocks.fresh
			}
			if err := w.add(transient); err != nil {
				return err
			}
			w.row.pos++
		}
		if n < len(w.tokens) {
			return nil
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
}

func (w *worker) add(transient bool) error {
	if w.where != nil && w.where.eval(&w.row) != yes {
		return nil
	}
	return w.sink.add(&w.row, transient)
}

// loadMasks keep the first n bytes of two words of memory.
var loadMasks = func() (masks [inlineKey + 1][2]uint64) {
	for n := range masks {
		for i := range n {
			masks[n][i/8] |= 0xFF << (i % 8 * 8)
		}
	}
	return masks
}()

const lowerBits = 0x4040404040404040

// tallyWords counts all words of a chunk. It is what a word count spends its
// time in: words are hashed where they stand, lower-cased on the way.
func (w *worker) tallyWords(c *chunk) error {
	t := w.tally
	text := c.text
	padded := text[: len(text)+padding : len(text)+padding]
	w.words.Reset(text)
	for {
		n := w.words.Next(w.tokens[:])
		if !w.run.plan.group.textKey {
			t.files[w.group] += uint64(n)
		} else {
			for i := range w.tokens[:n] {
				token := &w.tokens[i]
				if token.Folded || token.Len > inlineKey {
					w.text = w.words.Word(w.text[:0], *token)
					k := t.seeds.key(w.text, w.group)
					t.add(&k)
					continue
				}
				at := padded[token.Start : token.Start+inlineKey]
				mask := &loadMasks[token.Len]
				a := binary.LittleEndian.Uint64(at) & mask[0]
				b := binary.LittleEndian.Uint64(at[8:]) & mask[1]
				a |= a & lowerBits >> 1
				b |= b & lowerBits >> 1
				hash := t.seeds.shortHash(a, b, uint32(token.Len))
				t.shards[shardOf(hash)].countShort(a, b, hash, uint32(token.Len), w.group)
			}
		}
		if n < len(w.tokens) {
			return nil
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
}
