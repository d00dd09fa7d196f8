package documents

// A queue holds documents in the order they came in. Its memory follows its
// length: a chunk is freed when it has been read.
type queue struct {
	chunks [][]*Document // each but the last is full
	read   int           // of the first chunk
}

const chunkLength = 1024

func (q *queue) push(d *Document) {
	if n := len(q.chunks); n == 0 || len(q.chunks[n-1]) == chunkLength {
		q.chunks = append(q.chunks, make([]*Document, 0, chunkLength))
	}
	last := len(q.chunks) - 1
	q.chunks[last] = append(q.chunks[last], d)
}

// pop takes the first document; there must be one.
func (q *queue) pop() *Document {
	first := q.chunks[0]
	d := first[q.read]
	first[q.read] = nil
	q.read++
	if q.read == len(first) {
		q.chunks[0] = nil
		q.chunks, q.read = q.chunks[1:], 0
	}
	return d
}
