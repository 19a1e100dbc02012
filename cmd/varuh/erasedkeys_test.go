package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// attempt is what somebody has who wants to see erased footage: a copy of its file from before, and some of its keys and
// slots.
type attempt struct {
	*site
	row  footage.Segment
	file string // the copy
}

// opens tells whether the file opens with a private key of these and a slot in this one copy of the slots: whatever key the
// slot says that it is sealed to, and whatever object it says that it is of.
func (a attempt) opens(t *testing.T, twin string, private ...keyring.PrivateKey) bool {
	t.Helper()
	store := a.stores[0]
	one, other := t.TempDir(), t.TempDir() // a ring reads two twins: here the same one twice
	must(t, errors.Join(os.CopyFS(one, os.DirFS(twin)), os.CopyFS(other, os.DirFS(twin))))
	ring, err := keyring.Open(durable.OS, one, other, store.ID, nil)
	must(t, err)
	r, err := segment.Open(durable.OS, a.file)
	must(t, err)
	defer r.Close() // only read
	slots := 0
	for slot, err := range ring.All(time.Time{}) {
		must(t, err)
		slots++
		for _, key := range private {
			for _, as := range []keyring.Ref{slot.Ref, {ID: a.row.ID, Slot: a.row.Slot}} {
				if a.unlocks(r, slot, as, key) {
					_, _, err := r.Read(0, nil)
					must(t, err)
					return true
				}
			}
		}
	}
	if slots < 2 {
		t.Errorf("%s has %d slots", twin, slots)
	}
	return false
}

func (a attempt) unlocks(r *segment.Reader, slot keyring.Slot, as keyring.Ref, private keyring.PrivateKey) bool {
	for _, sealed := range slot.Keys {
		sealed.To = private.Public().ID()
		slot := keyring.Slot{Ref: as, Kind: slot.Kind, State: slot.State, Keys: []keyring.SealedKey{sealed}}
		if key, err := (keyring.Identity{private}).Open(a.stores[0].ID, slot); err == nil && r.Unlock(key) == nil {
			return true
		}
	}
	return false
}

// twins are the folders of both copies of the key slots.
func (a attempt) twins() map[string]string {
	return map[string]string{"state": filepath.Join(a.cfg.State, "keys", a.stores[0].ID.String()), "store": filepath.Join(a.stores[0].Dir, "keys")}
}

// keep copies both.
func (a attempt) keep(t *testing.T) map[string]string {
	t.Helper()
	kept := map[string]string{}
	for name, dir := range a.twins() {
		kept[name] = t.TempDir()
		must(t, os.CopyFS(kept[name], os.DirFS(dir)))
	}
	return kept
}

// privateKeys are those in files of folders.
func privateKeys(t *testing.T, dirs ...string) (list []keyring.PrivateKey) {
	t.Helper()
	files(t, func(name string, _ []byte) {
		if key, err := keyring.ReadKeyFile(durable.OS, name); err == nil {
			list = append(list, key)
		}
	}, dirs...)
	return list
}

// files reads every file in folders.
func files(t *testing.T, use func(name string, content []byte), dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		must(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(name)
			if err == nil {
				use(name, b)
			}
			return err
		}))
	}
}

// What was erased opens with no key that is on the machine or on paper, in no slot of either copy of them, though somebody
// kept its file; and nothing of its sealed key is in any file any more. After a rotation the keys from before open nothing
// of the slots as they are now, and those in force nothing of slots that were kept from before the erasure.
func TestErasedOpensNoMore(t *testing.T) {
	t.Parallel()
	k := newKeyedSite(t)
	s := &still{k.site, k.clerk.index}
	due, stays := s.recordAt(t, s.stores[0], "yard", longAgo), s.recordAt(t, s.stores[0], "yard", time.Now().Add(-time.Hour))
	copied := func(r footage.Segment) attempt {
		name := filepath.Join(t.TempDir(), "copy.seg")
		b, err := os.ReadFile(s.stores[0].Path(r.Camera, r.ID))
		must(t, errors.Join(err, os.WriteFile(name, b, 0o600)))
		return attempt{k.site, r, name}
	}
	erased, kept := copied(due), copied(stays)
	slot, err := s.stores[0].Ring.Slot(keyring.Ref{ID: due.ID, Slot: due.Slot})
	must(t, err)
	folders := []string{k.cfg.State, s.stores[0].Dir, filepath.Dir(k.cfg.KeyFile())}
	sealed := func() (places int) { // of the key, in files: whole, or its secret half
		files(t, func(_ string, b []byte) {
			for _, key := range slot.Keys {
				places += bytes.Count(b, key.Box[:32]) + bytes.Count(b, key.Box[32:])
			}
		}, folders...)
		return places
	}
	if n := sealed(); len(slot.Keys) != 2 || n < 2*2*2 {
		t.Fatalf("before: the parts of %d sealed keys are in %d places", len(slot.Keys), n)
	}
	before := erased.keep(t)
	reading, err := keyring.ReadKeyFile(durable.OS, k.cfg.KeyFile())
	must(t, err)
	paper := k.recovery
	here := func() []keyring.PrivateKey {
		list := append(privateKeys(t, folders...), k.recovery)
		if len(list) < 3 {
			t.Errorf("of footage and diary there are %d keys", len(list))
		}
		return list
	}
	for twin, dir := range before {
		for who, key := range map[string]keyring.PrivateKey{"reading": reading, "recovery": paper} {
			if !erased.opens(t, dir, key) {
				t.Fatalf("before the erasure it does not open with the %s key and the %s twin", who, twin)
			}
		}
	}

	s.with(t, func(d *diary.Diary) {
		boot, log := later(t, 7, 0), slog.New(slog.DiscardHandler)
		e := newEraser(s.site, s.index, openTimekeeper(k.cfg.State, boot, log), log)
		e.time.told("person", boot.Now())
		must(t, e.replay(t.Context(), d, 0))
		e.cycle(t.Context())
	})
	s.gone(t, s.stores[0], due)
	if n := sealed(); n != 0 {
		t.Errorf("parts of the sealed key are still in %d places", n)
	}
	for twin, dir := range erased.twins() {
		if erased.opens(t, dir, here()...) {
			t.Errorf("erased footage opens with the %s twin", twin)
		}
		if !kept.opens(t, dir, reading) || !kept.opens(t, dir, paper) {
			t.Errorf("what was not erased does not open with the %s twin", twin)
		}
	}

	var out strings.Builder
	must(t, keysRotateCmd{keyChange: byAna, YesIWroteDown: true}.renew(t.Context(), k.renewal(k.rotation()), terminal{strings.NewReader(""), &out, io.Discard}))
	k.recovery = onPaper(t, out.String())
	now := erased.keep(t)
	for twin := range now {
		if kept.opens(t, now[twin], reading, paper) {
			t.Errorf("an old key opens footage with the %s twin as it is after the rotation", twin)
		}
		if erased.opens(t, now[twin], append(here(), reading, paper)...) {
			t.Errorf("erased footage opens with the %s twin as it is after the rotation", twin)
		}
		if erased.opens(t, before[twin], here()...) {
			t.Errorf("a new key opens erased footage with the %s twin of before", twin)
		}
		if !kept.opens(t, now[twin], here()...) {
			t.Errorf("what was not erased does not open with the %s twin after the rotation", twin)
		}
	}
}
