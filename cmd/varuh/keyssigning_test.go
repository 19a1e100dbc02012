package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/durable"
)

// signedBy is the fingerprint of the key that signs the diary of a folder, as its last checkpoint has it.
func (b *shelfBox) signedBy(t *testing.T) string {
	t.Helper()
	cfg, err := configs.Load(b.dir)
	must(t, err)
	a, err := readAppliance(cfg.State)
	must(t, err)
	d, err := openDiary(t.Context(), cfg.State, a)
	must(t, err)
	defer d.Close()
	key, err := proof.ParseKey(d.Head().VKey)
	must(t, err)
	return key.Fingerprint()
}

// The key that signs the diary is replaced with the daemon and without. Who did it and why is entered, and only
// a word of it goes with what is handed out without bodies; whoever knows the first key verifies all.
func TestRotateSigning(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	first := b.signedBy(t)
	known := []string{first}
	rotate := func(t *testing.T, more ...string) string {
		t.Helper()
		secret, err := os.ReadFile(filepath.Join(b.dir, "keys", "diary.key"))
		must(t, err)
		code, said := b.run(t, append([]string{"keys", "rotate", "--signing", "--actor", "Ana Kovač", "--reason", "Bor left the house"}, more...)...)
		if code != 0 {
			t.Fatal(said)
		}
		now, err := os.ReadFile(filepath.Join(b.dir, "keys", "diary.key"))
		must(t, err)
		if string(now) == string(secret) {
			t.Error("the private key is the old one")
		}
		return said
	}
	said := rotate(t)
	known = append(known, b.signedBy(t))
	holds(t, said, known[1], "From entry 9 on", "beside the one before", "A witness is told the key itself")
	b.serve(t)
	said = rotate(t, "--compromised")
	_, list := b.run(t, "diary", "list", "--actor", "a", "--reason", "b", "--op", "key.rotate")
	b.end(t)
	known = append(known, b.signedBy(t))
	holds(t, said, known[2], "strike the one before out", "checkpoints alone that were outside before")
	if strings.Count(list, "Bor left the house") != 2 || strings.Count(list, "Ana Kovač") != 2 {
		t.Error(list)
	}
	if known[0] == known[1] || known[1] == known[2] || b.signedBy(t) != known[2] {
		t.Errorf("the keys were %v", known)
	}
	name := filepath.Join(t.TempDir(), "redacted.zip")
	if code, said := b.run(t, "diary", "export", "--redact", "--actor", "a", "--reason", "b", "--out", name); code != 0 {
		t.Fatal(said)
	}
	bundle, err := os.ReadFile(name)
	must(t, err)
	r, err := verifyBundle(t.Context(), bundle, proof.VerifyOptions{Fingerprints: []string{first}})
	must(t, err)
	text := reportText(r)
	holds(t, text, "(reason: renewal)", "(reason: compromise)")
	if r.Bad() || strings.Contains(text, "Bor") {
		t.Error(text)
	}
	z, err := zip.OpenReader(name)
	must(t, err)
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		var all strings.Builder
		_, err = io.Copy(&all, r)
		must(t, err)
		if strings.Contains(all.String(), "Bor left") {
			t.Errorf("%s has the reason", f.Name)
		}
	}
}

// What is no order to change the signing key changes none.
func TestRotateSigningRefused(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	key := b.signedBy(t)
	who := []string{"--actor", "Ana Kovač", "--reason", "yearly"}
	b.both(t, func(t *testing.T) (all string) {
		for want, args := range map[string][]string{
			"give --reason TEXT":   {"--signing", "--actor", "Ana Kovač"},
			"log in with --as":     {"--signing", "--reason", "yearly"},
			"can't be used tog":    append([]string{"--signing", "--key", b.key}, who...),
			"goes with --signing":  append([]string{"--compromised"}, who...),
			"--reason holds chara": {"--signing", "--actor", "Ana", "--reason", "a\nb"},
		} {
			if code, said := b.run(t, append([]string{"keys", "rotate"}, args...)...); code == 0 || !strings.Contains(said, want) {
				t.Errorf("%v: %d, %s", args, code, said)
			}
		}
		return ""
	})
	old, err := durable.ReadFile(durable.OS, diaryFile(b.dir), 64<<20)
	must(t, err)
	if code, said := b.run(t, "diary", "list", "--actor", "a", "--reason", "b"); code != 0 {
		t.Fatal(said)
	}
	must(t, os.WriteFile(diaryFile(b.dir), old, 0o600))
	b.both(t, func(t *testing.T) string {
		code, said := b.run(t, append([]string{"keys", "rotate", "--signing"}, who...)...)
		holds(t, said, "was not replaced", "varuh diary accept")
		if code != 1 {
			t.Error(code)
		}
		return ""
	})
	if b.signedBy(t) != key {
		t.Error("the key was replaced")
	}
}
