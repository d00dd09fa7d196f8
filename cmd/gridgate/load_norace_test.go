//go:build !race

package main

// loadEvents is how many events TestLoad sends.
const loadEvents = 100_000
