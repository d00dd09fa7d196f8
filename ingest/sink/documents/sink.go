// Package documents makes readings rows of the embedded document collection.
package documents

import (
	"context"

	"gridgate/ingest"
	"gridgate/tables/documents"
)

// Sink writes to an embedded collection. It is safe for concurrent use.
type Sink struct{ store *documents.Store }

var _ ingest.Sink = (*Sink)(nil)

// New makes a sink of a collection, which stays the caller's.
func New(store *documents.Store) *Sink { return &Sink{store} }

// Write inserts all readings: each is a document, also one without a station or
// a time. One that is there already changes nothing. The error is ctx's.
func (s *Sink) Write(ctx context.Context, batch []ingest.Reading) (ingest.Written, error) {
	if err := ctx.Err(); err != nil {
		return ingest.Written{}, err
	}
	docs := make([]documents.Document, len(batch))
	for i := range batch {
		r := &batch[i]
		docs[i] = documents.Document{
			ID: r.ID, Station: r.Station, TS: r.TS, Kind: r.Kind, Value: r.Value, HasValue: r.HasValue, Unit: r.Unit,
			IngestedAt: r.IngestedAt, Doc: r.Doc,
		}
	}
	inserted, evicted := s.store.Insert(docs)
	return ingest.Written{Duplicates: len(docs) - inserted, Evicted: evicted}, nil
}
