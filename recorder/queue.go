package recorder

import (
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/internal/spare"
	"varuh/recorder/segment"
)

// What one stream's queue takes while its disk stalls. At 4 Mbit/s, 8 MiB are 16 seconds.
const (
	queueBytes = 8 << 20
	queueItems = 1024

	// patience is what the queues of all streams may take beyond that while their writers read back what
	// a crash left: the disk is busy for all of them, one after the other.
	patience = 384 << 20
)

// item is one thing that the writer of a stream is told.
type item struct {
	run    *run           // the run that data belongs to; nil: recording ended, see cause and at
	record segment.Record // describes data
	data   []byte
	line   *session // that sent it; once abandoned, nothing of it is taken any more
	cause  string   // why recording ended
	at     time.Time
	queued time.Time // when data was
}

// queue carries fragments from a camera's line to its writer, so that a disk that stalls does not stop
// the line. It is bounded; what it cannot take is refused, and the sender decides.
type queue struct {
	mu     sync.Mutex
	items  []item
	bytes  int
	closed bool
	pool   *atomic.Int64 // what is left of the patience of all streams
	eager  bool          // the writer is at work, and there is no need for patience
	over   int64         // bytes taken from pool
	wake   chan struct{} // holds a token while there may be something to take
}

// newQueue makes a queue whose writer is not at work yet.
func newQueue(pool *atomic.Int64) *queue { return &queue{pool: pool, wake: make(chan struct{}, 1)} }

// put appends a copy of the item and reports whether there was room. An item without data always finds
// room. Whoever takes the item returns its data to package spare.
func (q *queue) put(it item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if it.line != nil && it.line.abandoned {
		return true // and gone: the stream is the line's that came after it
	}
	if q.closed || len(it.data) > 0 && !q.room(len(it.data)) {
		return false
	}
	if len(it.data) > 0 {
		it.data, it.queued = append(spare.Borrow(len(it.data)), it.data...), time.Now()
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
	if over := min(q.over, int64(max(0, q.bytes-queueBytes))); over < q.over {
		q.pool.Add(q.over - over)
		q.over = over
	}
	return it, true
}

// room makes sure that n more bytes fit. Patience ends only when the writer is at work and what waited for it
// is written: until then a fragment more is no reason to lose it.
func (q *queue) room(n int) bool {
	strict := q.eager && q.over == 0
	if strict && len(q.items) >= queueItems {
		return false
	}
	more := int64(max(0, q.bytes+n-queueBytes)) - q.over
	if more <= 0 {
		return true
	}
	if strict {
		return false
	}
	if q.pool.Add(-more) < 0 {
		q.pool.Add(more)
		return false
	}
	q.over += more
	return true
}

// begin tells that the writer is at work.
func (q *queue) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.eager = true
}

// abandon makes sure that nothing more of a line is taken.
func (q *queue) abandon(line *session) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line.abandoned = true
}

// isAbandoned tells a line whether it was given up.
func (q *queue) isAbandoned(line *session) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return line.abandoned
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
