package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// These count words as design.md says what a word is, with nothing of
// gridgate's: what the end-to-end tests compare answers with.

var wordPattern = regexp.MustCompile(`[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*`)

func wordsIn(text string) []string {
	return wordPattern.FindAllString(strings.ReplaceAll(strings.ToLower(text), "’", "'"), -1)
}

// counts is how often something is there.
type counts map[string]int

// rows are the counts as rows "key|count", by key.
func (c counts) rows() []string {
	var rows []string
	for _, key := range slices.Sorted(maps.Keys(c)) {
		rows = append(rows, fmt.Sprintf("%s|%d", key, c[key]))
	}
	return rows
}

// top are the n most frequent as rows "key|count", the same count by key.
func (c counts) top(n int) []string {
	keys := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
	var rows []string
	for _, key := range keys[:min(n, len(keys))] {
		rows = append(rows, fmt.Sprintf("%s|%d", key, c[key]))
	}
	return rows
}

// countWords counts the words of files for which key says what they count for;
// an empty key is not counted.
func countWords(files map[string]string, key func(path, word string) string) counts {
	c := counts{}
	for path, text := range files {
		for _, w := range wordsIn(text) {
			if k := key(path, w); k != "" {
				c[k]++
			}
		}
	}
	return c
}
