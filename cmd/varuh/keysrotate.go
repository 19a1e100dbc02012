package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/recorder"
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
			return c.rotateHere(ctx, s, &o, term)
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

// rotateHere rotates on a site that no daemon holds, for whoever o says. Where the diary can't be opened nobody can log in, and
// the recovery words do instead.
func (c keysRotateCmd) rotateHere(ctx context.Context, s *site, o *rotateOrder, term terminal) error {
	entered, open := false, false
	n := &renewal{site: s, ro: s.rotation(), out: term.err}
	err := s.withDesk(ctx, false, term, func(k desk) error {
		open = true
		boot, err := recorder.ThisBoot()
		if err != nil {
			return err
		}
		return s.inOffice(ctx, boot, nil, k.diary, func(of *office) error {
			return of.foundOut(ctx, rotatePath, o, "", func() error {
				entered = true
				n.by, n.office, n.diary = o.keyChange, of, k.diary
				return c.renew(ctx, n, term)
			})
		})
	})
	if entered || err == nil || open && !errors.Is(err, diary.ErrKey) {
		return err
	}
	fmt.Fprintln(term.err, "warning:", err)
	if err := s.byWords(term, &o.who); err != nil {
		return err
	}
	n.by = o.keyChange
	return c.renew(ctx, n, term)
}

// renew rotates with what there is: a key file, keys that a log-in opened, or the recovery words.
func (c keysRotateCmd) renew(ctx context.Context, n *renewal, term terminal) error {
	switch {
	case n.ro.KeyFile != "":
		if _, err := n.site.diaryIdentity(); err != nil && n.site.appliance.Diary != "" {
			fmt.Fprintln(term.err, "warning:", err)
			if n.ro.Old, err = presentWords(n.site, term); err != nil {
				return err
			}
		}
		return c.anew(ctx, n, term)
	case n.held():
		if err := c.place(n); err != nil {
			return err
		}
		return n.fromMemory(func() error { return c.anew(ctx, n, term) })
	}
	return c.rotateLocked(ctx, n, term)
}

// place puts the new private keys into the file that was asked for, if one was.
func (c keysRotateCmd) place(n *renewal) error {
	if n.ro.KeyFile = c.Key; c.Key == "" {
		return nil
	}
	return keyring.CheckPlace(durable.OS, c.Key, n.site.dirs()...)
}

// anew begins a rotation, unless one has begun, and ends it.
func (c keysRotateCmd) anew(ctx context.Context, n *renewal, term terminal) error {
	if !n.site.public.Rotating() {
		recovery, err := c.newEnvelope(term)
		if err != nil {
			return err
		}
		if err := n.begin(ctx, recovery); err != nil {
			return err
		}
	}
	done, err := n.finish(ctx)
	if err != nil {
		return err
	}
	return done.tell(term)
}

// rotation is what a rotation of this site works on.
func (s *site) rotation() keyring.Rotation {
	ro := keyring.Rotation{FS: durable.OS, Publics: s.publicFiles(), KeyFile: s.cfg.KeyFile()}
	for _, store := range s.stores {
		ro.Rings = append(ro.Rings, store.Ring)
	}
	return ro
}
