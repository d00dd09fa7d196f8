// Package ingest feeds the stores from Kafka.
//
// Every store has a consumer group of its own, so that one that is down or slow
// delays itself only. A consumer group's member gets partitions; each has a
// goroutine, which reads records, has them decoded to Readings, has the sink
// make them durable, and only then commits. So a record may come again, after a
// crash or when a partition moves; sinks write so that this changes nothing.
//
//	Kafka -> Record -> Decoder -> Reading -> Sink -> commit
//	                      |                   |
//	                      +--> dead letters <-+
//
// What can't be decoded, or not be held by a store on its own account, goes to
// the dead-letter topic, once per store that wanted it, before its offset is
// committed. A store that fails for another reason is tried again until it
// works: nothing is skipped because of an outage.
//
// The package knows no store. A Sink is in sink/..., a Decoder in decode, and
// what the status is shown as in tables/status; cmd wires them.
package ingest
