package config

import "strings"

// nearest is the one of names that is most like name. A key written without
// its section ("listen") is as near as the key itself.
func nearest(name string, names []string) string {
	best, bestDistance := "", -1
	for _, n := range names {
		d := distance(strings.ToLower(name), n)
		if _, last, ok := strings.Cut(n, "."); ok {
			d = min(d, distance(strings.ToLower(name), last))
		}
		if bestDistance < 0 || d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best
}

// distance is how many runes have to be inserted, deleted or changed to make b
// of a (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			changed := diagonal
			if x != y {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
