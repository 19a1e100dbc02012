package proof

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestBundle(t *testing.T) {
	t.Parallel()
	l := newLog(t, chunkEntries+10)
	l.add("erase.end", []byte(`{"segments":[]}`))
	n := int64(0)
	r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(100), l.sign(l.size())},
		Each: func(leaf Leaf, b *Body, manifest []byte) error {
			if leaf.Index != n || b == nil || b.Data["count"] != n || (manifest != nil) != (leaf.Op == "erase.end") {
				t.Errorf("entry %d comes as %+v, %v, %s", n, leaf, b, manifest)
			}
			n++
			return nil
		}})
	wantStates(t, r, Yes, Yes, Yes)
	if r.Bad() || n != l.size() || r.Bodies != n || !r.Confirmed {
		t.Errorf("after %d entries: %+v", n, r)
	}
	has(t, r, CodeForPeople, false)
}

// Without a key from elsewhere nothing is confirmed; the fingerprint on paper is enough.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	b := l.bundle(l.options())
	r := verify(t, b, VerifyOptions{})
	wantStates(t, r, Unknown, Unknown, Unknown)
	has(t, r, CodeKeyUnknown, false)
	typed := strings.ToUpper(strings.ReplaceAll(l.key().Fingerprint(), " ", "-"))
	wantStates(t, verify(t, b, VerifyOptions{Fingerprints: []string{typed}}), Yes, Unknown, Unknown)
	other := newLog(t, 1)
	r = verify(t, b, VerifyOptions{Keys: other.keys})
	wantStates(t, r, No, Unknown, Unknown)
	has(t, r, CodeSignature, true)
}

// Parts of the log, and entries without their bodies, verify against the same checkpoint.
func TestPartial(t *testing.T) {
	t.Parallel()
	l := newLog(t, 40)
	for _, part := range [][2]int64{{0, 40}, {0, 17}, {17, 40}, {17, 23}, {8, 8}, {0, 0}, {40, 40}} {
		o := l.partial(part[0], part[1])
		for i := range l.entries {
			if i%3 == 0 {
				l.entries[i].Body = nil
			}
		}
		r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
		if part[0] == part[1] {
			wantStates(t, r, Unknown, Unknown, Unknown)
			has(t, r, CodeEmpty, false)
			continue
		}
		if part[0] > 0 {
			wantStates(t, r, Unknown, Unknown, Unknown)
		} else {
			wantStates(t, r, Yes, Unknown, Unknown)
		}
		if part != [2]int64{0, 40} {
			has(t, r, CodePartial, false)
		}
		has(t, r, CodeWithheld, false)
	}
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	l := newLog(t, 9)
	for what, change := range map[string]func(*BundleOptions, []Entry){
		"another checkpoint": func(o *BundleOptions, _ []Entry) { o.Checkpoint = l.sign(8) },
		"another frontier":   func(o *BundleOptions, _ []Entry) { o.Frontier = l.frontier(1) },
		"a body changed":     func(_ *BundleOptions, e []Entry) { e[4].Body = flip(e[4].Body, 99) },
		"a leaf changed":     func(_ *BundleOptions, e []Entry) { e[4].Leaf = flip(e[4].Leaf, 80) },
		"another entry":      func(_ *BundleOptions, e []Entry) { e[4] = e[5] },
		"a manifest":         func(_ *BundleOptions, e []Entry) { e[4].Manifest = []byte("{}") },
		"an entry less":      func(o *BundleOptions, _ []Entry) { o.To, o.Size = 10, 10 },
		"another log":        func(o *BundleOptions, _ []Entry) { o.Origin = "x" },
		"entries from nowhere": func(o *BundleOptions, e []Entry) {
			forged := newLog(t, 9)
			forged.add("stop", nil)
			copy(e, forged.entries[1:])
		},
	} {
		o, entries := l.options(), append([]Entry(nil), l.entries...)
		change(&o, entries)
		z := zip.NewWriter(new(bytes.Buffer))
		w, err := NewBundleWriter(z, o)
		for _, e := range entries {
			if err == nil {
				err = w.Add(e)
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			t.Errorf("%s: written", what)
		}
	}
}

// Whoever holds a checkpoint finds what root rewrote and signed again, and where.
func TestRewritten(t *testing.T) {
	t.Parallel()
	l := newLog(t, 50)
	before, after := l.sign(20), l.sign(45)
	forged := newLog(t, 0)
	forged.keys, forged.signers = l.keys, l.signers
	for i, e := range l.entries {
		if i == 30 {
			forged.now = testStart.Add(time.Minute)
			forged.add("login.failed", nil)
			continue
		}
		forged.put(e)
	}
	b := forged.bundle(forged.options())
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys}), Yes, Unknown, Unknown)
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{before}}), Yes, Yes, No)
	r := verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{before, after}})
	wantStates(t, r, Yes, No, No)
	f := has(t, r, CodeRewritten, true)
	if *f.Size != 45 || !strings.Contains(f.EN, "entries 20 to 44 ") || !strings.Contains(f.SL, "od 20 do 44.") {
		t.Errorf("it breaks at %d: %s", *f.Size, f.EN)
	}
}

