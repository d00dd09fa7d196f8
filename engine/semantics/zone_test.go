package semantics

import (
	"archive/zip"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func wall(t testing.TB, s string) int64 {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05.999999", s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}

func zoneOf(t testing.TB, name string) *Zone {
	t.Helper()
	z, err := ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestZoneInstant checks what MariaDB's UNIX_TIMESTAMP says, whose code for it is
// MySQL's too.
func TestZoneInstant(t *testing.T) {
	for _, c := range []struct{ zone, wall, instant string }{
		{"UTC", "2026-03-29 02:30:00", "2026-03-29 02:30:00"},
		{"+02:00", "2026-03-29 02:30:00", "2026-03-29 00:30:00"},
		{"-03:30", "2026-03-29 22:30:00", "2026-03-30 02:00:00"},
		{"Europe/Copenhagen", "2026-03-29 01:59:59", "2026-03-29 00:59:59"},
		{"Europe/Copenhagen", "2026-03-29 02:00:00", "2026-03-29 01:00:00"},
		{"Europe/Copenhagen", "2026-03-29 02:30:00", "2026-03-29 01:00:00"},
		{"Europe/Copenhagen", "2026-03-29 02:59:59.5", "2026-03-29 01:00:00.5"},
		{"Europe/Copenhagen", "2026-03-29 03:00:00", "2026-03-29 01:00:00"},
		{"Europe/Copenhagen", "2026-10-25 01:59:59", "2026-10-24 23:59:59"},
		{"Europe/Copenhagen", "2026-10-25 02:00:00", "2026-10-25 00:00:00"},
		{"Europe/Copenhagen", "2026-10-25 02:59:59", "2026-10-25 00:59:59"},
		{"Europe/Copenhagen", "2026-10-25 03:00:00", "2026-10-25 02:00:00"},
		{"America/St_Johns", "2026-03-08 02:15:00", "2026-03-08 05:30:00"},
		{"America/St_Johns", "2026-11-01 01:30:00", "2026-11-01 04:00:00"},
		{"Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03 15:30:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00"},
		{"Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 10:00:00"}, // a day that was none
		{"Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30 10:00:00"},
	} {
		got := zoneOf(t, c.zone).Instant(wall(t, c.wall))
		if want := wall(t, c.instant); got != want {
			t.Errorf("%s in %s: got %s, want %s", c.wall, c.zone, time.UnixMicro(got).UTC(), c.instant)
		}
	}
}

// TestZoneReverse: Instant is the first instant at which Local is the wall clock's
// time, in every zone; where there is none, the clock jumps over the time then.
func TestZoneReverse(t *testing.T) {
	names := strings.Fields(zoneNames)
	rapid.Check(t, func(t *rapid.T) {
		z, err := ParseZone(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		const second = int64(1e6)
		local := rapid.Int64Range(0, 2524608000).Draw(t, "local") * second
		if rapid.Bool().Draw(t, "near a change") && z.loc != nil {
			if _, end := time.UnixMicro(local).In(z.loc).ZoneBounds(); !end.IsZero() {
				local = z.Local(end.UnixMicro()) + rapid.Int64Range(-7200, 7200).Draw(t, "beside it")*second
			}
		}
		got, shown := z.instant(local)
		if shown && z.Local(got) != local {
			t.Fatalf("%d becomes %d, when the clock shows %d", local, got, z.Local(got))
		}
		if !shown && (z.Local(got) <= local || z.Local(got-1) >= local) {
			t.Fatalf("%d becomes %d, when the clock doesn't jump over it", local, got)
		}
		// All offsets are whole quarters of an hour, and others that history has had.
		for offset := -int64(26 * 3600); offset < 26*3600; offset += 450 {
			u := local - offset*second
			if z.Local(u) == local && (!shown || u < got) {
				t.Fatalf("%d becomes %d (shown: %t), and %d is earlier", local, got, shown, u)
			}
		}
	})
}

func TestParseZone(t *testing.T) {
	for text, name := range map[string]string{
		"UTC": "UTC", "utc": "UTC", "SYSTEM": "UTC", "system": "UTC", "+00:00": "+00:00", "-00:00": "+00:00",
		"+2:00": "+02:00", "-13:59": "-13:59", "+14:00": "+14:00", "-0:30": "-00:30", "europe/copenhagen": "Europe/Copenhagen", "MET": "MET",
	} {
		if got := zoneOf(t, text).Name(); got != name {
			t.Errorf("%s is called %s, not %s", text, got, name)
		}
	}
	if zoneOf(t, "asia/tokyo") != zoneOf(t, "Asia/Tokyo") {
		t.Error("one zone is made twice")
	}
	for _, text := range []string{"", " UTC", "+14:01", "-14:00", "+02:60", "+02:0", "+2", "02:00", "+2:000", "+a2:00", "+02-00", "right/UTC", "Local", "../UTC", "Europe"} {
		var unknown *UnknownTimeZone
		if z, err := ParseZone(text); !errors.As(err, &unknown) || unknown.Zone != text {
			t.Errorf("%q is %v, %v", text, z, err)
		}
	}
	for _, name := range strings.Fields(zoneNames) {
		if got := zoneOf(t, strings.ToUpper(name)).Name(); got != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

// TestZoneNames: the names are those of Go's copy of the time zone database.
func TestZoneNames(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command: ", err)
	}
	files, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip("this installation of Go has no copy: ", err)
	}
	defer files.Close()
	var want []string
	for _, f := range files.File {
		if !strings.HasSuffix(f.Name, "/") {
			want = append(want, f.Name)
		}
	}
	slices.Sort(want)
	if got := strings.Fields(zoneNames); !slices.Equal(got, want) {
		t.Errorf("%d names, and %d files", len(got), len(want))
	}
}

func BenchmarkZone(b *testing.B) {
	for _, name := range []string{"UTC", "+02:00", "Europe/Copenhagen"} {
		z, us := zoneOf(b, name), wall(b, "2026-07-01 12:00:00")
		b.Run("Local/"+name, func(b *testing.B) {
			for b.Loop() {
				us += z.Local(us) & 1
			}
		})
		b.Run("Instant/"+name, func(b *testing.B) {
			for b.Loop() {
				us += z.Instant(us) & 1
			}
		})
	}
	e := newEngine(b, true)
	ctx := e.context(b.Context(), "")
	if err := ctx.SetSessionVariable(ctx, timeZoneVariable, "Europe/Copenhagen"); err != nil {
		b.Fatal(err)
	}
	b.Run("SessionZone", func(b *testing.B) {
		for b.Loop() {
			if _, err := SessionZone(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
