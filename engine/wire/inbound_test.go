package wire

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestInboundChangesOnlyPrepare: of all that a client sends, in whatever pieces it
// comes, only the text of a PREPARE is written in another way, and never its length.
func TestInboundChangesOnlyPrepare(t *testing.T) {
	const text, want = "EXPLAIN FORMAT=JSON SELECT ?", "EXPLAIN FORMAT=jsn_ SELECT ?"
	packet := func(seq byte, payload string) []byte {
		n := len(payload)
		return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), seq}, payload...)
	}
	rapid.Check(t, func(t *rapid.T) {
		var sent, wanted []byte
		var starts []int // of texts that may be changed
		for range rapid.IntRange(1, 6).Draw(t, "packets") {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				starts = append(starts, len(sent))
				sent, wanted = append(sent, packet(0, "\x16"+text)...), append(wanted, packet(0, "\x16"+want)...)
			case 1:
				sent, wanted = append(sent, packet(0, "\x03"+text)...), append(wanted, packet(0, "\x03"+text)...)
			case 2: // a value that looks like a packet
				value := "\x18" + string(packet(0, "\x16"+text))
				sent, wanted = append(sent, packet(0, value)...), append(wanted, packet(0, value)...)
			case 3: // the rest of a longer packet
				sent, wanted = append(sent, packet(1, "\x16"+text)...), append(wanted, packet(1, "\x16"+text)...)
			case 4:
				sent, wanted = append(sent, packet(0, "")...), append(wanted, packet(0, "")...)
			}
		}
		var in inbound
		got := bytes.Clone(sent)
		cut := map[int]bool{}
		for at := 0; at < len(got); {
			n := rapid.IntRange(1, len(got)-at).Draw(t, "piece")
			in.see(got[at : at+n])
			at += n
			cut[at] = true
		}
		// A text that came in pieces may have stayed as it was.
		for _, s := range starts {
			for i := range len(text) + 4 {
				if cut[s+1+i] {
					copy(got[s+5:s+5+len(text)], want)
				}
			}
		}
		if !bytes.Equal(got, wanted) {
			t.Errorf("sent %q\ngot  %q\nwant %q", sent, got, wanted)
		}
	})
}