// A log that lost its end, as after an old disk was put back.
func TestWentBack(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	held := l.sign(30)
	l.entries, l.hashes = l.entries[:20], l.hashes[:storedCount(20)]
	b := l.bundle(l.options())
	r := verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{held}, Latest: true})
	wantStates(t, r, Yes, No, Unknown)
	has(t, r, CodeRollback, true)
	// What was handed out may just as well be older than the checkpoint: nobody is accused, and nothing is good.
	r = verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{held}})
	wantStates(t, r, Yes, Unknown, Unknown)
	if f := has(t, r, CodeOlder, false); r.Bad() || *f.Size != 30 || !strings.Contains(f.EN, "older export") {
		t.Errorf("%+v", r)
	}
	r, err := VerifyInclusion(l.proofFile(3, 20), nil, VerifyOptions{Keys: l.keys, Held: [][]byte{held}})
	must(t, err)
	if has(t, r, CodeOlder, false); r.Bad() || r.Complete.State != Unknown {
		t.Errorf("%+v", r)
	}
}

func storedCount(n int64) (sum int64) {
	for ; n > 0; n >>= 1 {
		sum += n
	}
	return sum
}

func TestHeldSaysNothing(t *testing.T) {
	t.Parallel()
	l, other := newLog(t, 30), newLog(t, 10)
	stranger := newLog(t, 10)
	stranger.origin = "x.example/varuh/1/dnevnik"
	stranger.newKey()
	for what, tt := range map[string]struct {
		held []byte
		code Code
	}{
		"of a key unknown":  {other.sign(10), CodeOtherKey},
		"of another log":    {stranger.sign(10), CodeOtherLog},
		"below the bundle":  {l.sign(5), CodeNotJoined},
		"no checkpoint":     {[]byte("hello\n"), CodeNotJoined},
		"behind the bundle": {l.sign(28), CodeNotJoined},
	} {
		r := verify(t, l.bundle(l.partial(12, 25)), VerifyOptions{Keys: l.keys, Held: [][]byte{tt.held}})
		t.Log(what)
		if r.Complete.State != Unknown || r.Intact.State != Unknown || r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
		has(t, r, tt.code, false)
	}
}

// A held checkpoint below the cut joins by a stored proof; a lie about it does not help.
func TestStoredConsistency(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	o := l.partial(12, 30)
	o.Past = []Past{{Note: l.sign(5), Consistency: l.consistency(5, 30)}}
	wantStates(t, verify(t, l.bundle(o), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(5)}}), Unknown, Unknown, No)

	forged := newLog(t, 30)
	forged.keys, forged.signers = l.keys, l.signers
	forged.entries, forged.hashes = nil, nil
	forged.add("start", nil)
	for _, e := range l.entries[1:] {
		forged.put(e)
	}
	o = forged.partial(12, 30)
	o.Past = []Past{{Note: forged.sign(5), Consistency: forged.consistency(5, 30)}}
	r := verify(t, forged.bundle(o), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(5)}})
	wantStates(t, r, Unknown, No, Unknown)
	has(t, r, CodeRewritten, true)
}

