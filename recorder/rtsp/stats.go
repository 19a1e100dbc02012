package rtsp

import (
	"sync/atomic"
	"time"
)

// Stats counts what happens in the sessions that it is given to, one after the other. Any goroutine
// may read it while they run.
type Stats struct {
	Packets  atomic.Uint64 // RTP packets of the streams taken
	Bytes    atomic.Uint64 // bytes of those packets, headers included
	Lost     atomic.Uint64 // packets that the sequence numbers say never came
	Garbage  atomic.Uint64 // packets or parts of them that could not be understood and were left out
	Units    atomic.Uint64 // access units handed to the sink
	Skipped  atomic.Uint64 // access units left out because no key frame came before them
	Runs     atomic.Uint64 // times the sink was told to begin
	Buffer   atomic.Int64  // UDP: bytes of receive buffer the kernel gave; 0 over TCP
	overUDP  atomic.Bool
	offset   atomic.Int64 // camera's clock minus ours, ns
	reported atomic.Bool  // offset is known
}

// ClockOffset is the camera's clock minus the recorder's, as its last sender report
// (RFC 3550 section 6.4.1) gave it; false if none came or the camera does not know the time.
// It leaves out the time the report travelled and waited, at most about 0.1 s.
func (s *Stats) ClockOffset() (time.Duration, bool) {
	return time.Duration(s.offset.Load()), s.reported.Load()
}

// Transport is how the last session's packets travel.
func (s *Stats) Transport() Transport {
	if s.overUDP.Load() {
		return UDP
	}
	return TCP
}
