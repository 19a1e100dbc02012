package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// rotateLocked rotates where no private key is on the machine: the recovery words open the old
// slots. The new private reading keys go to --key. Without that they lie in memory until the end
// and are then destroyed, so that only the new words open footage and diary.
func (c keysRotateCmd) rotateLocked(ctx context.Context, s *site, ro keyring.Rotation, term terminal) (err error) {
	if c.Key == "" && s.cfg.Unlock == configs.UnlockAuto {
		return errors.New("name a file for the new private reading key with --key FILE; afterwards make the credentials from it and from " +
			"FILE-diary with systemd-creds encrypt and remove both files")
	}
	if ro.Old, err = presentWords(s, term); err != nil {
		return err
	}
	if ro.KeyFile = c.Key; c.Key != "" {
		if err := keyring.CheckPlace(durable.OS, c.Key, s.dirs()...); err != nil {
			return err
		}
	}
	if s.public.Rotating() {
		return c.resume(ctx, s, ro, term)
	}
	if c.Key != "" {
		return c.anew(ctx, s, ro, term)
	}
	return inMemoryFolder("rotation", func(dir string) error {
		ro.KeyFile = filepath.Join(dir, "key")
		return c.anew(ctx, s, ro, term)
	})
}

// presentWords asks for the words that open what is sealed now.
func presentWords(s *site, term terminal) (keyring.Identity, error) {
	old, err := askWords(term, "The present recovery words are needed to open what the old keys seal.")
	if err != nil {
		return nil, err
	}
	if err := s.knows(old); err != nil {
		return nil, err
	}
	behind, _, _, err := s.diaryBehind()
	if err != nil || !behind || s.public.Rotating() {
		return keyring.Identity{old}, err
	}
	before, err := askWords(term, "The last rotation could not replace the keys of the diary: the words of the envelope before that, which still open it, are needed too.")
	if err != nil {
		return nil, err
	}
	return keyring.Identity{old, before}, s.knowsDiary(before)
}

// anew begins a rotation and ends it.
func (c keysRotateCmd) anew(ctx context.Context, s *site, ro keyring.Rotation, term terminal) error {
	recovery, err := c.newEnvelope(term)
	if err != nil {
		return err
	}
	if err := begin(ctx, ro, recovery); err != nil {
		return err
	}
	return s.finish(ctx, ro, c.keyChange, term)
}

// resume ends a rotation that was interrupted. Where the new private reading key went with the memory that it
// lay in, that of the new envelope, which is on paper, does instead.
func (c keysRotateCmd) resume(ctx context.Context, s *site, ro keyring.Rotation, term terminal) error {
	next, err := askWords(term, "A rotation was begun and is not finished. The words of the NEW envelope are needed too.")
	if err != nil {
		return err
	}
	if next.Public() != current(s.public, keyring.Recovery) {
		return errors.New("these are not the words of the new envelope: give those of the old one first, then the new")
	}
	ro.Old = append(ro.Old, next)
	if holdsCurrent(ro.KeyFile, s.public) {
		return s.finish(ctx, ro, c.keyChange, term)
	}
	err = inMemoryFolder("rotation", func(dir string) error {
		ro.KeyFile = filepath.Join(dir, "key")
		for _, name := range []string{ro.KeyFile, diaryKeyFile(ro.KeyFile)} {
			if err := keyring.WriteKeyFile(durable.OS, name, next); err != nil {
				return err
			}
		}
		return s.finish(ctx, ro, c.keyChange, term)
	})
	if err == nil && c.Key != "" {
		err = fmt.Errorf("the new private reading key was lost when the rotation was interrupted, so nothing was written to %s: "+
			"run varuh keys rotate with --key once more", c.Key)
	}
	return err
}

// holdsCurrent tells whether a key file, or the one that is to replace it, has a private key that is in force.
func holdsCurrent(name string, public keyring.Public) bool {
	if name == "" {
		return false
	}
	keys, err := keyring.ReadIdentity(durable.OS, name)
	return err == nil && slices.ContainsFunc(keys, func(k keyring.PrivateKey) bool { return slices.Contains(public.Current(), k.Public()) })
}
