package main

import (
	"context"
	"errors"
	"time"

	"varuh/accesslog/collect"
)

// settleMost is how long an export waits until what was recorded last is sealed and in the diary.
const settleMost = time.Minute

// settling ends what is being written of a camera, for a package. It implements accesslog.Recording.
type settling struct{ d *Daemon }

// Settle has all that a camera recorded by now sealed and collected.
func (s settling) Settle(ctx context.Context, camera string, _ time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, settleMost)
	defer cancel()
	at, err := s.d.rec.Cut(ctx, camera)
	if err != nil {
		return err
	}
	return s.d.clerk.collected(ctx, camera, at)
}

// awaited is a camera whose footage somebody waits for to be in the diary.
type awaited struct {
	camera string
	before time.Time
	done   chan error // has room for the answer
}

// collected has the clerk collect what a camera recorded before a moment, before which nothing is being written any more.
func (c *clerk) collected(ctx context.Context, camera string, before time.Time) error {
	a := awaited{camera, before, make(chan error, 1)}
	c.mu.Lock()
	stopped := c.stopped
	c.awaited = append(c.awaited, a)
	c.mu.Unlock()
	if stopped {
		return errors.New("the program stops")
	}
	c.rouse()
	select {
	case err := <-a.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer collects what is waited for.
func (c *clerk) answer(ctx context.Context, collector *collect.Collector) {
	c.mu.Lock()
	list := c.awaited
	c.awaited = nil
	c.mu.Unlock()
	for _, a := range list {
		n, err := collector.Until(ctx, a.camera, a.before)
		if n > 0 {
			c.wrote(collect.Op)
		}
		a.done <- err
	}
}
