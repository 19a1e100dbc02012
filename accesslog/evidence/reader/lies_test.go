package reader_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// harness has the verifier look at packages in memory.
const harness = `globalThis.examined = async (files, typed) => {
	const map = new Map(Object.entries(files).map(([path, bytes]) => [path, new File([bytes], path)]));
	const judged = (await new Examination(map, () => {}, {aborted: false}).run()).judged(typed);
	return {sum: judged.sum, verdicts: judged.states, bad: judged.findings.filter((f) => f.bad).map((f) => f.code + ' ' + f.values.join(' '))};
};
globalThis.load = (files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
true`

// loaded is a package as an argument of a script.
func loaded(t testing.TB, pkg fstest.MapFS) string {
	t.Helper()
	files := map[string][]byte{}
	for name, f := range pkg {
		files[name] = append([]byte{}, f.Data...) // null is no base64
	}
	text, err := json.Marshal(files)
	must(t, err)
	return "load(" + string(text) + ")"
}

func plain(fingerprint string) string { return strings.ReplaceAll(fingerprint, " ", "") }

// A byte that is changed in any file, at many places, is found, and the file is named; so is a file that is missing, one that is
// added, and one whose end is gone.
func (b *tab) testEveryFile(t *testing.T) {
	c := evidencetest.Tiny(t, "a")
	pkg := packageOf(t, c)
	js[bool](b, harness)
	type found struct {
		Tried   int
		Unfound []string
	}
	got := js[found](b, fmt.Sprintf(`(async () => {
		const files = %s, typed = %q, unfound = [], good = await examined(files, typed);
		if (good.sum !== 'good' || good.bad.length > 0) unfound.push('as it is: ' + JSON.stringify(good));
		let tried = 0;
		const wrong = async (what, path, changed) => {
			const r = await examined(changed, typed);
			tried++;
			if (r.sum !== 'bad' || r.verdicts.exported !== 'no' && r.verdicts.disclosed !== 'no' || !(r.bad.some((f) => f.includes(path)) || path.includes('manifest') && r.bad.some((f) => f.includes('manifest') || f.startsWith('signature')) ||
				path === 'SHA256SUMS.txt' && r.bad.some((f) => f.startsWith('strange')))) // a line of it names another file
				unfound.push(what + ' ' + path + ': ' + JSON.stringify(r));
		};
		for (const [path, bytes] of Object.entries(files)) {
			const {[path]: _, ...without} = files;
			await wrong('without', path, without);
			await wrong('cut', path, {...files, [path]: bytes.slice(0, -1)});
			await wrong('longer', path, {...files, [path]: joined(bytes, Uint8Array.of(10))});
			for (let n = 0; n < 9; n++) {
				const at = Math.floor((bytes.length - 1) * n / 8), flip = bytes.slice();
				flip[at] ^= 1 << (n %% 8);
				await wrong('byte ' + at, path, {...files, [path]: flip});
			}
		}
		for (const path of ['posnetki/0009.mp4', 'proof/clips/0009.jsonl', 'proof/diary/x', 'proof/diary/pinned/0000000000000000.tlog-proof'])
			await wrong('added', path, {...files, [path]: Uint8Array.of(1)});
		return {Tried: tried, Unfound: unfound};
	})()`, loaded(t, pkg), plain(c.Diary.Key.Fingerprint())))
	if got.Tried < 200 {
		t.Errorf("only %d changes were tried", got.Tried)
	}
	for _, u := range got.Unfound[:min(len(got.Unfound), 20)] {
		t.Error(u)
	}
}

// forgery is a package in the hands of somebody who has the diary's own key.
type forgery struct {
	t     testing.TB
	c     *evidencetest.Case
	files fstest.MapFS
	m     evidence.Manifest
}

func (f *forgery) put(name string, b []byte) { f.files[name] = &fstest.MapFile{Data: b, Mode: 0o600} }

func (f *forgery) lines(name string, change func([]string) []string) {
	lines := strings.SplitAfter(string(f.files[name].Data), "\n")
	f.put(name, []byte(strings.Join(change(lines[:len(lines)-1]), "")))
}

// all makes a whole package of what was changed, as the appliance itself could.
func (f *forgery) all() {
	f.disclose(f.sign(), &f.m.Export)
	f.close()
}

// close makes the sums anew and signs them.
func (f *forgery) close() {
	f.sum()
	sig, err := f.c.Diary.Sign(f.files["SHA256SUMS.txt"].Data)
	must(f.t, err)
	f.put("SHA256SUMS.sig", sig)
}

