package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// renewal is one rotation of keys with what goes around it, so that at each moment somebody can open them. Before a new
// private key is in use, it is
//
//  1. in memory, beside the old one, where a log-in opened that and nobody has locked it since;
//  2. on the disk, sealed to the new recovery key, see [sealedKeys];
//  3. in the wraps of the person who replaces the keys, beside the old one.
//
// What it wraps it holds by itself, from its beginning to its end, so that a lock or idle time meanwhile takes the keys from
// everybody else and the new ones from nobody.
//
// Then the rotation goes on as keyring has it. Once it is finished the wraps of others go, and so does what was sealed to the
// old envelope. Wherever a crash cuts that off, the person's log-in opens what is to be opened, and the next run goes on; where
// no log-in can, the words of the new envelope do, which is on paper by then.
type renewal struct {
	site   *site
	ro     keyring.Rotation
	by     keyChange
	office *office         // keeps keys and persons; nil: the diary can't be opened, and nobody gets the keys
	own    *accesslog.Keys // the private keys that this rotation has; nil until it has any
	diary  *diary.Diary    // nil: it is opened for this
	out    io.Writer       // for what is wrong beside
}

// held tells whether both private keys are in memory.
func (n *renewal) held() bool {
	return n.office != nil && n.office.login && !n.office.keys.Locked(people.FootageKey) && !n.office.keys.Locked(people.DiaryKey)
}

// fromMemory lends the private keys in memory to what do does. The files that keyring needs lie in memory, too, but where the
// new private keys are to stay in a file.
func (n *renewal) fromMemory(do func() error) error {
	for _, w := range whiches {
		keys, err := n.office.keys.Rotation(w)
		if err != nil {
			return err
		}
		n.ro.Old = append(n.ro.Old, keys...)
		n.have(w, keys)
	}
	if n.ro.KeyFile != "" {
		return n.laid(do)
	}
	return inMemoryFolder(rotationFolder, func(dir string) error {
		n.ro.KeyFile = filepath.Join(dir, "key")
		return n.laid(do)
	})
}

// have keeps private keys for what is wrapped.
func (n *renewal) have(w people.Which, keys keyring.Identity) {
	if n.office == nil {
		return
	}
	if n.own == nil {
		n.own = n.office.own(nil)
	}
	n.own.Take(w, keys)
}

// laid puts new private keys that are in memory where keyring looks for them, if a rotation has begun.
func (n *renewal) laid(do func() error) error {
	for w, name := range map[people.Which]string{people.FootageKey: n.ro.KeyFile, people.DiaryKey: diaryKeyFile(n.ro.KeyFile)} {
		public, err := keyring.ReadPublic(durable.OS, n.site.readingFile(w))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(n.ro.Old, func(k keyring.PrivateKey) bool { return k.Public() == current(public, keyring.Reading) })
		if !public.Rotating() || i < 0 || holdsCurrent(name, public) {
			continue
		}
		if err := keyring.WriteKeyFile(durable.OS, name, n.ro.Old[i]); err != nil {
			return err
		}
	}
	return do()
}

// begin starts it.
func (n *renewal) begin(ctx context.Context, recovery keyring.PublicKey) error {
	defer n.site.next.Store(nil) // from here on the public keys name it, or it is nothing
	reading, err := n.fresh(ctx, people.FootageKey, recovery)
	if err != nil {
		return err
	}
	return n.ro.Begin(ctx, reading, recovery, time.Now())
}

// fresh draws a new private reading key, which is not lost by a crash once it is in use.
func (n *renewal) fresh(ctx context.Context, w people.Which, recovery keyring.PublicKey) (keyring.PrivateKey, error) {
	k, err := keyring.GenerateKey()
	if err != nil {
		return k, err
	}
	n.site.next.Store(&readingKeys{w: k})
	if err := sealKeys(n.site.cfg.State, readingKeys{w: k}, recovery); err != nil {
		return k, err
	}
	if n.office == nil || !n.office.login {
		return k, nil
	}
	n.have(w, keyring.Identity{k})
	n.office.keys.Join(w, keyring.Identity{k})
	return k, n.wrap(ctx, (*people.Register).Rotating)
}

