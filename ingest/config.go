package ingest

import (
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// Config of an Ingest.
type Config struct {
	Brokers []string
	Topic   string
	// DeadLetterTopic gets what can't be used; it is made with one partition
	// when it is not there.
	DeadLetterTopic string
	Stores          []Store
	Decoder         Decoder
	Log             zerolog.Logger

	// The following may be zero.
	BatchRecords int // records in one Sink.Write; 1000
	BatchBytes   int // bytes of records after which a batch is written; 4 MiB
	Now          func() time.Time

	stuckTime time.Duration // without a record although there are some; 30 s
}

// Store is one store that is fed.
type Store struct {
	Name  string // documents, latest ...
	Group string // its consumer group
	Sink  Sink
	// Volatile says that the store is empty when the process starts. It then
	// reads everything that Kafka has, in a group of this process alone: behind
	// the offsets of an earlier process, or beside another gateway in one
	// group, it would hold a part and call it the whole.
	Volatile bool
}

// The times of an Ingest.
const (
	fetchWait      = 250 * time.Millisecond // how long Kafka may wait for a record
	callTime       = 10 * time.Second       // for one answer of Kafka's
	lookTime       = 2 * time.Second        // for one that only the status needs
	sessionTimeout = 10 * time.Second       // after which Kafka takes a silent member's partitions away
	leaveTime      = 700 * time.Millisecond // for leaving groups when ending; then connections are cut
)

// check fills in what is zero, or says what is missing.
func (c *Config) check() error {
	var errs []error
	missing := func(what string, is bool) {
		if is {
			errs = append(errs, errors.New(what))
		}
	}
	missing("no brokers", len(c.Brokers) == 0)
	missing("no topic", c.Topic == "")
	missing("no dead-letter topic", c.DeadLetterTopic == "")
	missing("the dead-letter topic is the topic itself", c.DeadLetterTopic == c.Topic && c.Topic != "")
	missing("no decoder", c.Decoder == nil)
	missing("no stores", len(c.Stores) == 0)
	seen := map[string]bool{}
	for _, s := range c.Stores {
		missing(fmt.Sprintf("store %q has no name, group or sink", s.Name), s.Name == "" || s.Group == "" || s.Sink == nil)
		missing(fmt.Sprintf("the name or group of store %q is there twice", s.Name), seen[s.Name] || seen["group "+s.Group])
		seen[s.Name], seen["group "+s.Group] = true, true
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("configuring the ingest: %w", err)
	}
	if c.BatchRecords <= 0 {
		c.BatchRecords = 1000
	}
	if c.BatchBytes <= 0 {
		c.BatchBytes = 4 << 20
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.stuckTime <= 0 {
		c.stuckTime = 30 * time.Second
	}
	return nil
}
