package anchor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hours runs a schedule of an hour, retried after ten minutes, and gives what it did.
type hours struct {
	*Schedule
	began time.Time

	mu     sync.Mutex
	rounds []time.Duration // when each began
	err    error           // of each
	takes  time.Duration
}

func runHours(t *testing.T) *hours {
	h := &hours{began: time.Now()}
	h.Schedule = NewSchedule(time.Hour, 10*time.Minute, func(ctx context.Context) error {
		h.mu.Lock()
		h.rounds = append(h.rounds, time.Since(h.began))
		takes := h.takes
		h.mu.Unlock()
		h.Appended(Op)
		select {
		case <-time.After(takes):
		case <-ctx.Done():
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.err
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return h
}

// will has rounds take so long and end so from now on.
func (h *hours) will(take time.Duration, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.takes, h.err = take, err
}

// until lets the clock of the test run on.
func (h *hours) until(d time.Duration) {
	<-time.After(d - time.Since(h.began))
	synctest.Wait()
}

func (h *hours) want(t *testing.T, want ...time.Duration) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.rounds, want) {
		t.Errorf("rounds began at %v, not %v", h.rounds, want)
	}
}

// The first round is at the start; then only what was written makes rounds, and their own entries don't.
func TestSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := runHours(t)
		h.want(t, 0)
		h.until(5*time.Hour + time.Minute)
		h.want(t, 0)
		h.Appended("view.start")
		h.Appended("view.end")
		if !h.Pending() {
			t.Error("nothing waits")
		}
		h.until(24 * time.Hour)
		h.want(t, 0, 6*time.Hour)
		if h.Pending() {
			t.Error("something waits")
		}
	})
}

// An entry that comes during a round waits for the next.
func TestScheduleDuringRound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := runHours(t)
		h.will(time.Minute, nil)
		h.Appended("collect")
		h.until(time.Hour + 30*time.Second)
		h.Appended("collect")
		h.until(24 * time.Hour)
		h.want(t, 0, time.Hour, 2*time.Hour)
	})
}

// What failed is tried again, sooner.
func TestScheduleRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := runHours(t)
		h.will(0, errDisk)
		h.Appended("collect")
		h.until(75 * time.Minute)
		h.will(0, nil)
		h.until(24 * time.Hour)
		h.want(t, 0, time.Hour, 70*time.Minute, 80*time.Minute)
	})
}

// A request has a round at once, after one that is running; requests that wait share one.
func TestScheduleRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := runHours(t)
		h.will(time.Minute, nil)
		h.until(10 * time.Minute)
		results := make(chan error, 3)
		go func() { results <- h.Request(t.Context()) }()
		synctest.Wait()
		h.until(10*time.Minute + 30*time.Second) // a round is running, which may have missed what came now
		h.will(time.Minute, errDisk)
		for range 2 {
			go func() { results <- h.Request(t.Context()) }()
		}
		h.until(10*time.Minute + 59*time.Second)
		h.want(t, 0, 10*time.Minute)
		h.until(12*time.Minute + time.Second)
		h.want(t, 0, 10*time.Minute, 11*time.Minute)
		for range 3 {
			if err := <-results; !errors.Is(err, errDisk) {
				t.Errorf("a request got %v", err)
			}
		}
	})
}

func TestScheduleStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSchedule(time.Hour, time.Minute, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := s.Request(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who went got %v", err)
		}
		waiting := make(chan error)
		go func() { waiting <- s.Request(t.Context()) }()
		synctest.Wait()
		cancel()
		if err := <-waiting; !errors.Is(err, ErrStopped) {
			t.Errorf("who waited got %v", err)
		}
		if err := s.Request(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("who came later got %v", err)
		}
	})
}
