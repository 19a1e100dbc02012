package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
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
)

// forgery is a package in the hands of somebody who has the diary's own key, or another.
type forgery struct {
	t     testing.TB
	c     *evidencetest.Case
	files fstest.MapFS
	m     evidence.Manifest
}

func forge(t testing.TB, c *evidencetest.Case, pkg fstest.MapFS) *forgery {
	t.Helper()
	m, err := evidence.ParseManifest(pkg["manifest.json"].Data)
	must(t, err)
	return &forgery{t, c, maps.Clone(pkg), m}
}

func (f *forgery) put(name string, b []byte) { f.files[name] = &fstest.MapFile{Data: b, Mode: 0o600} }
func (f *forgery) get(name string) []byte    { return slices.Clone(f.files[name].Data) }

// flip changes a byte, counted from the end if it is negative.
func (f *forgery) flip(name string, at int) {
	b := f.get(name)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	f.put(name, b)
}

// lines has the lines of a sidecar done something to.
func (f *forgery) lines(name string, change func([]string) []string) {
	lines := strings.SplitAfter(string(f.get(name)), "\n")
	f.put(name, []byte(strings.Join(change(lines[:len(lines)-1]), "")))
}

// member has a member of a line done something to.
func (f *forgery) member(line, name string, change func(any) any) string {
	var o map[string]any
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	must(f.t, d.Decode(&o))
	o["n"], _ = o["n"].(json.Number).Int64()
	o[name] = change(o[name])
	b, err := proof.Encode(o)
	must(f.t, err)
	return string(b) + "\n"
}

// flipped is base64 with a bit of what it encodes changed.
func flipped(at int) func(any) any {
	return func(v any) any {
		b, _ := base64.StdEncoding.DecodeString(v.(string))
		b[at] ^= 1
		return base64.StdEncoding.EncodeToString(b)
	}
}

// list makes the manifest list the files as they are now.
func (f *forgery) list() {
	for i := range f.m.Files {
		x := &f.m.Files[i]
		b := f.files[x.Path].Data
		x.Size, x.Hash, x.Chunks = int64(len(b)), sha256.Sum256(b), nil
		for part := range slices.Chunk(b, 4<<20) {
			x.Chunks = append(x.Chunks, sha256.Sum256(part))
		}
	}
}

// sign signs the manifest as it is now.
func (f *forgery) sign() []byte {
	b, err := f.m.Encode()
	must(f.t, err)
	sig, err := f.c.Diary.Sign(b)
	must(f.t, err)
	f.put("manifest.json", b)
	f.put("manifest.sig", sig)
	return b
}

// disclose enters that a manifest was disclosed, and proves that.
func (f *forgery) disclose(manifest []byte, ref *int64) {
	i := f.c.Diary.Add("disclose", manifest, ref)
	f.prove(append(slices.Clone(f.c.Entries), i)...)
}

// prove proves entries as the diary is now.
func (f *forgery) prove(entries ...int64) {
	for name := range f.files {
		if strings.HasPrefix(name, "proof/diary/") {
			delete(f.files, name)
		}
	}
	d := f.c.Diary.Disclosed(entries...)
	w, err := proof.NewBundleWriter(f, d.Diary)
	must(f.t, err)
	for _, e := range d.Entries {
		must(f.t, w.Pin(e.Entry, e.Hashes, d.Diary.Checkpoint))
	}
	must(f.t, w.Close())
}

// Create implements [proof.Archive].
func (f *forgery) Create(name string) (io.Writer, error) { return file{f, "proof/diary/" + name}, nil }

type file struct {
	f    *forgery
	name string
}

func (x file) Write(b []byte) (int, error) {
	x.f.put(x.name, slices.Clone(b))
	return len(b), nil
}

// unpin takes an entry out of the proofs.
func (f *forgery) unpin(i int64) {
	delete(f.files, fmt.Sprintf("proof/diary/pinned/%016d.tlog-proof", i))
}

