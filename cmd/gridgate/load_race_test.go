//go:build race

package main

// loadEvents is how many events TestLoad sends; with the race detector, fewer.
const loadEvents = 10_000
