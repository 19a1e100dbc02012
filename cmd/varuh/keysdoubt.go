package main

import (
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// doubtedKeys are the private reading keys as the register of persons sees them: while the diary went back and nobody has
// accepted that, no key is in use, so that no log-in opens any and none is wrapped. Who can log in may be as wrong then as the
// rest: a backup brings those back who were removed after it.
type doubtedKeys struct {
	people.Keys
	fault  func() *diary.Fault
	opened func() // is told that some were
}

// Key implements [people.Keys].
func (k doubtedKeys) Key(w people.Which) (id string, open bool) {
	if k.fault() != nil {
		return "", false
	}
	return k.Keys.Key(w)
}

// Unlock implements [people.Keys].
func (k doubtedKeys) Unlock(w people.Which, wrapKey [32]byte, person string, blob []byte) error {
	err := k.Keys.Unlock(w, wrapKey, person, blob)
	if err == nil {
		k.opened()
	}
	return err
}

// doubted says why no keys are opened while the diary is in doubt, and what to do first. nil: it is not.
func (o *office) doubted() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.diary == nil || o.diary.Fault() == nil {
		return nil
	}
	return fmt.Errorf("%w: %v; nothing is opened before that, by a log-in or by the envelope: stop varuh, then varuh diary accept (with --words, if nobody can log in who may)", diary.ErrFault, o.diary.Fault())
}
