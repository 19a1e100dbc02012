package proof

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const testOrigin = "sola.example/varuh/4f2a9c31d07be856/dnevnik"

var testStart = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// testLog is a diary in memory.
type testLog struct {
	t       testing.TB
	origin  string
	entries []Entry
	hashes  []Hash // as tlog stores them
	signers []note.Signer
	keys    []Key
	now     time.Time
	seed    string // of its keys, if they are to be the same each time
}

func newLog(t testing.TB, entries int) *testLog { return seededLog(t, entries, "") }

func seededLog(t testing.TB, entries int, seed string) *testLog {
	l := &testLog{t: t, origin: testOrigin, now: testStart, seed: seed}
	l.newKey()
	for range entries {
		l.add("view.start", nil)
	}
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *testLog) newKey() {
	secret, k, err := NewSigningKey(l.origin)
	must(l.t, err)
	if l.seed != "" {
		seed := sha256.Sum256(fmt.Append(nil, l.seed, len(l.keys)))
		k = newKey(l.origin, algorithmLog, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
		secret = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", l.origin, k.KeyHash(), b64.EncodeToString(append([]byte{algorithmLog}, seed[:]...)))
	}
	signer, err := note.NewSigner(secret)
	must(l.t, err)
	l.signers, l.keys = append(l.signers, signer), append(l.keys, k)
}

// key is the one in force.
func (l *testLog) key() Key { return l.keys[len(l.keys)-1] }

func (l *testLog) size() int64 { return int64(len(l.entries)) }

// ReadHashes implements [tlog.HashReader].
func (l *testLog) ReadHashes(indexes []int64) ([]Hash, error) {
	list := make([]Hash, len(indexes))
	for i, x := range indexes {
		list[i] = l.hashes[x]
	}
	return list, nil
}

// add appends an entry, with a manifest unless that is nil.
func (l *testLog) add(op string, manifest []byte) int64 {
	l.t.Helper()
	i := l.size()
	body, err := EncodeBody(Body{
		Salt:    sha256.Sum256(fmt.Append(nil, i)),
		Actor:   &Actor{ID: "7", Name: "Živa Črnko", Role: "caretaker", Proof: "password"},
		Purpose: "poškodba vrat", Objects: []Object{{"gate", l.now.Add(-time.Hour), l.now}},
		Data: map[string]any{"count": i, "seat": "A"},
	})
	must(l.t, err)
	leaf := Leaf{Index: i, Op: op, Time: l.now, Body: HashBody(body)}
	if manifest != nil {
		obj := HashBody(manifest)
		leaf.Obj = &obj
	}
	b, err := EncodeLeaf(leaf)
	must(l.t, err)
	l.put(Entry{b, body, manifest})
	l.now = l.now.Add(time.Second)
	return i
}

func (l *testLog) put(e Entry) {
	l.t.Helper()
	more, err := tlog.StoredHashes(l.size(), e.Leaf, l)
	must(l.t, err)
	l.hashes = append(l.hashes, more...)
	l.entries = append(l.entries, e)
}

func (l *testLog) at(size int64) Checkpoint {
	l.t.Helper()
	root, err := tlog.TreeHash(size, l)
	must(l.t, err)
	return Checkpoint{l.origin, size, root}
}

// sign is the signed checkpoint of a size, by the key in force and whoever else.
func (l *testLog) sign(size int64, more ...note.Signer) []byte {
	l.t.Helper()
	msg, err := SignCheckpoint(l.at(size), append([]note.Signer{l.signers[len(l.signers)-1]}, more...)...)
	must(l.t, err)
	return msg
}

func (l *testLog) frontier(size int64) (f Frontier) {
	for _, e := range l.entries[:size] {
		f.Add(HashLeaf(e.Leaf))
	}
	return f
}

func (l *testLog) inclusion(i, size int64) []Hash {
	l.t.Helper()
	p, err := tlog.ProveRecord(size, i, l)
	must(l.t, err)
	return p
}

func (l *testLog) consistency(old, size int64) []Hash {
	l.t.Helper()
	if old == 0 || old == size {
		return nil
	}
	p, err := tlog.ProveTree(size, old, l)
	must(l.t, err)
	return p
}

// rotate replaces the signing key, and returns what a bundle needs of that.
func (l *testLog) rotate(reason string) (index int64, signed []byte) {
	l.t.Helper()
	old := l.signers[len(l.signers)-1]
	l.newKey()
	m, err := Rotation{l.keys[len(l.keys)-2], l.key(), reason}.Encode()
	must(l.t, err)
	index = l.add("key.rotate", m)
	return index, l.sign(index+1, old)
}

func (l *testLog) rotationProof(index int64, signed []byte) RotationProof {
	e := l.entries[index]
	return RotationProof{e.Leaf, e.Manifest, l.inclusion(index, index+1), signed, l.consistency(index+1, l.size())}
}

// options are those of a bundle of all entries.
func (l *testLog) options() BundleOptions {
	return l.partial(0, l.size())
}

func (l *testLog) partial(from, to int64) BundleOptions {
	return BundleOptions{
		About:      About{l.origin, l.size(), from, to, l.now},
		Checkpoint: l.sign(l.size()), Keys: l.keys, Frontier: l.frontier(from), Onward: l.consistency(to, l.size()),
	}
}

// bundle writes one in memory.
func (l *testLog) bundle(o BundleOptions) fs.FS {
	l.t.Helper()
	return unpack(l.t, l.zip(o))
}

func (l *testLog) zip(o BundleOptions) []byte {
	l.t.Helper()
	var b bytes.Buffer
	z := NewZip(&b)
	w, err := NewBundleWriter(z, o)
	must(l.t, err)
	for _, e := range l.entries[o.From:o.To] {
		must(l.t, w.Add(e))
	}
	f, err := w.File("dnevnik.html")
	must(l.t, err)
	_, err = io.WriteString(f, "<!doctype html>")
	must(l.t, err)
	must(l.t, w.Close())
	must(l.t, z.Close())
	return b.Bytes()
}

func openZip(t testing.TB, b []byte) *zip.Reader {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	return z
}

// unpack is the bundle as a folder whose files can be changed.
func unpack(t testing.TB, b []byte) fstest.MapFS {
	t.Helper()
	z, all := openZip(t, b), fstest.MapFS{}
	for _, f := range z.File {
		text, err := fs.ReadFile(z, f.Name)
		must(t, err)
		all[f.Name] = &fstest.MapFile{Data: text}
	}
	return all
}

func verify(t testing.TB, bundle fs.FS, o VerifyOptions) *Report {
	t.Helper()
	r, err := VerifyBundle(t.Context(), bundle, o)
	must(t, err)
	return r
}

// has looks for a finding, and returns it.
func has(t testing.TB, r *Report, code Code, bad bool) Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Code == code && f.Bad == bad {
			if f.SL == "" || f.EN == "" {
				t.Errorf("a finding without its sentence: %+v", f)
			}
			return f
		}
	}
	t.Errorf("no finding %s (bad %v) in %+v", code, bad, r.Findings)
	return Finding{}
}

func wantStates(t testing.TB, r *Report, intact, complete, anchored State) {
	t.Helper()
	if r.Intact.State != intact || r.Complete.State != complete || r.Anchored.State != anchored {
		t.Errorf("intact %s, complete %s, anchored %s instead of %s, %s, %s\n%+v", r.Intact.State, r.Complete.State, r.Anchored.State, intact, complete, anchored, r.Findings)
	}
}

// witness is one whose clock says what it is told.
func witness(t testing.TB, name string, at time.Time) *Cosigner {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	c, err := NewCosigner(name, ed25519.NewKeyFromSeed(seed[:]), func() time.Time { return at })
	must(t, err)
	return c
}
