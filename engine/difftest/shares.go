package difftest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Share is how many statements that ask for something became one leaf.
type Share struct{ Whole, All int }

// percent is the share in percent.
func (s Share) percent() float64 { return 100 * float64(s.Whole) / float64(max(1, s.All)) }

// Shares asks of n statements, those of the seeds from 0 on, whether they become
// one leaf, and gives the share for each of their operators; "any" is all of
// them.
func Shares(g Generator, n int, leaf func(sql string) bool) map[string]Share {
	shares := map[string]Share{}
	for seed := range n {
		q := g.Example(seed)
		whole := leaf(q.SQL)
		for _, operator := range append([]string{"any"}, q.Operators...) {
			s := shares[operator]
			s.All++
			if whole {
				s.Whole++
			}
			shares[operator] = s
		}
	}
	return shares
}

// FormatShares writes shares as FallenShares reads them, a line each.
func FormatShares(shares map[string]Share) string {
	var b strings.Builder
	for _, operator := range slices.Sorted(maps.Keys(shares)) {
		s := shares[operator]
		fmt.Fprintf(&b, "%5.1f%%  %5d of %5d  %s\n", s.percent(), s.Whole, s.All, operator)
	}
	return b.String()
}

// FallenShares says which shares are more than points below those that were
// written, or are not counted any more.
func FallenShares(written string, shares map[string]Share, points float64) []string {
	var out []string
	for line := range strings.Lines(written) {
		var was float64
		var whole, all int
		if _, err := fmt.Sscanf(line, "%f%% %d of %d", &was, &whole, &all); err != nil {
			out = append(out, fmt.Sprintf("this line is no share: %q", line))
			continue
		}
		_, rest, _ := strings.Cut(line, " of ")
		_, operator, _ := strings.Cut(strings.TrimSpace(rest), "  ")
		s, ok := shares[operator]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%q is not generated any more", operator))
		case s.percent() < was-points:
			out = append(out, fmt.Sprintf("%q: %.1f%% of the statements become one leaf, and it was %.1f%%", operator, s.percent(), was))
		}
	}
	return out
}
