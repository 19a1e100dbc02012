package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// The private reading keys lie on the disk in one form alone that is not a person's wrap: sealed to the recovery key of the
// envelope, which opens all that they open anyway. Whoever has the words gives them to persons again by it. While keys are
// replaced the file has the old ones and the new, the new before anything is sealed to them.

// readingKeys are private reading keys, by use.
type readingKeys map[people.Which]keyring.PrivateKey

// newReadingKeys draws both.
func newReadingKeys() (readingKeys, error) {
	k := readingKeys{}
	for _, w := range whiches {
		one, err := keyring.GenerateKey()
		if err != nil {
			return nil, err
		}
		k[w] = one
	}
	return k, nil
}

// sealedKeys is the file reading.json in the folder of keys.
type sealedKeys struct {
	Version int         `json:"version"`
	Keys    []sealedKey `json:"keys"`
}

type sealedKey struct {
	Use people.Which  `json:"use"`
	ID  keyring.KeyID `json:"id"`  // of the key that is sealed
	To  keyring.KeyID `json:"to"`  // the recovery key that opens it
	Box []byte        `json:"box"` // HPKE; see bound
}

// bound is what a box is for.
func (k sealedKey) bound() []byte {
	return keyring.Info([]byte("varuh/1 reading"), []byte(k.Use), k.ID[:])
}

const sealedVersion = 1

func sealedFile(state string) string { return filepath.Join(state, "keys", "reading.json") }

// readSealed reads what is sealed: nothing where nothing was.
func readSealed(state string) (s sealedKeys, err error) {
	err = readJSON(sealedFile(state), &s)
	if errors.Is(err, fs.ErrNotExist) {
		return sealedKeys{Version: sealedVersion}, nil
	}
	if err == nil && s.Version != sealedVersion {
		err = fmt.Errorf("%s is of version %d, which this varuh does not know: update varuh", sealedFile(state), s.Version)
	}
	return s, err
}

// with is s and further keys, sealed to a recovery key, in the place of those that are the same.
func (s sealedKeys) with(keys readingKeys, recovery keyring.PublicKey) (sealedKeys, error) {
	list := slices.Clone(s.Keys)
	for _, w := range whiches {
		k, ok := keys[w]
		if !ok {
			continue
		}
		one := sealedKey{Use: w, ID: k.Public().ID(), To: recovery.ID()}
		secret := k.Bytes()
		box, err := recovery.Seal(one.bound(), secret[:])
		clear(secret[:])
		if err != nil {
			return s, fmt.Errorf("couldn't seal a private reading key to the recovery key: %w", err)
		}
		one.Box = box
		list = append(slices.DeleteFunc(list, func(x sealedKey) bool { return x.ID == one.ID && x.To == one.To }), one)
	}
	return sealedKeys{sealedVersion, list}, nil
}

// only is s without the keys that nothing is sealed to any more.
func (s sealedKeys) only(worth func(people.Which) []keyring.KeyID) sealedKeys {
	list := slices.DeleteFunc(slices.Clone(s.Keys), func(k sealedKey) bool { return !slices.Contains(worth(k.Use), k.ID) })
	return sealedKeys{sealedVersion, list}
}

// sealKeys adds keys to the file, durably.
func sealKeys(state string, keys readingKeys, recovery keyring.PublicKey) error {
	s, err := readSealed(state)
	if err == nil {
		s, err = s.with(keys, recovery)
	}
	if err != nil {
		return err
	}
	return writeJSON(sealedFile(state), s)
}

// unseal opens the keys in use with the words of the envelope. The error says what to do where they are not there.
func (s *site) unseal(recovery keyring.PrivateKey) (readingKeys, error) {
	keys, err := s.sealedTo(recovery)
	if err == nil && len(keys) < len(whiches) {
		err = errors.New("with these words no private reading keys can be had here: they are not those of the envelope in use, or the keys were never kept for it. " +
			"With the right words stop varuh and make new keys (varuh keys rotate), which can be given to persons")
	}
	return keys, err
}

// sealedTo are those of the keys in use that are sealed to a recovery key.
func (s *site) sealedTo(recovery keyring.PrivateKey) (readingKeys, error) {
	sealed, err := readSealed(s.cfg.State)
	if err != nil {
		return nil, err
	}
	keys := readingKeys{}
	for _, one := range sealed.Keys {
		if one.To != recovery.Public().ID() || s.inUse(one.Use) != one.ID {
			continue
		}
		if keys[one.Use], err = one.open(recovery); err != nil {
			return nil, fmt.Errorf("%s is damaged: %w", sealedFile(s.cfg.State), err)
		}
	}
	return keys, nil
}

// open opens the box.
func (k sealedKey) open(recovery keyring.PrivateKey) (none keyring.PrivateKey, err error) {
	secret, err := recovery.Open(k.bound(), k.Box)
	if err != nil {
		return none, fmt.Errorf("a private key in it does not open: %w", err)
	}
	defer clear(secret)
	one, err := keyring.ParsePrivate(secret)
	if err == nil && one.Public().ID() != k.ID {
		err = errors.New("a private key in it is another one")
	}
	return one, err
}

// worth are the keys that are worth wrapping: those in use, and while keys are replaced the old ones and the new, too.
func (s *site) worth(w people.Which) (list []keyring.KeyID) {
	public, err := keyring.ReadPublic(durable.OS, s.readingFile(w))
	if err == nil {
		for _, e := range public.Keys {
			if e.Use == keyring.Reading {
				list = append(list, e.ID)
			}
		}
	}
	if k, ok := s.nextKeys()[w]; ok {
		list = append(list, k.Public().ID())
	}
	return list
}

// readingFile has the public keys that footage or diary is sealed to.
func (s *site) readingFile(w people.Which) string {
	if w == people.DiaryKey {
		return diaryPublicFile(s.cfg.State)
	}
	return publicFile(s.cfg.State)
}
