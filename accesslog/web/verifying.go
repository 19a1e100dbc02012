package web

import (
	"context"
	"sync"
)

// Verified is what came of looking the diary through.
type Verified struct {
	Entries int64  `json:"entries"`
	Bad     bool   `json:"bad"`              // something is wrong
	Closed  string `json:"closed,omitempty"` // why the entries were not opened, in English
	Fault   *Line  `json:"fault,omitempty"`  // why the diary is not to be trusted
	Found   []Line `json:"found"`            // what is wrong
}

// Verifying is how far it is with looking the diary through.
type Verifying struct {
	Running bool      `json:"running"`
	Began   moment    `json:"began,omitzero"` // none: not since the start
	Done    int64     `json:"done"`           // entries that were looked at
	Of      int64     `json:"of"`             // entries that there were when it began
	Ended   moment    `json:"ended,omitzero"`
	Failed  bool      `json:"failed"` // it came to no end
	Came    *Verified `json:"came,omitempty"`
}

// lookings is the last look through the diary. It goes on when whoever asked for it has gone: he finds it when he comes back.
type lookings struct {
	mu    sync.Mutex
	state Verifying // guarded by mu
	last  *oneLook  // nil: nobody has looked; guarded by mu
}

// oneLook is what one look came to, once ended is closed.
type oneLook struct {
	ended chan struct{}
	came  Verified
	err   error
}

// verifyDiary looks the diary through, or waits for the end of a look that somebody else has begun.
func (s *Site) verifyDiary(c *call) (Verified, error) {
	look := s.look()
	select {
	case <-look.ended:
		return look.came, look.err
	case <-c.Context().Done():
		return Verified{}, c.Context().Err()
	}
}

// howFar tells how far it is.
func (s *Site) howFar(*call) (Verifying, error) {
	s.looks.mu.Lock()
	defer s.looks.mu.Unlock()
	return s.looks.state, nil
}

// look begins to look the diary through, unless somebody does.
func (s *Site) look() *oneLook {
	l := &s.looks
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Running {
		return l.last
	}
	l.state, l.last = Verifying{Running: true, Began: moment{s.o.Now()}, Of: s.o.Diary.Head().Size}, &oneLook{ended: make(chan struct{})}
	go s.looksThrough(s.streams, l.last)
	return l.last
}

// looksThrough ends with what it came to, whatever happens: nobody else recovers what panics in here, and the recorder
// would end with it.
func (s *Site) looksThrough(ctx context.Context, look *oneLook) {
	defer s.looked(look)
	defer func() {
		if why := recover(); why != nil {
			s.o.Log.Error("looking the diary through panicked", "panic", why, "stack", stack())
			look.err = errUnknown
		}
	}()
	if look.err = s.aloneIn(ctx, s.verifying); look.err != nil {
		return
	}
	defer func() { <-s.verifying }()
	look.came, look.err = s.o.Verify(ctx, func(entries int64) {
		s.looks.mu.Lock()
		defer s.looks.mu.Unlock()
		s.looks.state.Done += entries
	})
}

// looked tells what a look came to.
func (s *Site) looked(look *oneLook) {
	defer close(look.ended)
	l := &s.looks
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Running, l.state.Ended, l.state.Failed = false, moment{s.o.Now()}, look.err != nil
	if look.err == nil {
		l.state.Came = &look.came
	}
}
