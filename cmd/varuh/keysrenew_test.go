package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// meanwhile does something before one of the changes of names.
type meanwhile struct {
	durable.FS
	n, at int
	do    func()
}

func (m *meanwhile) change() {
	if m.n == m.at {
		m.do()
	}
	m.n++
}

func (m *meanwhile) Create(name string, perm fs.FileMode) (durable.File, error) {
	m.change()
	return m.FS.Create(name, perm)
}

func (m *meanwhile) Rename(old, name string) error {
	m.change()
	return m.FS.Rename(old, name)
}

func (m *meanwhile) SyncDir(name string) error {
	m.change()
	return m.FS.SyncDir(name)
}

func (m *meanwhile) Remove(name string) error {
	m.change()
	return m.FS.Remove(name)
}

// Whenever somebody locks the keys while they are replaced: they stay locked, the rotation ends, and whoever did it opens the
// new ones by logging in. Afterwards no old key is in memory.
func TestLockInRotation(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	defer b.end(t)
	b.second(t)
	b.clerk.awaitOpen(t)
	d, err := b.clerk.use()
	must(t, err)
	at, ended := 0, false
	for ; !ended; at += 3 { // 3 is no divisor of how many changes a step has
		b.as(t, 0, "unlock")
		fsys := &meanwhile{FS: durable.OS, at: at, do: func() {
			must(t, b.office.lock(t.Context(), proof.Actor{Name: "Bor Kos"}))
			b.locked(t, whiches...)
		}}
		b.rotateOn(t, d, fsys)
		if ended = fsys.n <= at; !ended {
			b.locked(t, whiches...)
		}
		b.as(t, 0, "unlock")
		b.locked(t)
		for _, w := range whiches {
			if list, err := b.office.keys.Rotation(w); err != nil || len(list) != 1 || list[0].Public().ID() != b.site.inUse(w) {
				t.Errorf("of %s in memory are %d keys, %v", w, len(list), err)
			}
		}
		if t.Failed() {
			t.Fatalf("locked at change %d", at)
		}
	}
	if at < 30 {
		t.Errorf("a rotation has only %d changes", at)
	}
}

// rotateOn has the head replace the keys of a box that runs, on a file system of the test's.
func (b *box) rotateOn(t *testing.T, d *diary.Diary, fsys durable.FS) {
	t.Helper()
	next, err := keyring.GenerateKey()
	must(t, err)
	o := rotateOrder{keyChange: keyChange{who: who{signIn: signIn{As: "ravnatelj", Password: goodPassword}}, Reason: "yearly"}}
	must(t, b.office.foundOut(t.Context(), rotatePath, &o, "", func() error {
		n := &renewal{site: b.site, ro: b.site.rotation(), by: o.keyChange, office: b.office, diary: d, out: io.Discard}
		n.ro.FS = fsys
		return n.fromMemory(func() error {
			must(t, n.begin(t.Context(), next.Public()))
			done, err := n.finish(t.Context())
			must(t, done.unsealed)
			return err
		})
	}))
}

// What a rotation that was killed left in memory is destroyed at the next start, and before the next rotation; what one holds that
// goes on is left to it.
func TestLeftKeysAreForgotten(t *testing.T) {
	t.Parallel()
	k, err := keyring.GenerateKey()
	must(t, err)
	left := func() (dir string, secret *os.File) {
		dir, err := memoryFolder(rotationFolder)
		must(t, err)
		must(t, keyring.WriteKeyFile(durable.OS, filepath.Join(dir, "key.next"), k))
		secret, err = os.Open(filepath.Join(dir, "key.next"))
		must(t, err)
		return dir, secret
	}
	must(t, inMemoryFolder(rotationFolder, func(held string) error {
		for name, next := range map[string]func(){
			"a start":           func() { newStill(t) },
			"the next rotation": func() { must(t, inMemoryFolder(rotationFolder, func(string) error { return nil })) },
		} {
			dir, secret := left()
			next()
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after %s: %v", name, err)
			}
			text, err := io.ReadAll(secret)
			must(t, errors.Join(err, secret.Close()))
			if len(bytes.Trim(text, "\x00")) > 0 {
				t.Errorf("after %s the key is readable still", name)
			}
		}
		_, err := os.Stat(held)
		return err
	}))
}