// sign lists the files as they are now.
func (f *forgery) sign() []byte {
	for i := range f.m.Files {
		x := &f.m.Files[i]
		b := f.files[x.Path].Data
		x.Size, x.Hash, x.Chunks = int64(len(b)), sha256.Sum256(b), nil
		for part := range slices.Chunk(b, 4<<20) {
			x.Chunks = append(x.Chunks, sha256.Sum256(part))
		}
	}
	b, err := f.m.Encode()
	must(f.t, err)
	sig, err := f.c.Diary.Sign(b)
	must(f.t, err)
	f.put("manifest.json", b)
	f.put("manifest.sig", sig)
	return b
}

func (f *forgery) disclose(manifest []byte, ref *int64) {
	f.prove(append(slices.Clone(f.c.Entries), f.c.Diary.Add("disclose", manifest, ref))...)
}

// prove proves entries as the diary is now.
func (f *forgery) prove(entries ...int64) {
	maps.DeleteFunc(f.files, func(name string, _ *fstest.MapFile) bool { return strings.HasPrefix(name, "proof/diary/") })
	d := f.c.Diary.Disclosed(entries...)
	w, err := proof.NewBundleWriter(f, d.Diary)
	must(f.t, err)
	for _, e := range d.Entries {
		must(f.t, w.Pin(e.Entry, e.Hashes, d.Diary.Checkpoint))
	}
	must(f.t, w.Close())
}

// Create implements [proof.Archive].
func (f *forgery) Create(name string) (io.Writer, error) { return piece{f, "proof/diary/" + name}, nil }

type piece struct {
	f    *forgery
	name string
}

func (p piece) Write(b []byte) (int, error) {
	p.f.put(p.name, slices.Clone(b))
	return len(b), nil
}

func (f *forgery) sum() {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if name != "SHA256SUMS.txt" && name != "SHA256SUMS.sig" {
			fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(f.files[name].Data), name)
		}
	}
	f.put("SHA256SUMS.txt", b.Bytes())
}

func (f *forgery) flip(name string, at int) {
	b := f.files[name].Data
	if at < 0 {
		at += len(b)
	}
	f.put(name, flipped(b, at))
}

const (
	film1, film2 = "posnetki/0001.mp4", "posnetki/0002.mp4"
	side1, side2 = "proof/clips/0001.jsonl", "proof/clips/0002.jsonl"
)

