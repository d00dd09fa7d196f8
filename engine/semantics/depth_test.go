package semantics

import (
	"errors"
	"strings"
	"testing"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

func TestDepthIsBounded(t *testing.T) {
	for _, c := range []struct {
		sql  string
		deep bool
	}{
		{"SELECT " + strings.Repeat("1+", 1000) + "1", false},
		{"SELECT " + strings.Repeat("1+", 100_000) + "1", true},
		{"SELECT " + strings.Repeat("NOT ", 50_000) + "1", true},
		{"SELECT 1 IN (" + strings.Repeat("1,", 100_000) + "1)", false},
		{"SELECT 1 WHERE " + strings.Repeat("1=0 OR ", 100_000) + "1=1", true},
	} {
		_, err := NewParser(nil).ParseSimple(c.sql)
		var tooDeep *TooDeep
		if errors.As(err, &tooDeep) != c.deep || (err != nil) != c.deep {
			t.Errorf("%.30s... (%d bytes): %v, want too deep: %t", c.sql, len(c.sql), err, c.deep)
		}
	}
	if err := checkDepth(nil); err != nil {
		t.Error(err)
	}
	var none sqlparser.Statement
	if err := checkDepth(none); err != nil {
		t.Error(err)
	}
}