// sum makes the sums anew.
func (f *forgery) sum() {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if name != "SHA256SUMS.txt" && name != "SHA256SUMS.sig" {
			fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(f.files[name].Data), name)
		}
	}
	f.put("SHA256SUMS.txt", b.Bytes())
}

// close makes the sums anew and signs them.
func (f *forgery) close() {
	f.sum()
	sig, err := f.c.Diary.Sign(f.files["SHA256SUMS.txt"].Data)
	must(f.t, err)
	f.put("SHA256SUMS.sig", sig)
}

// all makes a whole package of what was changed, as the appliance itself could.
func (f *forgery) all() {
	f.list()
	f.disclose(f.sign(), &f.m.Export)
	f.close()
}

const (
	film1, film2 = "posnetki/0001.mp4", "posnetki/0002.mp4"
	side1, side2 = "proof/clips/0001.jsonl", "proof/clips/0002.jsonl"
)

const (
	yes     = proof.Yes
	no      = proof.No
	unknown = proof.Unknown
)

// lies are what somebody did to a package, and what must be found: the verdicts (capture, export, log), and a finding
// with code, file and number of the fragment.
var lies = []struct {
	what     string
	do       func(*forgery)
	states   [3]proof.State
	code     evidence.Code
	file     string
	fragment int64
}{
	// Without any key.
	{"a clip is gone", func(f *forgery) { delete(f.files, film2) }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, film2, 0},
	{"a sidecar is gone", func(f *forgery) { delete(f.files, side1) }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, side1, 0},
	{"the manifest is gone", func(f *forgery) { delete(f.files, "manifest.json") }, [3]proof.State{no, no, no}, evidence.CodeMissing, "manifest.json", 0},
	{"the signature is gone", func(f *forgery) { delete(f.files, "manifest.sig") }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, "manifest.sig", 0},
	{"the signature is empty", func(f *forgery) { f.put("manifest.sig", nil); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeSignature, "manifest.sig", 0},
	{"the manifest is empty", func(f *forgery) { f.put("manifest.json", nil); f.sum() }, [3]proof.State{no, no, no}, evidence.CodeManifest, "manifest.json", 0},
	{"the sums are gone", func(f *forgery) { delete(f.files, "SHA256SUMS.txt") }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, "SHA256SUMS.txt", 0},
	{"the page is gone", func(f *forgery) { delete(f.files, "1_PREBERI.html"); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, "1_PREBERI.html", 0},
	{"the record is gone", func(f *forgery) { delete(f.files, evidence.RecordFile) }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, evidence.RecordFile, 0},
	{"the record is gone with its sum", func(f *forgery) { delete(f.files, evidence.RecordFile); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, evidence.RecordFile, 0},
	{"the record's sum is gone", func(f *forgery) {
		b := f.get(evidence.RecordFile)
		delete(f.files, evidence.RecordFile)
		f.sum()
		f.put(evidence.RecordFile, b)
	}, [3]proof.State{yes, no, yes}, evidence.CodeSums, "SHA256SUMS.txt", 0},
	{"the sums are another's", func(f *forgery) { f.flip("SHA256SUMS.sig", 3) }, [3]proof.State{yes, no, yes}, evidence.CodeSignature, "SHA256SUMS.sig", 0},
	{"the sums' signature is gone", func(f *forgery) { delete(f.files, "SHA256SUMS.sig") }, [3]proof.State{yes, no, yes}, evidence.CodeMissing, "SHA256SUMS.sig", 0},
	{"the record is changed with its sum", func(f *forgery) { f.flip(evidence.RecordFile, 3); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeSignature, "SHA256SUMS.sig", 0},
	{"the diary is gone", func(f *forgery) { delete(f.files, "proof/diary/checkpoint.txt") }, [3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"the keys are gone", func(f *forgery) { delete(f.files, "proof/diary/keys.txt"); f.sum() }, [3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"a clip is added", func(f *forgery) { f.put("posnetki/0003.mp4", f.get(film1)) }, [3]proof.State{yes, no, yes}, evidence.CodeExtra, "posnetki/0003.mp4", 0},
	{"a clip is added with its sum", func(f *forgery) { f.put("posnetki/0003.mp4", f.get(film1)); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeExtra, "posnetki/0003.mp4", 0},
	{"a sidecar is added with its sum", func(f *forgery) { f.put("proof/clips/0003.jsonl", f.get(side1)); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeExtra, "proof/clips/0003.jsonl", 0},
	{"a file of the diary is added with its sum", func(f *forgery) { f.put("proof/diary/leaves/x", nil); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeExtra, "proof/diary", 0},
	{"clips are exchanged", func(f *forgery) { a, b := f.get(film1), f.get(film2); f.put(film1, b); f.put(film2, a); f.sum() },
		[3]proof.State{no, no, yes}, evidence.CodeSwapped, film1, 0},
	{"sidecars are exchanged", func(f *forgery) { a, b := f.get(side1), f.get(side2); f.put(side1, b); f.put(side2, a); f.sum() },
		[3]proof.State{no, no, yes}, evidence.CodeSwapped, side2, 0},
	{"a sample is changed", func(f *forgery) { f.flip(film2, -1); f.sum() }, [3]proof.State{no, no, yes}, evidence.CodeFragment, film2, 8},
	{"a clip is cut", func(f *forgery) { f.put(film1, f.get(film1)[:300000]); f.sum() }, [3]proof.State{no, no, yes}, evidence.CodeChanged, film1, 0},
	{"a clip goes on", func(f *forgery) { f.put(film1, append(f.get(film1), 0)); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeIndex, film1, 0},
	{"a clip is empty", func(f *forgery) { f.put(film1, nil); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeIndex, film1, 0},
	{"the page is changed", func(f *forgery) { f.flip("1_PREBERI.html", 0); f.sum() }, [3]proof.State{yes, no, yes}, evidence.CodeChanged, "1_PREBERI.html", 0},
	{"the record is changed", func(f *forgery) { f.flip(evidence.RecordFile, 3) }, [3]proof.State{yes, no, yes}, evidence.CodeSums, evidence.RecordFile, 0},
	{"the sums lie", func(f *forgery) { f.flip("SHA256SUMS.txt", 0) }, [3]proof.State{yes, no, yes}, evidence.CodeSums, "SHA256SUMS.txt", 0},
	{"the manifest is another", func(f *forgery) {
		f.m.Controller = "Kdo drug"
		b, _ := f.m.Encode()
		f.put("manifest.json", b)
		f.sum()
	},
		[3]proof.State{yes, no, no}, evidence.CodeSignature, "manifest.sig", 0},
	{"the manifest is not in its form", func(f *forgery) { f.put("manifest.json", append(f.get("manifest.json"), '\n')); f.sum() },
		[3]proof.State{no, no, no}, evidence.CodeManifest, "manifest.json", 0},

	{"what an hour recorded is changed", func(f *forgery) { f.flip("proof/diary/pinned/0000000000000001.manifest.json", 60); f.sum() },
		[3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"an entry is changed", func(f *forgery) { f.flip("proof/diary/pinned/0000000000000005.tlog-proof", 60); f.sum() },
		[3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"an entry is gone", func(f *forgery) { delete(f.files, "proof/diary/pinned/0000000000000005.tlog-proof"); f.sum() },
		[3]proof.State{yes, no, no}, evidence.CodeDisclose, "proof/diary", 0},
	{"the checkpoint is changed", func(f *forgery) { f.flip("proof/diary/checkpoint.txt", 50); f.sum() }, [3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"the witness's word is changed", func(f *forgery) { f.flip("proof/diary/checkpoints/000000.txt", -20); f.sum() },
		[3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},
	{"all of the diary is another's", func(f *forgery) {
		other := evidencetest.Small(f.t, "a")
		other.Diary.Add("start", nil, nil)
		pkg, _ := other.Written(f.t)
		for name := range pkg {
			if strings.HasPrefix(name, "proof/diary/") {
				f.put(name, pkg[name].Data)
			}
		}
		f.sum()
	}, [3]proof.State{no, no, no}, evidence.CodeDiary, "proof/diary", 0},

	// With the diary's own key, but as if footage and diary were as they are.
	{"a fragment is taken out", func(f *forgery) {
		b := f.get(film1)
		f.lines(side1, func(l []string) []string { return slices.Delete(l, 3, 4) })
		f.put(film1, b)
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeOrder, film1, 3},
	{"the first fragment is taken out", func(f *forgery) {
		f.lines(side2, func(l []string) []string { return slices.Delete(l, 1, 2) })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, film2, 1},
	{"the last fragment of a segment is taken out", func(f *forgery) {
		f.lines(side2, func(l []string) []string { return slices.Delete(l, 4, 5) })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeSidecar, side2, 0},
	{"a fragment comes twice", func(f *forgery) {
		f.lines(side1, func(l []string) []string { return slices.Insert(l, 3, l[2]) })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeOrder, film1, 3},
	{"fragments are exchanged", func(f *forgery) {
		f.lines(side1, func(l []string) []string { l[2], l[3] = l[3], l[2]; return l })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeOrder, film1, 2},
	{"a sample is changed and signed", func(f *forgery) { f.flip(film1, -1); f.all() }, [3]proof.State{no, no, yes}, evidence.CodeFragment, film1, 8},
	{"a salt is changed and signed", func(f *forgery) {
		f.lines(side1, func(l []string) []string { l[4] = f.member(l[4], "salt", flipped(3)); return l })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, film1, 4},
	{"a path is changed and signed", func(f *forgery) {
		f.lines(side1, func(l []string) []string {
			l[1] = f.member(l[1], "path", func(v any) any { p := v.([]any); p[0] = flipped(0)(p[0]); return p })
			return l
		})
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, film1, 1},
	{"a time is changed and signed", func(f *forgery) {
		f.lines(side1, func(l []string) []string {
			l[1] = f.member(l[1], "t", func(any) any { return "2026-11-21T06:40:00.000000000Z" })
			return l
		})
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeSidecar, side1, 0},
	{"the boxes are changed and signed", func(f *forgery) {
		f.lines(side1, func(l []string) []string { l[1] = f.member(l[1], "boxes", flipped(123)); return l })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, film1, 1},
	{"the format is changed and signed", func(f *forgery) {
		f.lines(side2, func(l []string) []string { l[0] = f.member(l[0], "boxes", flipped(19)); return l })
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, side2, 0},
	{"the segment is another's", func(f *forgery) {
		f.lines(side1, func(l []string) []string {
			l[0] = f.member(l[0], "segment", func(any) any { return fmt.Sprintf("%x", f.m.Segments[2].ID) })
			return l
		})
		f.all()
	}, [3]proof.State{no, no, yes}, evidence.CodeFragment, film1, 1},
	{"the index is changed and signed", func(f *forgery) {
		f.flip(film1, bytes.Index(f.get(film1), []byte("stts"))+19)
		f.all()
	}, [3]proof.State{yes, no, yes}, evidence.CodeIndex, film1, 0},
	{"a sidecar is empty", func(f *forgery) { f.put(side1, nil); f.all() }, [3]proof.State{no, no, yes}, evidence.CodeSidecar, side1, 0},
	{"a loss is denied", func(f *forgery) { f.m.Clips[0].Lost = 3; f.all() }, [3]proof.State{yes, no, yes}, evidence.CodeStated, "manifest.json", 0},
	{"a clip is said to be of another camera", func(f *forgery) { f.m.Clips[0].Camera = "gate"; f.all() }, [3]proof.State{yes, no, yes}, evidence.CodeStated, "manifest.json", 0},
	{"a clip is said to be later", func(f *forgery) { f.m.Clips[0].To = f.m.Clips[0].To.Add(1); f.all() }, [3]proof.State{yes, no, yes}, evidence.CodeStated, "manifest.json", 0},
	{"camera and clip are said to be others", func(f *forgery) {
		f.m.Clips[0].Camera, f.m.Segments[0].Camera, f.m.Segments[1].Camera = "gate", "gate", "gate"
		f.all()
	}, [3]proof.State{no, yes, yes}, evidence.CodeSegment, "manifest.json", 0},
	{"a root is another", func(f *forgery) { f.m.Segments[0].Root[0] ^= 1; f.all() }, [3]proof.State{no, no, yes}, evidence.CodeSegment, "manifest.json", 0},
	{"a segment is of another hour", func(f *forgery) { f.m.Segments[0].Collect++; f.all() }, [3]proof.State{no, yes, yes}, evidence.CodeSegment, "manifest.json", 0},
	{"an hour is not proven", func(f *forgery) { f.c.Entries = slices.Delete(slices.Clone(f.c.Entries), 1, 2); f.all() }, [3]proof.State{no, yes, yes}, evidence.CodeSegment, "manifest.json", 0},
	{"another package was disclosed", func(f *forgery) { f.sign(); f.disclose([]byte("{}"), &f.m.Export); f.close() }, [3]proof.State{yes, yes, no}, evidence.CodeDisclose, "proof/diary", 0},
	{"it was never disclosed", func(f *forgery) { f.prove(f.c.Entries...); f.close() }, [3]proof.State{yes, yes, no}, evidence.CodeDisclose, "proof/diary", 0},
	{"it was disclosed of another export", func(f *forgery) { other := int64(1); f.disclose(f.sign(), &other); f.close() }, [3]proof.State{yes, yes, no}, evidence.CodeDisclose, "manifest.json", 0},
}

// What somebody did to a package is found, said of the right verdict, and named.
func TestLies(t *testing.T) {
	t.Parallel()
	for _, lie := range lies {
		t.Run(lie.what, func(t *testing.T) {
			t.Parallel()
			c := evidencetest.Small(t, "a")
			pkg, _ := c.Written(t)
			f := forge(t, c, pkg)
			lie.do(f)
			r := verified(t, f.files, c.Knowing())
			named := slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool {
				return x.Bad && x.Code == lie.code && x.File == lie.file && x.Fragment == lie.fragment
			})
			if !r.Bad() || r.Good() || states(r) != lie.states || !named {
				t.Errorf("%v, want %v with %s of %s, fragment %d; found:", states(r), lie.states, lie.code, lie.file, lie.fragment)
				for _, x := range r.Findings {
					t.Errorf("%+v", x)
				}
			}
		})
	}
}

// A package made anew by somebody with a key of his own is never good, and bad once the fingerprint was compared.
func TestForeignKey(t *testing.T) {
	t.Parallel()
	c, forger := evidencetest.Small(t, "a"), evidencetest.Small(t, "forger")
	pkg, _ := forger.Written(t)
	r := verified(t, pkg, c.Knowing())
	if r.Good() || !r.Bad() || r.Confirmed || states(r) != [3]proof.State{no, no, no} || !strings.Contains(r.Exported.EN, "a key that is not the one on your paper") {
		t.Errorf("%v %+v", states(r), r)
	}
	if r := verified(t, pkg, evidence.Options{}); r.Good() || states(r) != [3]proof.State{unknown, unknown, unknown} {
		t.Errorf("%v %+v", states(r), r)
	}
	f := forge(t, forger, pkg) // with the true diary around it
	own, _ := c.Written(t)
	for name := range own {
		if strings.HasPrefix(name, "proof/diary/") {
			f.put(name, own[name].Data)
		}
	}
	f.sum()
	// The footage is the same, and its roots are in the true diary; the package is another.
	if r := verified(t, f.files, c.Knowing()); !r.Bad() || states(r) != [3]proof.State{yes, no, no} {
		t.Errorf("%v %+v", states(r), r)
	}
}
