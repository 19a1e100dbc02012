package recorder

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Status is the state of all streams and stores.
type Status struct {
	Streams []StreamStatus `json:"streams"` // by camera, main before sub
	Stores  []StoreStatus  `json:"stores"`
}

// StreamStatus is one line of the status: what a stream does now.
type StreamStatus struct {
	Camera       string        `json:"camera"`
	Stream       string        `json:"stream"`
	State        string        `json:"state"`    // connecting, recording, waiting, paused, full, stalled or stopped
	Sentence     string        `json:"sentence"` // what is wrong and what to do; empty when all is well
	Format       string        `json:"format"`
	Bitrate      float64       `json:"bitrate"`       // bit/s, smoothed over 10 s
	LastFragment time.Time     `json:"last_fragment"` // end of the last fragment stored
	Segments     uint64        `json:"segments"`      // begun since start
	Gaps         uint64        `json:"gaps"`          // ended since start
	Bytes        uint64        `json:"bytes"`         // written since start
	Losses       uint64        `json:"losses"`        // fragments with RTP loss since start
	Dropped      uint64        `json:"dropped"`       // fragments the full queue could not take
	Spoilt       uint64        `json:"spoilt"`        // access units too large or too strange to store
	Lost         uint64        `json:"lost"`          // RTP packets that never came
	Skipped      uint64        `json:"skipped"`       // access units before the first key frame
	Waited       time.Duration `json:"waited"`        // longest that a fragment waited until it was written, in ns since start
	Transport    string        `json:"transport"`
	ClockOffset  time.Duration `json:"clock_offset"` // camera's clock minus ours in ns; 0 if it does not tell
}

// StoreStatus is one line of the status: how a store does.
type StoreStatus struct {
	ID       keyring.ID `json:"id"`
	Dir      string     `json:"dir"`
	Free     uint64     `json:"free"`     // bytes
	Sentence string     `json:"sentence"` // what is wrong and what to do; empty when all is well
}

// Status is what every stream and store does now.
func (r *Recorder) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	var st Status
	for _, s := range r.streams {
		s.mu.Lock()
		now := s.status
		if s.unwritten[0] != "" && now.State == "recording" {
			now.State, now.Sentence = s.unwritten[0], s.unwritten[1]
		}
		now.Waited = s.waited()
		s.mu.Unlock()
		now.Lost, now.Skipped = s.stats.Lost.Load(), s.stats.Skipped.Load()
		now.Transport = string(s.stats.Transport())
		now.ClockOffset, _ = s.stats.ClockOffset()
		st.Streams = append(st.Streams, now)
	}
	slices.SortFunc(st.Streams, func(a, b StreamStatus) int {
		return cmp.Or(cmp.Compare(a.Camera, b.Camera), cmp.Compare(a.Stream, b.Stream))
	})
	for _, d := range r.disks {
		st.Stores = append(st.Stores, d.status())
	}
	return st
}

// opened counts a segment that began after that many gaps.
func (s *stream) opened(gaps int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Segments++
	s.status.Gaps += uint64(gaps)
}

// stored counts a fragment that was written.
func (s *stream) stored(rec segment.Record, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwritten = [2]string{}
	s.status.Bytes += uint64(n)
	s.status.LastFragment = later(s.status.LastFragment, rec.Start.Add(rec.Duration))
}

// takes tells that the writer has an item in hand. All that is still queued came later.
func (s *stream) takes(it item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inHand = it.queued
}

// took tells that the writer is done with it.
func (s *stream) took() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Waited, s.inHand = s.waited(), time.Time{}
}

// waited is the longest that a fragment waited until it was written, that which waits now included. The caller holds mu.
func (s *stream) waited() time.Duration {
	if s.inHand.IsZero() {
		return s.status.Waited
	}
	return max(s.status.Waited, time.Since(s.inHand))
}

// notWriting notes why what comes is not written.
func (s *stream) notWriting(state, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unwritten = [2]string{state, why}
}

func isUnknown(err error) bool { return errors.Is(err, footage.ErrUnknown) }
