package recorder

import (
	"sync"
	"time"

	"varuh/recorder/internal/spare"
	"varuh/recorder/segment"
)

// What one stream's queue takes while its disk stalls. At 4 Mbit/s, 8 MiB are 16 seconds.
const (
	queueBytes = 8 << 20
	queueItems = 1024
)

// item is one thing that the writer of a stream is told.
type item struct {
	run    *run           // the run that data belongs to; nil: recording ended, see cause and at
	record segment.Record // describes data
	data   []byte
	cause  string // why recording ended
	at     time.Time
}

// queue carries fragments from a camera's line to its writer, so that a disk that stalls does not stop
// the line. It is bounded; what it cannot take is refused, and the sender decides.
type queue struct {
	mu     sync.Mutex
	items  []item
	bytes  int
	closed bool
	wake   chan struct{} // holds a token while there may be something to take
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

// put appends a copy of the item and reports whether there was room. An item without data always finds
// room. Whoever takes the item returns its data to package spare.
func (q *queue) put(it item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(it.data) > 0 && (q.bytes+len(it.data) > queueBytes || len(q.items) >= queueItems) {
		return false
	}
	if len(it.data) > 0 {
		it.data = append(spare.Borrow(len(it.data)), it.data...)
	}
	q.items = append(q.items, it)
	q.bytes += len(it.data)
	q.signal()
	return true
}

// take removes the oldest item. It reports false when there is none now.
func (q *queue) take() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return item{}, false
	}
	it := q.items[0]
	q.items[0] = item{}
	if q.items = q.items[1:]; len(q.items) == 0 {
		q.items = nil
	}
	q.bytes -= len(it.data)
	return it, true
}

// close refuses further items; those inside can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// drained tells that nothing is inside and nothing will come.
func (q *queue) drained() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && len(q.items) == 0
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
