package difftest

import (
	"strings"
	"testing"
)

func TestFallenShares(t *testing.T) {
	written := FormatShares(map[string]Share{"any": {50, 100}, "group by": {10, 100}, "gone": {1, 2}})
	now := map[string]Share{"any": {48, 100}, "group by": {79, 1000}, "new": {0, 5}}
	fallen := FallenShares(written, now, 2)
	if len(fallen) != 2 || !strings.Contains(fallen[0], `"gone"`) || !strings.Contains(fallen[1], `"group by": 7.9%`) {
		t.Errorf("fallen: %q", fallen)
	}
	if fallen := FallenShares("rubbish\n", now, 2); len(fallen) != 1 {
		t.Errorf("of rubbish: %q", fallen)
	}
}
