package need

import (
	"testing"
)

// recorder notes how a test would have ended: the first end counts, because a
// real one does not return.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.end("failed") }
func (r *recorder) Skipf(string, ...any)  { r.end("skipped") }

func (r *recorder) end(how string) {
	if r.ended == "" {
		r.ended = how
	}
}

func TestWhatIsMissingSkipsAndFailsInCI(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped", "false": "skipped", "true": "failed"} {
		t.Setenv("CI", ci)
		r := &recorder{TB: t}
		if Command(r, "nowhere", "no-such-command-anywhere"); r.ended != want {
			t.Errorf("CI=%q: %s, want %s", ci, r.ended, want)
		}
	}
}

func TestTheFirstInstalledCommandIsTaken(t *testing.T) {
	r := &recorder{TB: t}
	if path := Command(r, "nowhere", "no-such-command-anywhere", "go"); path == "" || r.ended != "" {
		t.Errorf("got %q, %s", path, r.ended)
	}
}
