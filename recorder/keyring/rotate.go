package keyring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"varuh/recorder/durable"
)

// Rotation replaces the reading key and the recovery key of all stores, while recording goes on.
// Afterwards the old keys open nothing, whatever a stale flash page or an old backup of slots holds.
//
// Steps, each durable before the next:
//
//  1. [Rotation.Begin]: the new private reading key goes beside the old one, into KeyFile + ".next".
//  2. The public key files name the new keys as current and the old as retiring, the first file
//     first. From there on the rotation has begun: new slots are sealed to the new keys alone.
//  3. [Rotation.Finish]: every slot with a key is sealed anew to the new keys, in both twins, until
//     a walk over all of them finds none left, and no twin that differs.
//  4. The old private key file is overwritten with zeros.
//  5. The new private key takes its name.
//  6. The public key files drop the retiring keys.
//
// A crash before 2 leaves all as it was, but for a file that the next Begin replaces. After that
// the first public key file says that a rotation is under way, and Finish takes it up: what is done
// is found done. At each moment the private keys on disk open every slot: before 4 both are there,
// from 4 on no slot needs the old one.
type Rotation struct {
	FS      durable.FS
	Rings   []*Ring  // of every store
	Publics []string // every public key file; the first, in the state folder, decides
	KeyFile string   // of the private reading key
	Old     Identity // old private keys that are not in KeyFile, such as a systemd credential
}

// Rotated is what a rotation did.
type Rotated struct {
	Slots int     // sealed anew, or written anew in one twin
	Lost  []error // slots that could be opened neither before nor after
}

// Begin starts a rotation to a new pair. The recovery key's words have to be on paper by then: only
// its public half is kept. After an error, Finish if [Public.Rotating] says so, else Begin anew.
func (ro Rotation) Begin(ctx context.Context, reading PrivateKey, recovery PublicKey, now time.Time) error {
	old, err := ReadPublic(ro.FS, ro.Publics[0])
	if err != nil {
		return err
	}
	if old.Rotating() {
		return errors.New("a rotation of keys is under way: finish it before the next")
	}
	if _, err := sealTo([]PublicKey{reading.Public(), recovery}, newKey(), KindSegment, ID{}, ID{}); err != nil {
		return fmt.Errorf("nothing can be sealed to the new keys, and the old ones stay: %w", err)
	}
	next := nextKeyFile(ro.KeyFile)
	if err := durable.WriteFile(ro.FS, next, encodeKeyFile(reading), 0o600); err != nil {
		return fmt.Errorf("couldn't write the new private key to %s: %w", next, err)
	}
	return ro.publish(ctx, old.succeed(NewPublic(reading.Public(), recovery, now)))
}

// publish writes all public key files and makes the rings use them.
func (ro Rotation) publish(ctx context.Context, p Public) error {
	for _, name := range ro.Publics {
		if err := WritePublic(ro.FS, name, p); err != nil {
			return err
		}
	}
	for _, r := range ro.Rings {
		if err := r.setPublic(ctx, p.Current()); err != nil {
			return err
		}
	}
	return nil
}

// Finish takes up a rotation wherever it stands, and ends it. Without one it only makes the public
// key files equal. After an error it is to be called again.
func (ro Rotation) Finish(ctx context.Context) (Rotated, error) {
	p, err := ReadPublic(ro.FS, ro.Publics[0])
	if err != nil {
		return Rotated{}, err
	}
	if err := ro.publish(ctx, p); err != nil || !p.Rotating() {
		return Rotated{}, err
	}
	keys, err := ro.identity(p)
	if err != nil {
		return Rotated{}, err
	}
	done, err := ro.resealAll(ctx, keys, p.Current())
	if err != nil {
		return done, err
	}
	if err := ro.retireKeyFile(p); err != nil {
		return done, err
	}
	return done, ro.publish(ctx, p.settled())
}

// identity is all private keys at hand, the new one certainly among them.
func (ro Rotation) identity(p Public) (Identity, error) {
	keys, err := ReadIdentity(ro.FS, ro.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("couldn't go on with the rotation: %w", err)
	}
	for _, k := range keys {
		if slices.Contains(p.Current(), k.Public()) {
			return append(keys, ro.Old...), nil
		}
	}
	_, err = ReadKeyFile(ro.FS, nextKeyFile(ro.KeyFile))
	return nil, errors.Join(fmt.Errorf("the new private key is neither in %s nor in %s: put it back", ro.KeyFile, nextKeyFile(ro.KeyFile)), err)
}

