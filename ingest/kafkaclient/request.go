package kafkaclient

import (
	"errors"
	"iter"

	"github.com/segmentio/kafka-go"
)

// requestBytes is how large a request of several records is: less than any Kafka
// takes by default.
const requestBytes = 900 << 10

// Requests splits records into parts that go in one request each: of at most n
// records, and few enough bytes. A record that is larger is alone.
func Requests[T any](records []T, n int, size func(*T) int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(records) > 0 {
			k := 1
			for bytes := size(&records[0]); k < min(n, len(records)) && bytes+size(&records[k]) <= requestBytes; k++ {
				bytes += size(&records[k])
			}
			if !yield(records[:k:k]) {
				return
			}
			records = records[k:]
		}
	}
}

// TooLarge reports whether one of the records that an error is about was too
// large, for Kafka or for the writer.
func TooLarge(err error) bool {
	var several kafka.WriteErrors
	if errors.As(err, &several) {
		for _, e := range several {
			if TooLarge(e) {
				return true
			}
		}
	}
	var large kafka.MessageTooLargeError
	return errors.As(err, &large) || errors.Is(err, kafka.MessageSizeTooLarge)
}
