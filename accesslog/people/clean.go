package people

import (
	"bytes"
	"context"
	"fmt"
)

// A wrap that was taken away is gone from its table at once, but not yet from the disk: the database overwrites what is deleted, and its
// write-ahead log keeps the page as it was until something else is written there, which in a quiet school takes days. Whoever
// steals the box in that time and knows the password would open the wrap. So that log is emptied after every change that took
// one away, and if somebody who reads keeps it from that, at the next [Register.Sweep].

// lost tells whether a wrap of s is not in the state after it.
func (s *state) lost(after *state) bool {
	for id, p := range s.persons {
		for w, kept := range p.wraps {
			if now := after.persons[id]; now == nil || !bytes.Equal(now.wraps[w].blob, kept.blob) {
				return true
			}
		}
	}
	return false
}

// clean takes wraps that were taken away from the disk, if some may be there and nobody reads.
func (r *Register) clean(ctx context.Context) error {
	if !r.remains.Swap(false) {
		return nil
	}
	done, err := r.o.Diary.EmptyWAL(ctx)
	if !done {
		r.remains.Store(true)
	}
	if err != nil {
		return fmt.Errorf("a wrap that was taken away may still be on the disk: %w", err)
	}
	return nil
}