// lies are what somebody did to a package, the verdicts that it must make bad, and what must be found.
var lies = []struct {
	what    string
	do      func(*forgery)
	against string // of export, disclosure, capture
	found   string
}{
	// Without any key, but with new sums.
	{"the sums' signature is another", func(f *forgery) { f.flip("SHA256SUMS.sig", 3) }, "export", "sumsSignature SHA256SUMS.sig"},
	{"the record is changed", func(f *forgery) { f.flip(evidence.RecordFile, 3); f.sum() }, "export", "sumsSignature SHA256SUMS.sig"},
	{"a sample is changed", func(f *forgery) { f.flip(film2, -1); f.sum() }, "export capture", "changed " + film2},
	{"clips are exchanged", func(f *forgery) { f.files[film1], f.files[film2] = f.files[film2], f.files[film1]; f.sum() }, "export capture", "swapped " + film1 + " " + film2},
	{"the page is changed", func(f *forgery) { f.flip("1_PREBERI.html", 900); f.sum() }, "export", "changed 1_PREBERI.html"},
	{"a clip is added", func(f *forgery) { f.put("posnetki/0003.mp4", f.files[film1].Data); f.sum() }, "export", "strange posnetki/0003.mp4"},
	{"the manifest is another", func(f *forgery) {
		f.m.Controller = "Kdo drug"
		b, err := f.m.Encode()
		must(f.t, err)
		f.put("manifest.json", b)
		f.sum()
	}, "export disclosure", "signature"},
	{"the manifest has a newline", func(f *forgery) {
		f.put("manifest.json", append(slices.Clone(f.files["manifest.json"].Data), '\n'))
		f.sum()
	}, "export disclosure capture", "manifestForm manifest.json"},
	{"the checkpoint is changed", func(f *forgery) { f.flip("proof/diary/checkpoint.txt", 50); f.sum() }, "export disclosure capture", "diary proof/diary"},
	{"the frontier is changed", func(f *forgery) { f.flip("proof/diary/frontier.txt", 9); f.sum() }, "export disclosure capture", "diary proof/diary"},
	{"an entry is changed", func(f *forgery) { f.flip("proof/diary/pinned/0000000000000005.tlog-proof", 60); f.sum() }, "export disclosure capture", "diary proof/diary"},
	{"what an hour recorded is changed", func(f *forgery) { f.flip("proof/diary/pinned/0000000000000001.manifest.json", 60); f.sum() }, "export disclosure capture", "diary proof/diary"},
	{"the entry is gone", func(f *forgery) { delete(f.files, "proof/diary/pinned/0000000000000005.tlog-proof"); f.sum() }, "export disclosure", "disclose"},
	{"the export's entry is gone", func(f *forgery) { delete(f.files, "proof/diary/pinned/0000000000000004.tlog-proof"); f.sum() }, "export disclosure", "request 4"},
	{"the request's entry is gone", func(f *forgery) { delete(f.files, "proof/diary/pinned/0000000000000003.tlog-proof"); f.sum() }, "export disclosure", "request 3"},
	{"the record is gone", func(f *forgery) { delete(f.files, evidence.RecordFile); f.sum() }, "export", "missing " + evidence.RecordFile},
	{"a program is added", func(f *forgery) { f.put("varuh-verify.exe", []byte("MZ")); f.sum() }, "export", "strange varuh-verify.exe"},
	{"a clip is added in a folder of another spelling", func(f *forgery) { f.put("Posnetki/0003.mp4", []byte("x")); f.sum() }, "export", "strange Posnetki/0003.mp4"},
	{"a record is added elsewhere", func(f *forgery) { f.put("x/"+evidence.RecordFile, []byte("x")) }, "export", "strange x/" + evidence.RecordFile},
	// With the diary's own key, as if footage and diary were so.
	{"a sample is changed and signed", func(f *forgery) { f.flip(film1, -1); f.all() }, "export capture", "fragment " + film1 + " 4"},
	{"a fragment is taken out", func(f *forgery) {
		f.lines(side1, func(l []string) []string { return slices.Delete(l, 3, 4) })
		f.all()
	}, "export capture", "order " + film1 + " 3"},
	{"a fragment comes twice", func(f *forgery) {
		f.lines(side1, func(l []string) []string { return slices.Insert(l, 3, l[2]) })
		f.all()
	}, "export capture", "order " + film1 + " 3"},
	{"the last fragment is taken out", func(f *forgery) {
		f.lines(side2, func(l []string) []string { return l[:len(l)-1] })
		f.all()
	}, "export", "index " + film2},
	{"the format is changed and signed", func(f *forgery) {
		f.lines(side2, func(l []string) []string {
			at := strings.Index(l[0], `"boxes":"`) + 9 + 20
			l[0] = l[0][:at] + string("AB"[strings.Count(l[0][at:at+1], "A")]) + l[0][at+1:]
			return l
		})
		f.all()
	}, "export capture", "fragment " + side2},
	{"a sidecar is empty", func(f *forgery) { f.put(side1, nil); f.all() }, "export", "index " + film1},
	{"a root is another", func(f *forgery) { f.m.Segments[0].Root[0] ^= 1; f.all() }, "export capture", "fragment " + side1},
	{"a segment is of another hour", func(f *forgery) { f.m.Segments[0].Collect++; f.all() }, "capture", "segmentOther"},
	{"an hour is not proven", func(f *forgery) { f.c.Entries = slices.Delete(slices.Clone(f.c.Entries), 1, 2); f.all() }, "capture", "segmentGone"},
	{"another package was disclosed", func(f *forgery) { f.sign(); f.disclose([]byte("{}"), &f.m.Export); f.close() }, "disclosure", "disclose"},
	{"it was never disclosed", func(f *forgery) { f.prove(f.c.Entries...); f.close() }, "disclosure", "disclose"},
	{"it was disclosed of another export", func(f *forgery) { other := int64(1); f.disclose(f.sign(), &other); f.close() }, "disclosure", "disclosedOther"},
}

// sounds is a case of two cameras in few bytes: their sound alone, in segments of 5 and 4 seconds.
func sounds(t testing.TB) *evidencetest.Case {
	t.Helper()
	c := evidencetest.NewCase(t, "a", true,
		evidencetest.Segments(t, evidencetest.Load(t, 1, clips.ALaw), "hall", "main", evidencetest.Dawn, 5),
		evidencetest.Segments(t, evidencetest.Load(t, 1, clips.MuLaw), "yard", "main", evidencetest.Dawn, 4))
	return c
}

