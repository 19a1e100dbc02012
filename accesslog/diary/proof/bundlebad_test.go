package proof

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// What is changed in a bundle is found, in each file that the proof covers: a bit of each byte, or with
// VARUH_LONG each bit. TestEveryBit and TestProofBits always try each.
func TestBundleBits(t *testing.T) {
	t.Parallel()
	l := newLog(t, 2)
	i, signed := l.rotate("yearly")
	w := witness(t, "witness.example/1", testStart)
	cut, err := Prune{Cut: 1, Year: 2020, Term: 2, Evidence: ByWitness, Size: 1, Time: testStart, Party: "witness.example/1"}.Encode()
	must(t, err)
	l.add("prune", cut)
	l.entries[1].Body, l.entries[2].Body = nil, nil // one is enough to try
	o := l.partial(1, 4)
	o.Checkpoint = l.sign(4, w)
	o.Rotations = []RotationProof{l.rotationProof(i, signed)}
	o.Past = []Past{{Note: l.sign(1, w), Consistency: l.consistency(1, 4)}}
	files := unpack(t, l.zip(o))
	known := VerifyOptions{Keys: []Key{l.keys[0], w.Key}, Held: [][]byte{l.sign(1)}}
	wantStates(t, verify(t, files, known), Yes, Yes, Yes)
	long := os.Getenv("VARUH_LONG") == "1"
	for name, file := range files {
		if name == "dnevnik.html" || name == keysFile || strings.HasSuffix(name, ".consistency") && strings.HasPrefix(name, checkpointsDir) {
			continue // no proof covers the first, the second only suggests, the third is not needed here
		}
		end := len(file.Data)
		if strings.HasSuffix(name, ".consistency") { // the bundle's checkpoint again follows, to no effect
			end = bytes.Index(file.Data, []byte("\n\n"))
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for bit := range 8 * end {
				if !long && bit%8 != bit/8%8 {
					continue
				}
				changed := maps.Clone(files)
				changed[name] = &fstest.MapFile{Data: flip(file.Data, bit)}
				r, err := VerifyBundle(t.Context(), changed, known)
				if err == nil && !r.Bad() && r.Intact.State == Yes && r.Anchored.State == Yes && !made(name, r) {
					t.Fatalf("bit %d: %q", bit, changed[name].Data)
				}
			}
		})
	}
}

// made tells whether the change can only be in what the appliance says of its own: when it made
// the bundle, and the witness's line of an earlier checkpoint, which then is missing.
func made(name string, r *Report) bool {
	return name == aboutFile || strings.HasPrefix(name, checkpointsDir) && len(r.Anchors) < 3
}

func TestBundleMissing(t *testing.T) {
	t.Parallel()
	l := newLog(t, 2*chunkEntries+5)
	for _, name := range []string{chunkName(leavesDir, chunkEntries), chunkName(bodiesDir, 0), aboutFile, checkpointFile, keysFile, frontierFile} {
		files := unpack(t, l.zip(l.options()))
		delete(files, name)
		r, err := VerifyBundle(t.Context(), files, VerifyOptions{Keys: l.keys})
		switch {
		case name == chunkName(bodiesDir, 0):
			must(t, err)
			has(t, r, CodeWithheld, false)
			wantStates(t, r, Yes, Unknown, Unknown)
		case err == nil && r.Intact.State == Yes:
			t.Errorf("without %s: %+v", name, r)
		}
	}
}

