package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// New keys are wrapped at once for whoever replaces them, for others at their next log-in while they are open; the old
// envelope opens nothing any more.
func TestRotateWithLogIn(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	b.second(t)
	old := b.recovery
	out := b.rotate(t)
	toldOf(t, out, "The keys are replaced", "footage opens by the log-in of 1 person, the diary by that of 1 person", "Everybody else who may gets the new keys at the next log-in")
	if n := b.wraps(t); n != 2 {
		t.Errorf("%d wraps are there", n)
	}
	b.does(t, typedLines(borPassword), 0, "unlock", "--as", "bor")
	if n := b.wraps(t); n != 3 {
		t.Errorf("%d wraps are there", n)
	}
	b.end(t)
	b.again(t)
	b.does(t, typedLines(borPassword), 0, "unlock", "--as", "bor")
	b.locked(t, people.DiaryKey)
	b.as(t, 0, "unlock")
	b.locked(t)
	if _, err := b.site.unseal(old); err == nil {
		t.Error("the old envelope still gives the keys")
	}
	_, err := b.site.unseal(b.recovery)
	must(t, err)
	b.end(t)

	toldOf(t, b.rotate(t), "The keys are replaced", "footage opens by the log-in of 1 person") // and while it does not run
	b.again(t)
	b.as(t, 0, "unlock")
	b.locked(t)
	b.end(t)
}

// rotate replaces the keys as the head, and keeps the new envelope.
func (b *box) rotate(t *testing.T) string {
	t.Helper()
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"keys", "rotate", "--as", "ravnatelj", "--reason", "yearly", "--yes-i-wrote-it-down", "--dir", b.dir},
		terminal{typedLines(goodPassword), &out, &errs}); code != 0 {
		t.Fatalf("%s%s", &out, &errs)
	}
	b.recovery = onPaper(t, out.String())
	return strings.Join(strings.Fields(out.String()), " ")
}

// Wherever a rotation is cut off, the log-in of the person who began it opens all that is to be opened, and the next run ends
// it; and so do the words of the new envelope.
func TestRotateWithLogInCutOff(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "box")
	c := initCmd{Store: []string{filepath.Join(dir, "store")}, Controller: "sola.example", YesIWroteDown: true, firstAdmin: headAdmin()}
	recovery, err := c.make(dir, terminal{typedLines(goodPassword, goodPassword), io.Discard, io.Discard})
	must(t, err)
	b := &box{dir: dir, recovery: recovery}
	cut, ended := 0, false
	for ; !ended; cut++ {
		next, err := keyring.GenerateKey()
		must(t, err)
		err = b.cutOff(t, &failing{durable.OS, cut}, next.Public())
		if ended = err == nil; !ended && !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		if err := b.cutOff(t, durable.OS, next.Public()); err != nil {
			t.Fatalf("cut off at change %d, it can't be ended: %v", cut, err)
		}
		b.opensAll(t, next)
		if t.Failed() {
			t.Fatalf("cut off at change %d", cut)
		}
	}
	if cut < 10 {
		t.Errorf("a rotation has only %d changes", cut)
	}
}

// A rotation whose last step a crash cut off: whoever did it opens the new keys, and the start takes the wraps of others away.
func TestStartEndsARotation(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	b.second(t)
	b.end(t)
	next, err := keyring.GenerateKey()
	must(t, err)
	must(t, b.asHead(t, func(s *site, _ *office, n *renewal) error {
		return n.fromMemory(func() error {
			must(t, n.begin(t.Context(), next.Public()))
			must(t, s.rotateDiary(t.Context(), n.diary, n.ro, n.by, n.out, n.fresh))
			_, err := n.ro.Finish(t.Context())
			return err
		})
	}))
	b.again(t)
	toldOf(t, b.does(t, nil, 0, "status"), "footage opens by the log-in of 1 person")
	toldOf(t, b.does(t, typedLines(borPassword), 1, "unlock", "--as", "bor"), "you have none of them yet")
	b.office.sweep(t.Context())
	if n := b.wraps(t); n != 2 {
		t.Errorf("%d wraps are there", n)
	}
	b.as(t, 0, "unlock")
	b.locked(t)
	b.does(t, typedLines(borPassword), 0, "unlock", "--as", "bor")
	if n := b.wraps(t); n != 3 {
		t.Errorf("%d wraps are there", n)
	}
	b.end(t)
}

// cutOff rotates as the head on a file system that may fail, or takes up what was begun. All of it is another process's.
func (b *box) cutOff(t *testing.T, fsys durable.FS, recovery keyring.PublicKey) error {
	t.Helper()
	return b.asHead(t, func(s *site, of *office, n *renewal) error {
		n.ro.FS = fsys
		return n.fromMemory(func() error {
			if !s.public.Rotating() {
				if err := n.begin(t.Context(), recovery); err != nil {
					return err
				}
			}
			done, err := n.finish(t.Context())
			return errors.Join(err, done.unsealed)
		})
	})
}

// opensAll fails unless the log-in of the head opens the keys in use, and the envelope does.
func (b *box) opensAll(t *testing.T, recovery keyring.PrivateKey) {
	t.Helper()
	must(t, b.asHead(t, func(s *site, of *office, _ *renewal) error {
		if s.public.Rotating() {
			t.Error("the rotation goes on")
		}
		if _, err := s.unseal(recovery); err != nil {
			t.Error("by the envelope:", err)
		}
		sealed, err := readSealed(s.cfg.State)
		if err != nil || len(sealed.Keys) != 2 {
			t.Errorf("sealed to envelopes: %+v, %v", sealed, err)
		}
		return nil
	}))
}

// opened lends the office of a box that does not run, to the head who has logged in and has all keys.
func (b *box) asHead(t *testing.T, use func(*site, *office, *renewal) error) error {
	t.Helper()
	cfg, err := configs.Load(b.dir)
	must(t, err)
	s, err := openSite(cfg)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	return s.withBooks(t.Context(), os.Stderr, func(boot recorder.Boot, index *footage.Index, d *diary.Diary) error {
		return s.inOffice(t.Context(), boot, index, d, func(of *office) error {
			o := rotateOrder{keyChange: keyChange{who: who{signIn: signIn{As: "ravnatelj", Password: goodPassword}}, Reason: "yearly"}}
			return of.foundOut(t.Context(), rotatePath, &o, "", func() error {
				if list := of.locked(); len(list) > 0 {
					return fmt.Errorf("a log-in leaves locked: %v", list)
				}
				return use(s, of, &renewal{site: s, ro: s.rotation(), by: o.keyChange, office: of, diary: d, out: io.Discard})
			})
		})
	})
}