// wrap wraps the keys for the person who replaces them.
func (n *renewal) wrap(ctx context.Context, how func(*people.Register, context.Context, people.Session, string, people.Sealer) error) error {
	if n.office == nil || n.by.session.ID == "" {
		return nil
	}
	n.have(people.FootageKey, nil) // there may be none
	r, err := n.office.persons(ctx)
	if err == nil {
		err = how(r, ctx, n.by.session, n.by.Password, n.own)
	}
	if err != nil {
		return fmt.Errorf("the new keys could not be wrapped for whoever replaces them: %w", err)
	}
	return nil
}

// finish ends it. The diary's keys come first: what a crash interrupts is still a rotation then, and taken up. What is wrong
// with the diary alone, in unsealed, does not keep the footage's old keys in force.
func (n *renewal) finish(ctx context.Context) (done rotatedKeys, err error) {
	done.unsealed = n.site.rotateDiary(ctx, n.diary, n.ro, n.by, n.out, n.fresh)
	n.site.next.Store(nil)
	if done.Rotated, err = n.ro.Finish(ctx); err != nil {
		return done, errors.Join(fmt.Errorf("the rotation is not finished, run it again: %w", err), done.unsealed)
	}
	if err := n.settle(ctx); err != nil {
		return done, fmt.Errorf("the keys are replaced, but not all that goes with them is done: %w", err)
	}
	if e, ok := lostSlots(done.Rotated); ok {
		err = n.enter(ctx, e)
	}
	if n.office != nil && n.office.login {
		now, bad := n.office.keysNow(ctx)
		done.keys, err = &now, errors.Join(err, bad)
	}
	return done, err
}

// settle leaves no old key where it is not needed any more.
func (n *renewal) settle(ctx context.Context) error {
	sealed, err := readSealed(n.site.cfg.State)
	if err == nil {
		err = writeJSON(sealedFile(n.site.cfg.State), sealed.only(n.site.worth))
	}
	err = errors.Join(err, n.wrap(ctx, (*people.Register).Rotated))
	if n.office != nil {
		n.office.noteUse(nil) // the words are others now
	}
	if err == nil && n.office != nil && n.office.login {
		n.office.keys.Only()
	}
	return err
}

// enter writes an entry.
func (n *renewal) enter(ctx context.Context, e diary.Entry) error {
	if n.diary == nil {
		return n.site.enter(ctx, e, n.out)
	}
	_, err := n.diary.Append(ctx, e, nil)
	return err
}

// rotatedKeys is what a rotation did.
type rotatedKeys struct {
	keyring.Rotated
	unsealed error     // what kept the diary's keys from being replaced, nil if they were
	keys     *keysDone // who can open the new ones; nil where no log-in opens them
}

// tell says what was done.
func (done rotatedKeys) tell(term terminal) error {
	for _, lost := range done.Lost {
		fmt.Fprintln(term.out, "incident:", lost)
	}
	text := fmt.Sprintf("The keys are replaced and %s sealed anew.", count(done.Slots, "segment's key is", "segments' keys are"))
	if done.unsealed != nil {
		_, said := fmt.Fprintln(term.out, text)
		return errors.Join(said, fmt.Errorf("KEEP the old envelope beside the new one, for the diary is still sealed to it: "+
			"put right what is wrong, then run varuh keys rotate once more: %w", done.unsealed))
	}
	text += " The old envelope opens nothing here any more: destroy it, and the copies that only it opens (varuh backup list)."
	if done.keys != nil {
		text += " " + keysText(done.keys.Locked, done.keys.Openers) + " Everybody else who may gets the new keys at the next log-in while they are open."
	}
	_, err := fmt.Fprint(term.out, paragraph(text))
	return err
}
