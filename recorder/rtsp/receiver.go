package rtsp

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/cmaf"
)

// receiver puts units together from packets and hands them to the sink.
type receiver struct {
	sink  Sink
	stats *Stats
	seen  atomic.Int64 // when the last video packet arrived, ns after epoch

	mu    sync.Mutex // guards all below: over UDP each media has a goroutine of its own
	video inlet
	sound *sound // nil: none asked for or none there
	ended error  // why nothing more is handed on
	bug   any    // what panicked, with its trace; nil: nothing
}

// inlet takes the packets of one media.
type inlet interface {
	packet(p *packet, arrived time.Time) error
}

// take takes one packet. The error is the sink's, or why the session has ended.
func (r *receiver) take(in inlet, p *packet, size int, arrived time.Time) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil {
		return r.ended
	}
	defer func() {
		// This is a goroutine of gortsplib's, where a panic would end the program: Run panics in its place.
		if p := recover(); p != nil {
			r.bug, r.ended = fmt.Sprintf("%v\n%s", p, debug.Stack()), errEnded
			err = r.ended
		}
	}()
	r.stats.Packets.Add(1)
	r.stats.Bytes.Add(uint64(size))
	if in == r.video {
		r.seen.Store(int64(arrived.Sub(epoch)))
	}
	if err := in.packet(p, arrived); err != nil {
		r.ended = err
	}
	return r.ended
}

// end makes sure that the sink is not called any more.
func (r *receiver) end(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended == nil {
		r.ended = why
	}
}

// begin opens a run.
func (r *receiver) begin(video cmaf.Track) error {
	tracks := []cmaf.Track{video}
	if r.sound != nil {
		tracks = append(tracks, r.sound.track)
		r.sound.running = true
	}
	r.stats.Runs.Add(1)
	return r.sink.Begin(tracks)
}

// unit hands a unit on.
func (r *receiver) unit(u cmaf.Unit, arrived time.Time) error {
	r.stats.Units.Add(1)
	return r.sink.Unit(u, arrived)
}

// follow checks the packet's sequence number. It returns whether to take the packet, whether
// others are missing before it, and whether it has a new source.
func (r *receiver) follow(s *sequence, p *packet) (take, lost, fresh bool) {
	take, n, fresh := s.order(p)
	if n > 0 {
		r.stats.Lost.Add(uint64(n))
	}
	return take, n > 0, fresh
}
