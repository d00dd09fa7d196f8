package wordrule_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
	"gridgate/tables/wordrule"
)

// java is the command of a JDK 17. Without one the test is skipped, or fails
// where CI says that nothing may be missing.
func java(t *testing.T) string {
	t.Helper()
	installed, _ := filepath.Glob("/usr/lib/jvm/*17*/bin/java")
	for _, path := range append([]string{os.Getenv("JAVA17"), "java"}, installed...) {
		if path == "" {
			continue
		}
		version, err := exec.Command(path, "-version").CombinedOutput()
		if err == nil && strings.Contains(string(version), `version "17.`) {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("java 17 is missing, and CI may skip nothing")
	}
	t.Skip("skipped: java 17 is missing (Debian's openjdk-17-jdk-headless; JAVA17 may name it)")
	return ""
}

// oracle runs jdk/Oracle.java.
func oracle(t *testing.T, stdin io.Reader, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(java(t), append([]string{"jdk/Oracle.java"}, args...)...)
	cmd.Stdin = stdin
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	return out
}

func TestGeneratedFileIsTheJDKs(t *testing.T) {
	path := t.TempDir() + "/unicode.go"
	if out, err := exec.Command(java(t), "jdk/Gen.java", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("unicode.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("unicode.go isn't what jdk/Gen.java writes; run go generate")
	}
}

func TestWordRunesAreTheRegexes(t *testing.T) {
	classes := oracle(t, nil, "classes")
	if len(classes) != utf8.MaxRune+1 {
		t.Fatalf("the oracle knows %d code points", len(classes))
	}
	words := 0
	for r, class := range classes {
		if wordrule.IsWordRune(rune(r)) != (class == '1') {
			t.Errorf("%U: IsWordRune is %v, the JDK says %c", r, wordrule.IsWordRune(rune(r)), class)
		}
		if class == '1' {
			words++
		}
	}
	if words != 135317 {
		t.Errorf("the JDK has %d letters, marks and digits, want 135317", words)
	}
}

// TestWordRunesAreUnicode13s compares with Go's own categories, restricted to
// what Unicode 13 had assigned: Go knows a later Unicode, but no code point
// has gone from a letter, mark or digit to something else or back since.
func TestWordRunesAreUnicode13s(t *testing.T) {
	assigned := rangetable.Assigned(wordrule.Version)
	if assigned == nil {
		t.Fatal("x/text has no Unicode " + wordrule.Version)
	}
	words := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		want := unicode.Is(assigned, r) && unicode.In(r, unicode.L, unicode.M, unicode.N)
		if want {
			words++
		}
		if wordrule.IsWordRune(r) != want {
			t.Errorf("%U: IsWordRune is %v, Unicode 13 says %v", r, wordrule.IsWordRune(r), want)
		}
	}
	if words != 135317 {
		t.Errorf("Unicode 13 has %d letters, marks and digits, want 135317", words)
	}
	for _, r := range []rune{-1, utf8.MaxRune + 1, utf8.RuneError} {
		if wordrule.IsWordRune(r) {
			t.Errorf("%U is no word rune", r)
		}
	}
}

// nasty are the characters that the rule has to think about.
var nasty = []string{
	"Σ", "Σ", "Σ", "σ", "ς", "Α", "α", "İ", "ı", "I", "a", "B", "z", "7", "0",
	"'", "'", "’", "’", "\"", "‘", "`", ".", ".", ",", "-", "_", "–", " ", " ", "\t", "#", "$", "€", "¢", "%", "&", "٪", "٫", "‰",
	"\u00ad", "\u200d", "\u200b", "\ufeff", "\u061c", "\u0301", "\u0345", "\u0307", "\u20dd", "\u0903", "।", "‧", "·", "\u037a", "ͺ",
	"Ⅳ", "ⅳ", "Ⓐ", "ⓐ", "ʰ", "ᴬ", "²", "½", "٣", "中", "々", "ァ", "ー", "ぁ", "゛", "\u3099", "ㇰ", "가", "ก", "א",
	"𐐀", "𝐀", "𝟘", "𐌀", "😀", "𝒳", "🄰", "\U000E0001", "\U000E0100", "\U0001E900", "Ǆ", "ǅ", "ß", "ẞ", "K", "Å", "Ω", "ﬁ", "Ა", "Ꭰ", "ꭰ", "Ⱥ", "ɐ",
	"\xff", "\xc3", "\xe2\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x00", "\x0b", "\x0c", "\u0085", "\u2028", "\u00a0", "\u3000",
}

func nastyLine(rnd *rand.Rand) []byte {
	var line []byte
	for n := rnd.IntN(30); n >= 0; n-- {
		switch rnd.IntN(12) {
		case 0:
			r := rune(rnd.IntN(utf8.MaxRune + 1))
			if r != '\n' && r != '\r' {
				line = utf8.AppendRune(line, r)
			}
		case 1:
			r := rune(rnd.IntN(0x3100))
			if r != '\n' && r != '\r' {
				line = utf8.AppendRune(line, r)
			}
		default:
			line = append(line, nasty[rnd.IntN(len(nasty))]...)
		}
	}
	return line
}

// TestRandomLinesAreTheJDKs compares lower-casing and words of random nasty
// lines with String.toLowerCase and the regular expression of JDK 17.
func TestRandomLinesAreTheJDKs(t *testing.T) {
	java(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	lines := make([][]byte, 60000)
	for i := range lines {
		lines[i] = nastyLine(rnd)
	}
	compareWithJDK(t, lines)
}

// TestEachRuneAroundSigmaIsTheJDKs puts every assigned code point between
// letters and sigmas, where it decides whether the sigma is final.
func TestEachRuneAroundSigmaIsTheJDKs(t *testing.T) {
	java(t)
	assigned := rangetable.Assigned(wordrule.Version)
	var lines [][]byte
	rangetable.Visit(assigned, func(r rune) {
		boring := r > 0x3400 && unicode.Is(unicode.Lo, r) && r%64 != 0 || unicode.Is(unicode.Co, r) && r%4096 != 0
		if !boring && r != '\n' && r != '\r' && !(0xD800 <= r && r < 0xE000) {
			lines = append(lines, fmt.Appendf(nil, "Α%cΣ%cΑ 1%cΑΣ%c1Α", r, r, r, r), fmt.Appendf(nil, "ΑΣ%c %cΣ%c", r, r, r))
		}
	})
	compareWithJDK(t, lines)
}

func compareWithJDK(t *testing.T, lines [][]byte) {
	t.Helper()
	var stdin bytes.Buffer
	for _, line := range lines {
		fmt.Fprintf(&stdin, "%x\n", line)
	}
	answers := bufio.NewScanner(bytes.NewReader(oracle(t, &stdin)))
	answers.Buffer(nil, 1<<20)
	i, failures := 0, 0
	for ; answers.Scan() && failures < 10; i++ {
		fields := strings.Split(answers.Text(), " ")
		line := lines[i]
		want, _ := hex.DecodeString(fields[0])
		// How many U+FFFD a broken sequence becomes is no part of the rule:
		// the JDK makes one of a truncated sequence, we one of each byte.
		if got := wordrule.Lower(nil, line); !bytes.Equal(squeeze(got), squeeze(want)) {
			t.Errorf("lower of %q\n got %q\nwant %q", line, got, want)
			failures++
		}
		var words []string
		for _, f := range fields[1:] {
			w, _ := hex.DecodeString(f)
			words = append(words, string(w))
		}
		if got := wordrule.Words(string(line)); !slices.Equal(got, words) {
			t.Errorf("words of %q\n got %q\nwant %q", line, got, words)
			failures++
		}
	}
	if i != len(lines) && failures == 0 {
		t.Errorf("the oracle answered %d of %d lines", i, len(lines))
	}
}

func squeeze(b []byte) []byte {
	for bytes.Contains(b, []byte("\ufffd\ufffd")) {
		b = bytes.ReplaceAll(b, []byte("\ufffd\ufffd"), []byte("\ufffd"))
	}
	return b
}
