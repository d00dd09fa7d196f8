package semantics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, f := range files {
		ours, plain := newEngine(t, true, tables...), newEngine(t, false, tables...)
		b, _ := os.ReadFile(f)
		var out strings.Builder
		lines := strings.Split(string(b), "\n")
		for i := 0; i < len(lines); i++ {
			if lines[i] == "query" || lines[i] == "mended" || lines[i] == "ours" {
				q := lines[i+1]
				o := ours.answer(q)
				if lines[i] == "ours" {
					out.WriteString("ours\n" + q + "\n----\n" + o)
					i += 2
					for i+1 < len(lines) && lines[i+1] != "" {
						i++
					}
					continue
				}
				p := plain.answer(q)
				cmd := "mended"
				if o == p {
					cmd = "query"
				}
				out.WriteString(cmd + "\n" + q + "\n----\n" + o)
				i += 2
				for i+1 < len(lines) && lines[i+1] != "" {
					i++
				}
				continue
			}
			out.WriteString(lines[i] + "\n")
		}
		os.WriteFile(f, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644)
	}
}
