package anchor

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Op is the operation of the entries that say what outside parties gave.
const Op = "anchor"

// ErrStopped is returned for a round that will not be.
var ErrStopped = errors.New("anchoring has stopped")

// Schedule says when the next round is: one at the start, which finds out whether the diary went back;
// then whenever something was written and an interval has passed since the last one; and on request. It
// goes by the clock that nobody sets, so that setting the other one neither delays nor hastens a round.
type Schedule struct {
	every, retry time.Duration
	round        func(context.Context) error

	wake    chan struct{} // holds one; something is in waiting
	stopped chan struct{} // closed when Run has returned

	mu      sync.Mutex
	pending bool         // something but anchor entries was written since the last round began, or it failed
	waiting []chan error // of Request, for the end of the next round
}

// NewSchedule has round called every so often, and after a round that failed again after retry. round
// ends when its context does; rounds never overlap.
func NewSchedule(every, retry time.Duration, round func(context.Context) error) *Schedule {
	return &Schedule{
		every: every, retry: min(retry, every), round: round,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}), pending: true,
	}
}

// Appended tells of an entry that is durable. It never waits. An [Op] entry makes no round: else each
// round would make the next one.
func (s *Schedule) Appended(op string) {
	if op == Op {
		return
	}
	s.mark()
}

func (s *Schedule) mark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = true
}

// Pending tells whether something but anchor entries waits for the next round, see [State].
func (s *Schedule) Pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending
}

// Request has a round begin as soon as none runs, and returns what came of it: all that was durable
// before the call was asked about.
func (s *Schedule) Request(ctx context.Context) error {
	done := make(chan error, 1)
	s.mu.Lock()
	s.waiting = append(s.waiting, done)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return ErrStopped
	}
}

// Run is to be called once. It returns when ctx ends.
func (s *Schedule) Run(ctx context.Context) {
	defer close(s.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		if ctx.Err() != nil {
			return
		}
		waiting, due := s.take()
		if !due {
			timer.Reset(s.every)
			continue
		}
		began := time.Now()
		err := s.round(ctx)
		for _, w := range waiting {
			w <- err
		}
		next := s.every
		if err != nil {
			next = s.retry
			s.mark()
		}
		timer.Reset(max(0, next-time.Since(began)))
	}
}

// take empties what is to be done.
func (s *Schedule) take() (waiting []chan error, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, due = s.waiting, s.pending || len(s.waiting) > 0
	s.waiting, s.pending = nil, false
	return waiting, due
}
