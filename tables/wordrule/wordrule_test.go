package wordrule

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ line, words string }{
		{"", ""},
		{"Don't 'quote' me", "don't quote me"},
		{"don’t ‘quote’ me", "don't quote me"},
		{"rock 'n' roll", "rock n roll"},
		{"a''b a'-b 'a' a'", "a b a b a a"},
		{"O'Brien's x'y'z '", "o'brien's x'y'z"},
		{"a’'b a'’b", "a b a b"},
		{"caf\u00e9 cafe\u0301 CAFÉ", "café cafe\u0301 café"},
		{"İstanbul I ı", "i\u0307stanbul i ı"},
		{"ΟΔΟΣ ΣΑΣ Σ σς", "οδος σας σ σς"},
		{"ΑΣ'Α ΑΣ' ΑΣ.Α ΑΣ. Α", "ασ'α ας ασ α ας α"}, // to the JDK, ' and . join letters
		{"3.14 1,000 x2 ²", "3 14 1 000 x2 ²"},
		{"snake_case e-mail a@b.c", "snake case e mail a b c"},
		{"naïve\xff\xfeword a\xc3", "naïve word a"},
		{"汉字 カタカナ 한국어", "汉字 カタカナ 한국어"},
		{"\ufeffbom", "bom"},
		{"e'é é'e É'E", "e'é é'e é'e"},
		{"😀a😀 𐐀", "a 𐐨"},
	} {
		want := strings.Fields(c.words)
		if got := Words(c.line); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", c.line, got, want)
		}
	}
}

// TestLoweringKeepsWordRunes holds because the tokeniser asks before lowering
// where the definition asks after.
func TestLoweringKeepsWordRunes(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if IsWordRune(r) != IsWordRune(lowerRune(r)) {
			t.Errorf("%U is a word rune: %v, but lower-cased %v", r, IsWordRune(r), IsWordRune(lowerRune(r)))
		}
		if r < utf8.RuneSelf && IsWordRune(r) && (r&0x40 != 0) != ('a' <= r|0x20 && r|0x20 <= 'z') {
			t.Errorf("%q breaks the promise of Next", r)
		}
	}
}

// TestNextGoesOnAnywhere asks for one word at a time, over many lines, and
// wants the words of the lines.
func TestNextGoesOnAnywhere(t *testing.T) {
	text := "ΑΣ\nΑΣΑ\rdon't\r\n\nΑΣ’\nΑ x’Σ’Y\nΟΔΟΣ"
	var want []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		want = append(want, Words(line)...)
	}
	for size := 1; size < 5; size++ {
		var tokenizer Tokenizer
		var got []string
		tokenizer.Reset([]byte(text))
		for dst := make([]Token, size); ; {
			n := tokenizer.Next(dst)
			for _, token := range dst[:n] {
				got = append(got, string(tokenizer.Word(nil, token)))
			}
			if n < size {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d at a time: got %q, want %q", size, got, want)
		}
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	text := []byte(strings.Repeat("The quick ΒΡΟΩΝΣ fox’s “über” İ\n", 100))
	var tokenizer Tokenizer
	dst := make([]Token, 64)
	run := func() {
		tokenizer.Reset(text)
		for tokenizer.Next(dst) == len(dst) {
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestSigmasAreLinear would take minutes if each sigma looked at its whole
// line again.
func TestSigmasAreLinear(t *testing.T) {
	for _, part := range []string{"Σ", "Α'Σ", "\u200dΣ", "Α\u200d", "Α-\u200d\u200d", "𐐀-\U000E0001"} {
		line := bytes.Repeat([]byte(part), 300000)
		line = append(line, "ΑΣ"...)
		if got := Lower(nil, line); len(got) != len(line) {
			t.Errorf("%q: %d bytes became %d", part, len(line), len(got))
		}
		Words(string(line))
	}
}

func TestLowerOfInvalidBytes(t *testing.T) {
	if got, want := string(Lower(nil, []byte("A\xffB\xe2\x80"))), "a\ufffdb\ufffd\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzTokenizer(f *testing.F) {
	f.Add([]byte("don't ’ΑΣ’ \xff İ"))
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, line)
		// The definition, over the lower-cased line.
		var want []string
		lower := strings.ReplaceAll(string(Lower(nil, line)), "’", "'")
		runes := []rune(lower)
		for i := 0; i < len(runes); {
			if !IsWordRune(runes[i]) {
				i++
				continue
			}
			start := i
			for i < len(runes) && (IsWordRune(runes[i]) || runes[i] == '\'' && i+1 < len(runes) && IsWordRune(runes[i+1]) && runes[i-1] != '\'') {
				i++
			}
			want = append(want, string(runes[start:i]))
		}
		if got := Words(string(line)); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	})
}
