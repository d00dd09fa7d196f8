// Package services starts the real systems that tests talk to, on loopback and
// on free ports, and ends them with the test.
package services
