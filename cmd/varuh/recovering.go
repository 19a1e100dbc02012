package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// personKeys are the private reading keys as the register of persons sees them: those in memory, or, while the recovery key
// is used, those that it opened. Nobody else has these before the use is entered.
type personKeys struct {
	*accesslog.Keys
	opened atomic.Pointer[accesslog.Keys] // nil: nobody uses the recovery key
}

func (k *personKeys) now() *accesslog.Keys {
	if opened := k.opened.Load(); opened != nil {
		return opened
	}
	return k.Keys
}

// Key implements people.Keys.
func (k *personKeys) Key(w people.Which) (string, bool) { return k.now().Key(w) }

// Seal implements people.Keys.
func (k *personKeys) Seal(w people.Which, wrapKey [32]byte, person string) ([]byte, error) {
	return k.now().Seal(w, wrapKey, person)
}

// readingSecrets are private reading keys on their way through the socket, which is for root and the account of the program
// alone. The recovery key itself does not go there.
type readingSecrets map[people.Which][]byte

// Format prints no secret.
func (readingSecrets) Format(s fmt.State, _ rune) { fmt.Fprint(s, "reading keys (secret)") }

// secrets are the keys as bytes.
func (k readingKeys) secrets() readingSecrets {
	s := readingSecrets{}
	for w, one := range k {
		b := one.Bytes()
		s[w] = b[:]
	}
	return s
}

// errNotInUse is returned for keys that open nothing here.
var errNotInUse = errors.New("these private reading keys are not those in use")

// keys are those in use, both.
func (s readingSecrets) keys(inUse func(people.Which) keyring.KeyID) (readingKeys, error) {
	k := readingKeys{}
	for _, w := range whiches {
		one, err := keyring.ParsePrivate(s[w])
		if err != nil || one.Public().ID() != inUse(w) {
			return nil, errors.Join(errNotInUse, err)
		}
		k[w] = one
	}
	return k, nil
}

// recoverWith enters that the recovery key was used, with what it makes of persons, and does something with the keys that it
// opened before anybody else has them. An error leaves all as it was, but for the entry.
func (o *office) recoverWith(ctx context.Context, keys readingKeys, use people.Recovery, do func(*people.Register) error) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	o.recovering.Lock()
	defer o.recovering.Unlock()
	opened := accesslog.NewKeys(o.keyOptions)
	for w, k := range keys {
		opened.Take(w, keyring.Identity{k})
	}
	o.held.opened.Store(opened)
	defer o.held.opened.Store(nil)
	err = r.Recover(ctx, use)
	o.noteUse(nil) // it is looked up anew, since an error may come before the entry or after it
	if err != nil {
		return err
	}
	return do(r)
}
