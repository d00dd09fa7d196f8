package text

import (
	"context"
	"slices"
)

// runLength is how many items are sorted at a time, between two looks at the
// end of the query.
const runLength = 1 << 15

// sortRuns sorts items in runs that mergeRuns joins.
func sortRuns[T any](ctx context.Context, items []T, compare func(a, b T) int) ([][]T, error) {
	var runs [][]T
	for len(items) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(len(items), runLength)
		slices.SortFunc(items[:n], compare)
		runs = append(runs, items[:n])
		items = items[n:]
	}
	return runs, nil
}

// mergeRuns calls f for the items of all runs, in order, until it fails.
func mergeRuns[T any](runs [][]T, compare func(a, b T) int, f func(T) error) error {
	runs = slices.DeleteFunc(runs, func(r []T) bool { return len(r) == 0 })
	down := func(i int) {
		for {
			child := 2*i + 1
			if child >= len(runs) {
				return
			}
			if child+1 < len(runs) && compare(runs[child+1][0], runs[child][0]) < 0 {
				child++
			}
			if compare(runs[i][0], runs[child][0]) <= 0 {
				return
			}
			runs[i], runs[child] = runs[child], runs[i]
			i = child
		}
	}
	for i := len(runs)/2 - 1; i >= 0; i-- {
		down(i)
	}
	for len(runs) > 0 {
		if err := f(runs[0][0]); err != nil {
			return err
		}
		if runs[0] = runs[0][1:]; len(runs[0]) == 0 {
			last := len(runs) - 1
			runs[0] = runs[last]
			runs = runs[:last]
		}
		down(0)
	}
	return nil
}