// resealAll walks all rings until nothing is left to do.
func (ro Rotation) resealAll(ctx context.Context, keys Identity, pubs []PublicKey) (Rotated, error) {
	var total Rotated
	for _, r := range ro.Rings {
		for {
			pass, err := r.resealPass(ctx, keys, pubs)
			total.Slots += pass.Slots
			if err != nil {
				return total, fmt.Errorf("the rotation of keys stopped, the old ones are still needed: %w", err)
			}
			if pass.Slots == 0 {
				total.Lost = append(total.Lost, pass.Lost...)
				break
			}
		}
	}
	return total, nil
}

// resealPass walks one ring once. Slots that are damaged beyond opening do not stop it, since no key
// will ever open them; a slot for which only a key is missing does.
func (r *Ring) resealPass(ctx context.Context, keys Identity, pubs []PublicKey) (done Rotated, err error) {
	var part []*change
	flush := func() error {
		done.Slots += len(part)
		err := r.commit(ctx, part...)
		part = nil
		return err
	}
	for s, err := range r.All(time.Time{}) {
		var c *change
		if err == nil {
			c, err = r.reseal(s, keys, pubs)
		}
		switch {
		case errors.Is(err, ErrDamaged):
			done.Lost = append(done.Lost, err)
		case err != nil:
			return done, errors.Join(err, flush())
		case c != nil:
			part = append(part, c)
		}
		if len(part) == chunk {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	return done, flush()
}

// reseal is the change that seals a slot to pubs, or makes its twins equal; nil if neither is needed.
func (r *Ring) reseal(s Slot, keys Identity, pubs []PublicKey) (*change, error) {
	if s.State >= StateErased || sealedTo(s, pubs) {
		if s.Fault != nil {
			return mending(s.Ref), nil
		}
		return nil, nil
	}
	key, err := keys.Open(r.store, s)
	if err != nil {
		return nil, err
	}
	sealed, err := sealTo(pubs, key, s.Kind, r.store, s.ID)
	if err != nil {
		return nil, err
	}
	return newChange(s.Ref, func(now *reconciled) (Slot, error) {
		if now.err != nil || now.slot.State >= StateErased { // erased meanwhile: it stays so
			return Slot{}, cmp.Or(now.err, errNothing)
		}
		next := now.slot
		next.Keys = sealed
		next.Generation++
		return next, nil
	}), nil
}

// sealedTo tells whether a slot is sealed to just these keys.
func sealedTo(s Slot, pubs []PublicKey) bool {
	return slices.EqualFunc(s.Keys, pubs, func(k SealedKey, p PublicKey) bool { return k.To == p.ID() })
}

// retireKeyFile puts the new private key in the place of the old one, which it overwrites. If that was
// done before, there is nothing to do.
func (ro Rotation) retireKeyFile(p Public) error {
	next := nextKeyFile(ro.KeyFile)
	k, err := ReadKeyFile(ro.FS, next)
	if errors.Is(err, fs.ErrNotExist) { // then identity found the new key under its final name
		return ro.FS.SyncDir(filepath.Dir(ro.KeyFile))
	}
	if err != nil {
		return err
	}
	if !slices.Contains(p.Current(), k.Public()) {
		return fmt.Errorf("the private key in %s is not the new one", next)
	}
	if err := Wipe(ro.FS, ro.KeyFile); err != nil {
		return fmt.Errorf("couldn't overwrite the old private key: %w", err)
	}
	if err := ro.FS.Rename(next, ro.KeyFile); err != nil {
		return fmt.Errorf("couldn't put the new private key in its place: %w", err)
	}
	return ro.FS.SyncDir(filepath.Dir(ro.KeyFile))
}

// Wipe overwrites the file of a private key with zeros, durably. A file that is not there needs none.
func Wipe(fsys durable.FS, name string) error {
	f, err := fsys.OpenRW(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, st.Size()), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