// What somebody did who made new sums, or who has the diary's own key, is found, and said of the right verdict. A package by
// another key is bad once the fingerprint was typed, and never good before.
func (b *tab) testLies(t *testing.T) {
	js[bool](b, harness)
	type judged struct {
		Sum      string
		Verdicts map[string]string
		Bad      []string
	}
	examine := func(files fstest.MapFS, typed string) judged {
		return js[judged](b, fmt.Sprintf("examined(%s, %q)", loaded(t, files), plain(typed)))
	}
	names := map[string]string{"export": "exported", "disclosure": "disclosed", "capture": "unchanged"}
	for _, lie := range lies {
		c := sounds(t)
		f := &forgery{t, c, packageOf(t, c), evidence.Manifest{}}
		var err error
		f.m, err = evidence.ParseManifest(f.files["manifest.json"].Data)
		must(t, err)
		lie.do(f)
		got := examine(f.files, c.Diary.Key.Fingerprint())
		named := slices.ContainsFunc(got.Bad, func(s string) bool { return strings.HasPrefix(s+" ", lie.found+" ") })
		right := true
		for word, verdict := range names {
			right = right && strings.Contains(lie.against, word) == (got.Verdicts[verdict] == "no")
		}
		if got.Sum != "bad" || !named || !right {
			t.Errorf("%s: want %q against %s: %+v", lie.what, lie.found, lie.against, got)
		}
	}
	quiet := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.OpusSound), "hall", "main", evidencetest.Dawn, 3)
	for _, s := range quiet {
		s.Silent = true
	}
	c := evidencetest.NewCase(t, "a", true, quiet)
	files := packageOf(t, c)
	if got := examine(files, c.Diary.Key.Fingerprint()); got.Sum != "good" {
		t.Errorf("sound that stayed behind: %+v", got)
	}
	b.testLeftovers(t, files, c.Diary.Key.Fingerprint())
	f := &forgery{t, c, files, evidence.Manifest{}}
	var err error
	f.m, err = evidence.ParseManifest(files["manifest.json"].Data)
	must(t, err)
	f.lines(side1, func(l []string) []string {
		return []string{l[0], strings.TrimSuffix(l[1], "}\n") + `,"withheld":"` + strings.Repeat("A", 43) + "=\"}\n"}
	})
	f.all()
	if got := examine(files, c.Diary.Key.Fingerprint()); got.Sum != "bad" || !slices.ContainsFunc(got.Bad, func(s string) bool { return strings.HasPrefix(s, "sidecar "+side1) }) {
		t.Errorf("a picture that is told to be sound: %+v", got)
	}
	true, forged := evidencetest.Tiny(t, "a"), packageOf(t, evidencetest.Tiny(t, "forger"))
	if got := examine(forged, true.Diary.Key.Fingerprint()); got.Sum != "bad" || got.Verdicts["exported"] != "no" || got.Verdicts["disclosed"] != "no" || got.Verdicts["unchanged"] != "no" {
		t.Errorf("a foreign key: %+v", got)
	}
	if got := examine(forged, ""); got.Sum != "waiting" || got.Verdicts["exported"] != "waiting" {
		t.Errorf("a foreign key before the fingerprint: %+v", got)
	}
}

// testLeftovers adds what systems leave, and what only looks like that, as evidence's tests of it do.
func (b *tab) testLeftovers(t *testing.T, pkg fstest.MapFS, fingerprint string) {
	examine := func(name string, content []byte, sum string) {
		all := maps.Clone(pkg)
		all[name] = &fstest.MapFile{Data: content}
		type judged struct {
			Sum string
			Bad []string
		}
		if got := js[judged](b, fmt.Sprintf("examined(%s, %q)", loaded(t, all), plain(fingerprint))); got.Sum != sum || sum == "bad" && !slices.Equal(got.Bad, []string{"strange " + name}) {
			t.Errorf("%s is %+v", name, got)
		}
	}
	for name, sum := range map[string]string{
		".DS_Store": "good", "posnetki/.DS_Store": "good", "posnetki/._0001.mp4": "good", "proof/diary/._bundle.json": "good", "System Volume Information/x": "good", ".Trash-1000/x": "good", "$RECYCLE.BIN/desktop.ini": "good", "desktop.ini": "good", "Desktop.ini": "good", "ehthumbs.db": "good",
		".directory": "good", ".apdisk": "good", "__MACOSX/posnetki/._0001.mp4": "good", "lost+found/._0001.mp4": "good",
		".DS_Store/0003.mp4": "bad", "posnetki/._x/0003.mp4": "bad", "._": "bad", "System Volume Information": "bad", "posnetki/System Volume Information/x": "bad", ".Trash-/x": "bad", "System Volume Information.mp4": "bad",
	} {
		examine(name, evidencetest.Left(name), sum)
	}
	for name, content := range evidencetest.Hidden(pkg[film1].Data) {
		examine(name, content, "bad")
	}
}
