package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

type keysRotateCmd struct {
	keyChange
	Signing       bool   `help:"Replace the key that signs the diary, and no other." xor:"what"`
	Compromised   bool   `help:"With --signing: somebody else may have had the key. Whoever checks the diary reads that; the reason is in the entry alone."`
	Key           string `help:"With a locked appliance or a credential: write the new private reading key to this file, and the diary's to FILE-diary. It must not be on a store's file system." type:"path" placeholder:"FILE" xor:"what"`
	YesIWroteDown bool   `name:"yes-i-wrote-it-down" help:"Do not ask for two of the recovery words (for scripts)."`
}

// Run replaces the keys. What a crash interrupts, the next run finishes.
func (c keysRotateCmd) Run(ctx context.Context, cli *cli, term terminal) (err error) {
	if c.keyChange, err = c.checked(); err != nil {
		return err
	}
	if c.Signing {
		return c.rotateSigning(ctx, cli, term)
	}
	if c.Compromised {
		return errors.New("--compromised goes with --signing, for it is said of the key that signs the diary")
	}
	o := rotateOrder{keyChange: c.keyChange}
	return loggedIn(cli, term, rotatePath, &o, func() error {
		return onSite(ctx, cli, term, func(s *site) error {
			if err := s.letIn(ctx, term, rotatePath, &o.who); err != nil {
				return err
			}
			c.keyChange = o.keyChange
			return c.rotateHere(ctx, s, term)
		}, func(state string) error { return c.rotateThere(ctx, state, &o, term) })
	})
}

// newEnvelope makes a recovery key and has its words written down.
func (c keysRotateCmd) newEnvelope(term terminal) (keyring.PublicKey, error) {
	k, err := keyring.GenerateKey()
	if err != nil {
		return keyring.PublicKey{}, err
	}
	if err := printWords(term.out, k, time.Now()); err != nil || c.YesIWroteDown {
		return k.Public(), err
	}
	return k.Public(), confirmWords(term, k)
}

func (c keysRotateCmd) rotateHere(ctx context.Context, s *site, term terminal) error {
	ro := s.rotation()
	if ro.KeyFile == "" {
		return c.rotateLocked(ctx, s, ro, term)
	}
	if _, err := s.diaryIdentity(); err != nil && s.appliance.Diary != "" {
		fmt.Fprintln(term.err, "warning:", err)
		if ro.Old, err = presentWords(s, term); err != nil {
			return err
		}
	}
	if !s.public.Rotating() {
		recovery, err := c.newEnvelope(term)
		if err != nil {
			return err
		}
		if err := begin(ctx, ro, recovery); err != nil {
			return err
		}
	}
	return s.finish(ctx, ro, c.keyChange, term)
}

// rotation is what a rotation of this site works on.
func (s *site) rotation() keyring.Rotation {
	ro := keyring.Rotation{FS: durable.OS, Publics: s.publicFiles(), KeyFile: s.cfg.KeyFile()}
	for _, store := range s.stores {
		ro.Rings = append(ro.Rings, store.Ring)
	}
	return ro
}

func begin(ctx context.Context, ro keyring.Rotation, recovery keyring.PublicKey) error {
	reading, err := keyring.GenerateKey()
	if err != nil {
		return err
	}
	return ro.Begin(ctx, reading, recovery, time.Now())
}

// finish ends a rotation. The diary's keys come first: what a crash interrupts is still a rotation then, and
// taken up. What is wrong with the diary alone does not keep the footage's old keys in force.
func (s *site) finish(ctx context.Context, ro keyring.Rotation, by keyChange, term terminal) error {
	unsealed := s.rotateDiary(ctx, nil, ro, by, term.err)
	done, err := ro.Finish(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("the rotation is not finished, run it again: %w", err), unsealed)
	}
	if e, ok := lostSlots(done); ok {
		err = s.enter(ctx, e, term.err)
	}
	return errors.Join(err, tellRotated(done, unsealed, term))
}

// tellRotated says what was done. unsealed is what kept the diary's keys from being replaced, nil if they were.
func tellRotated(done keyring.Rotated, unsealed error, term terminal) error {
	for _, lost := range done.Lost {
		fmt.Fprintln(term.out, "incident:", lost)
	}
	text := fmt.Sprintf("The keys are replaced and %s sealed anew.", count(done.Slots, "segment's key is", "segments' keys are"))
	if unsealed != nil {
		_, said := fmt.Fprintln(term.out, text)
		return errors.Join(said, fmt.Errorf("KEEP the old envelope beside the new one, for the diary is still sealed to it: "+
			"put right what is wrong, then run varuh keys rotate once more: %w", unsealed))
	}
	_, err := fmt.Fprint(term.out, paragraph(text+" The old envelope opens nothing here any more: destroy it, and the copies that only it opens (varuh backup list)."))
	return err
}