// Cosignatures anchor as far as they reach; one by a key that only the bundle names is said to be that.
func TestAnchored(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	w := witness(t, "witness.example/1", testStart)
	o := l.options()
	o.Past = []Past{{Note: l.sign(25, w)}}
	o.Keys = append(o.Keys, w.Key)
	b := l.bundle(o)
	r := verify(t, b, VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	if len(r.Anchors) != 1 || r.Anchors[0].Known || r.Anchors[0].Size != 25 || r.Anchors[0].Time != "2026-11-21T12:00:00Z" {
		t.Errorf("anchors: %+v", r.Anchors)
	}
	r = verify(t, b, VerifyOptions{Keys: append(l.keys, w.Key)})
	wantStates(t, r, Yes, Unknown, No)
	if !strings.Contains(r.Anchored.EN, "25") || !strings.Contains(r.Anchored.EN, "entries 25 to 29") {
		t.Error(r.Anchored.EN)
	}
	o.Checkpoint = l.sign(30, w)
	wantStates(t, verify(t, l.bundle(o), VerifyOptions{Keys: append(l.keys, w.Key)}), Yes, Unknown, Yes)
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	l := newLog(t, 30)
	o := l.options()
	o.Past = []Past{{Note: l.sign(30), Timestamps: [][]byte{[]byte("token"), []byte("more")}}}
	b := l.bundle(o)
	has(t, verify(t, b, VerifyOptions{Keys: l.keys}), CodeTimestamp, false)
	check := func(token, text []byte) (time.Time, string, error) {
		if string(text) != l.at(30).Text() {
			t.Errorf("the text is %q", text)
		}
		return testStart, "tsa.example", nil
	}
	wantStates(t, verify(t, b, VerifyOptions{Keys: l.keys, Timestamp: check}), Yes, Unknown, Yes)
	wrong := func([]byte, []byte) (time.Time, string, error) { return time.Time{}, "", errors.New("no") }
	r := verify(t, b, VerifyOptions{Keys: l.keys, Timestamp: wrong})
	has(t, r, CodeTimestamp, true)
	wantStates(t, r, Yes, Unknown, Unknown)
}

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

// A zip file with a name twice can show different contents to different programs.
func TestNameTwice(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2 {
		for name, f := range unpack(t, l.zip(l.options())) {
			w, err := z.Create(name)
			must(t, err)
			_, err = w.Write(f.Data)
			must(t, err)
		}
	}
	must(t, z.Close())
	var zipped fs.FS = openZip(t, b.Bytes())
	if r, err := VerifyBundle(t.Context(), zipped, VerifyOptions{Keys: l.keys}); err == nil && !r.Bad() {
		t.Errorf("%+v", r)
	}
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

// A diary that went back says so itself, and earlier checkpoints are those of another name.
func TestNewOrigin(t *testing.T) {
	t.Parallel()
	l := newLog(t, 9)
	old := l.sign(5)
	l.origin = "sola.example/varuh/00000000/dnevnik"
	l.keys, l.signers = nil, nil
	l.newKey()
	l.add("origin.begin", []byte(`{"state":""}`))
	o := l.options()
	o.Past = []Past{{Note: old}}
	r := verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
	wantStates(t, r, Yes, Unknown, Unknown)
	has(t, r, CodeNewOrigin, false)
	has(t, r, CodeOtherLog, false)
}

func TestFilesForPeople(t *testing.T) {
	t.Parallel()
	l := newLog(t, 1)
	for _, name := range []string{"", "bundle.json", "checkpoint.txt", "leaves/x", `a\b`, "c:d"} {
		w, err := NewBundleWriter(zip.NewWriter(new(bytes.Buffer)), l.options())
		must(t, err)
		if _, err := w.File(name); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

// full is an archive that has room for some files only.
type full struct {
	Archive
	left int
}

var errFull = errors.New("no room")

func (f *full) Create(name string) (io.Writer, error) {
	if f.left--; f.left < 0 {
		return nil, errFull
	}
	return f.Archive.Create(name)
}

// An error of the archive comes out wherever it happens, and stays.
func TestArchiveFull(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	for room := range 6 {
		w, err := NewBundleWriter(&full{zip.NewWriter(new(bytes.Buffer)), room}, l.options())
		if err == nil {
			for _, e := range l.entries {
				must(t, w.Add(e))
			}
			err = w.Close()
			if again := w.Close(); again == nil {
				t.Error("closed twice")
			}
		}
		if !errors.Is(err, errFull) {
			t.Errorf("with room for %d files: %v", room, err)
		}
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