func TestBundleOddities(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	known := VerifyOptions{Keys: l.keys}
	for what, change := range map[string]func(fstest.MapFS){
		"a second chunk":     func(f fstest.MapFS) { f[chunkName(leavesDir, 3)] = f[chunkName(leavesDir, 0)] },
		"a chunk behind":     func(f fstest.MapFS) { f[chunkName(leavesDir, 5)] = f[chunkName(leavesDir, 0)] },
		"a chunk far behind": func(f fstest.MapFS) { f[chunkName(leavesDir, 9)] = f[chunkName(leavesDir, 0)] },
		"a line more":        func(f fstest.MapFS) { add(f, chunkName(leavesDir, 0), "{}\n") },
		"no newline":         func(f fstest.MapFS) { add(f, chunkName(bodiesDir, 0), "x") },
		"a newer version":    func(f fstest.MapFS) { swap(f, aboutFile, `"v":1`, `"v":2`) },
	} {
		files := unpack(t, l.zip(l.options()))
		change(files)
		r, err := VerifyBundle(t.Context(), files, known)
		if err == nil && !r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
		if newer := what == "a newer version"; newer != errors.Is(err, ErrVersion) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := VerifyBundle(ctx, l.bundle(l.options()), known); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	enough := errors.New("enough")
	known.Each = func(Leaf, *Body, []byte) error { return enough }
	if _, err := VerifyBundle(t.Context(), l.bundle(l.options()), known); !errors.Is(err, enough) {
		t.Errorf("Each: %v", err)
	}
}

func add(f fstest.MapFS, name, text string) {
	f[name] = &fstest.MapFile{Data: append(bytes.Clone(f[name].Data), text...)}
}

func swap(f fstest.MapFS, name, old, text string) {
	f[name] = &fstest.MapFile{Data: bytes.Replace(f[name].Data, []byte(old), []byte(text), 1)}
}

func TestClockBack(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	l.now = testStart.Add(-time.Hour)
	l.add("clock.step", nil)
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
	has(t, r, CodeClock, false)
	wantStates(t, r, Yes, Unknown, Unknown)
}

// A bundle that is wrong everywhere gives a report that ends.
func TestWrongEverywhere(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3*maxFindings)
	files := unpack(t, l.zip(l.options()))
	name := chunkName(bodiesDir, 0)
	files[name] = &fstest.MapFile{Data: bytes.ReplaceAll(files[name].Data, []byte("vrat"), []byte("okna"))}
	r := verify(t, files, VerifyOptions{Keys: l.keys})
	wantStates(t, r, No, Unknown, Unknown)
	if len(r.Findings) != maxFindings+1 || r.Bodies != 0 || !r.Bad() {
		t.Errorf("%d findings, %d bodies", len(r.Findings), r.Bodies)
	}
	has(t, r, CodeMore, true)
}

// A body that was hashed in another form than this one is refused, though its hash is right.
func TestOtherForm(t *testing.T) {
	t.Parallel()
	l := newLog(t, 2)
	body := []byte(`{"note":"a","note":"b","salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`)
	leaf, err := EncodeLeaf(Leaf{Index: 2, Op: "view.end", Time: l.now, Body: HashBody(body)})
	must(t, err)
	l.put(Entry{leaf, body, nil})
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
	wantStates(t, r, No, Unknown, Unknown)
	if f := has(t, r, CodeBody, true); *f.Index != 2 {
		t.Errorf("%+v", f)
	}
}

// An entry that was signed in the wrong place is wrong all the same, and so is a chunk that is too long.
func TestSignedButWrong(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	forged := newLog(t, 0)
	forged.keys, forged.signers = l.keys, l.signers
	var leaves []byte
	for _, i := range []int{0, 1, 3, 2, 4} {
		forged.put(l.entries[i])
		leaves = append(append(leaves, l.entries[i].Leaf...), '\n')
	}
	files := unpack(t, l.zip(l.options()))
	files[checkpointFile] = &fstest.MapFile{Data: forged.sign(5)}
	files[chunkName(leavesDir, 0)] = &fstest.MapFile{Data: leaves}
	delete(files, chunkName(bodiesDir, 0))
	r := verify(t, files, VerifyOptions{Keys: l.keys})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeEntry, true)

	l = newLog(t, chunkEntries+1)
	files = unpack(t, l.zip(l.options()))
	first, second := chunkName(leavesDir, 0), chunkName(leavesDir, chunkEntries)
	add(files, first, string(files[second].Data))
	delete(files, second)
	if _, err := VerifyBundle(t.Context(), files, VerifyOptions{Keys: l.keys}); !errors.Is(err, ErrFormat) {
		t.Errorf("a chunk of %d entries: %v", l.size(), err)
	}
}
