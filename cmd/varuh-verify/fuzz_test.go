package main

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
)

// seeded is a diary whose key is the same each time.
func seeded(t testing.TB) *diary {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := append([]byte{1}, private.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(origin+"\n"), public...))
	key, err := proof.ParseKey(fmt.Sprintf("%s+%x+%s", origin, sum[:4], base64.StdEncoding.EncodeToString(public)))
	must(t, err)
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%x+%s", origin, sum[:4], base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))))
	must(t, err)
	return (&diary{t: t, signer: signer, key: key, notes: map[int64][]byte{}}).fill(3, -1)
}

// renamed is a bundle that somebody packed anew on Windows, in a folder.
func renamed(t testing.TB, d *diary, folder string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range within(t, d.zipped(), folder) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: strings.ReplaceAll(name, "/", folder[len(folder)-1:]), Method: zip.Deflate, NonUTF8: true})
		must(t, err)
		_, err = w.Write(text)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// FuzzGiven gives the program any file: it ends with a report or a sentence, and calls nothing good but what the key signed.
func FuzzGiven(f *testing.F) {
	d := seeded(f)
	roots := map[proof.Hash]bool{}
	for _, n := range d.notes {
		c, err := proof.ReadCheckpoint(n)
		must(f, err)
		roots[c.Root] = true
	}
	first := proof.Inclusion{Index: 0, Leaf: d.entries[0].Leaf, Checkpoint: d.notes[1]}.Text()
	for _, b := range [][]byte{d.zipped(), first, d.notes[2], []byte(d.key.String() + "\n"), proof.Consistency{Old: 1, Checkpoint: d.notes[1]}.Text(),
		[]byte("<pre>" + string(d.notes[2]) + "</pre>"), []byte("{}"), []byte("PK\x05\x06"), nil, renamed(f, d, "\xe6ola\\"), renamed(f, d, "\xe6ola/")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(t.TempDir(), "given")
		must(t, os.WriteFile(name, b, 0o600))
		var out, complaint bytes.Buffer
		code := run(t.Context(), []string{"--json", "--key", d.key.String(), name}, strings.NewReader(""), &out, &complaint)
		if (code == exitUnchecked || code == exitNewer) != (complaint.Len() > 0) {
			t.Errorf("%d\n%s\n%s", code, out.String(), complaint.String())
		}
		if code != exitGood {
			return
		}
		var r proof.Report
		must(t, json.Unmarshal(out.Bytes(), &r))
		if !roots[r.Root] {
			t.Errorf("good, though nobody signed it: %s", out.String())
		}
	})
}
