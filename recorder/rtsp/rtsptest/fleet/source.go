package fleet

import (
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Pacing says when the packets of a picture leave.
type Pacing string

const (
	Link  Pacing = "link"  // one write a packet, spaced as on a link of 100 Mbit/s
	Frame Pacing = "frame" // one write a picture
)

// Counters are what a source did since it began.
type Counters struct {
	Playing int              `json:"playing"` // readers now
	Cut     int64            `json:"cut"`     // readers cut off, since they were 8 MiB behind
	Stalls  int64            `json:"stalls"`  // writes the kernel did not take whole
	Steps   int64            `json:"steps"`   // writes that were due
	Late    int64            `json:"late"`    // of those, begun more than 5 ms after they were due
	Sent    map[string]int64 `json:"sent"`    // bytes taken by the kernel for each path
}

// Source is a running fleet.
type Source struct {
	clip     *Clip
	pacing   Pacing
	listener net.Listener
	began    time.Time
	joining  chan *reader
	closed   chan struct{}
	running  sync.WaitGroup

	playing                  atomic.Int64
	cut, stalls, steps, late atomic.Int64

	mu    sync.Mutex
	sent  map[string]*atomic.Int64 // by path
	conns map[net.Conn]struct{}
}

// Serve plays clip to everyone who connects to the listener, until Close.
func Serve(listener net.Listener, clip *Clip, pacing Pacing) *Source {
	s := &Source{
		clip: clip, pacing: pacing, listener: listener, began: time.Now(),
		joining: make(chan *reader), closed: make(chan struct{}),
		sent: map[string]*atomic.Int64{}, conns: map[net.Conn]struct{}{},
	}
	s.running.Go(s.send)
	s.running.Go(s.accept)
	return s
}

func (s *Source) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // Close closed it
		}
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() {
			s.serve(c)
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// Close cuts every reader off and waits for the source's goroutines.
func (s *Source) Close() {
	close(s.closed)
	s.listener.Close()
	s.mu.Lock()
	for c := range maps.Keys(s.conns) {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Counters are the figures now.
func (s *Source) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Counters{
		Playing: int(s.playing.Load()), Cut: s.cut.Load(), Stalls: s.stalls.Load(),
		Steps: s.steps.Load(), Late: s.late.Load(), Sent: map[string]int64{},
	}
	for path, n := range s.sent {
		c.Sent[path] = n.Load()
	}
	return c
}

// counter is where the bytes sent for a path are counted.
func (s *Source) counter(path string) *atomic.Int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent[path] == nil {
		s.sent[path] = new(atomic.Int64)
	}
	return s.sent[path]
}
