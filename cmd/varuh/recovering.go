package main

import (
	"context"
	"errors"
	"fmt"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

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

// own has keys for one thing alone: nobody else is lent them, and no lock or idle time takes them from it.
func (o *office) own(keys readingKeys) *accesslog.Keys {
	with := o.keyOptions
	with.Idle = 0
	k := accesslog.NewKeys(with)
	for w, one := range keys {
		k.Take(w, keyring.Identity{one})
	}
	return k
}

// recoverWith enters that the recovery key was used, with what it makes of persons, and then does something with the keys that
// it opened. Nobody has them before that is entered; an error leaves all as it was, but for the entry.
func (o *office) recoverWith(ctx context.Context, keys readingKeys, use people.Recovery, do func(*people.Register) error) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	o.recovering.Lock()
	defer o.recovering.Unlock()
	use.Keys = o.own(keys)
	err = r.Recover(ctx, use)
	o.noteUse(nil) // it is looked up anew, since an error may come before the entry or after it
	if err != nil {
		return err
	}
	return do(r)
}
