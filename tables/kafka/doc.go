// Package kafka is the table dead_letters: the newest records that the ingest
// could not use, as they stand in the dead-letter topic. It also says what a
// dead letter looks like there, for the ingest, which writes them.
package kafka
