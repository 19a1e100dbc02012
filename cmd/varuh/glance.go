package main

import (
	"sync"
	"time"
)

// glance is something that the status reads from a disk, as last read where that does not answer: the status, and with it what
// feeds systemd's watchdog, waits for no disk.
type glance[T any] struct {
	mu      sync.Mutex
	reading chan struct{} // closed once it is read; nil: nobody reads it; guarded by mu
	got     T             // as it was last read; guarded by mu
}

// waitForGlance is how long the status waits for what is read from the disk for it.
const waitForGlance = time.Second

// look is what there is now, or was.
func (g *glance[T]) look(read func() T) T {
	g.mu.Lock()
	reading := g.reading
	if reading == nil {
		reading = make(chan struct{})
		g.reading = reading
		go func() {
			got := read()
			g.mu.Lock()
			defer g.mu.Unlock()
			g.got, g.reading = got, nil
			close(reading)
		}()
	}
	g.mu.Unlock()
	select {
	case <-reading:
	case <-time.After(waitForGlance):
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got
}
