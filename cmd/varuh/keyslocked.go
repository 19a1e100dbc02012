package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// rotateLocked rotates where no private key is at hand: the recovery words open the old slots. The new private reading keys
// go to --key. Without that they lie in memory until the end; whoever logged in for it gets them, and from then on the new
// words give them to others.
func (c keysRotateCmd) rotateLocked(ctx context.Context, n *renewal, term terminal) (err error) {
	s := n.site
	if c.Key == "" && s.cfg.Unlock == configs.UnlockAuto {
		return errors.New("name a file for the new private reading key with --key FILE; afterwards make the credentials from it and from " +
			"FILE-diary with systemd-creds encrypt and remove both files")
	}
	if n.ro.Old, err = presentWords(s, term); err != nil {
		return err
	}
	if err := c.place(n); err != nil {
		return err
	}
	if s.public.Rotating() {
		return c.resume(ctx, n, term)
	}
	if c.Key != "" {
		return c.anew(ctx, n, term)
	}
	return inMemoryFolder(rotationFolder, func(dir string) error {
		n.ro.KeyFile = filepath.Join(dir, "key")
		return c.anew(ctx, n, term)
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

// resume ends a rotation that was interrupted. The new private reading keys went with the memory that they lay in; the words
// of the new envelope, which is on paper, open what was kept of them, or else do instead.
func (c keysRotateCmd) resume(ctx context.Context, n *renewal, term terminal) error {
	next, err := askWords(term, "A rotation was begun and is not finished. The words of the NEW envelope are needed too.")
	if err != nil {
		return err
	}
	if next.Public() != current(n.site.public, keyring.Recovery) {
		return errors.New("these are not the words of the new envelope: give those of the old one first, then the new")
	}
	n.ro.Old = append(n.ro.Old, next)
	if holdsCurrent(n.ro.KeyFile, n.site.public) {
		return c.anew(ctx, n, term)
	}
	err = inMemoryFolder(rotationFolder, func(dir string) error {
		n.ro.KeyFile = filepath.Join(dir, "key")
		if err := n.instead(next); err != nil {
			return err
		}
		return c.anew(ctx, n, term)
	})
	if err == nil && c.Key != "" {
		err = fmt.Errorf("the new private reading key was lost when the rotation was interrupted, so nothing was written to %s: "+
			"run varuh keys rotate with --key once more", c.Key)
	}
	return err
}

// instead puts the new private keys where keyring looks for them: those that the new envelope opens, or its own.
func (n *renewal) instead(next keyring.PrivateKey) error {
	kept, err := n.site.sealedTo(next)
	if err != nil {
		return err
	}
	for w, k := range kept {
		n.have(w, keyring.Identity{k})
	}
	for w, name := range map[people.Which]string{people.FootageKey: n.ro.KeyFile, people.DiaryKey: diaryKeyFile(n.ro.KeyFile)} {
		k, ok := kept[w]
		if !ok {
			k = next
		}
		if err := keyring.WriteKeyFile(durable.OS, name, k); err != nil {
			return err
		}
	}
	return nil
}

// holdsCurrent tells whether a key file, or the one that is to replace it, has a private key that is in force.
func holdsCurrent(name string, public keyring.Public) bool {
	if name == "" {
		return false
	}
	keys, err := keyring.ReadIdentity(durable.OS, name)
	return err == nil && slices.ContainsFunc(keys, func(k keyring.PrivateKey) bool { return slices.Contains(public.Current(), k.Public()) })
}
