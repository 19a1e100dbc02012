package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
	"varuh/accesslog/diary/proof"
)

const origin = "sola.example/varuh/4f2a9c31d07be856/dnevnik"

// diary is one in memory, whose entry n can be told to be another.
type diary struct {
	t       testing.TB
	signer  note.Signer
	key     proof.Key
	entries []proof.Entry
	tree    proof.Frontier
	notes   map[int64][]byte // signed checkpoints by size
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDiary(t testing.TB) *diary {
	secret, key, err := proof.NewSigningKey(origin)
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	return &diary{t: t, signer: signer, key: key, notes: map[int64][]byte{}}
}

// fill writes n entries; that of index other is about another purpose.
func (d *diary) fill(n, other int) *diary {
	d.t.Helper()
	d.entries, d.tree = nil, proof.Frontier{}
	for i := range n {
		purpose := "poškodba vrat"
		if i == other {
			purpose = "radovednost"
		}
		body, err := proof.EncodeBody(proof.Body{Actor: &proof.Actor{Name: "Živa Črnko"}, Purpose: purpose})
		must(d.t, err)
		leaf, err := proof.EncodeLeaf(proof.Leaf{Index: int64(i), Op: "view.start", Time: time.Date(2026, 11, 21, 12, 0, i, 0, time.UTC), Body: proof.HashBody(body)})
		must(d.t, err)
		d.entries = append(d.entries, proof.Entry{Leaf: leaf, Body: body})
		d.tree.Add(proof.HashLeaf(leaf))
		d.notes[int64(i+1)], err = proof.SignCheckpoint(proof.Checkpoint{Origin: origin, Size: int64(i + 1), Root: d.tree.Root()}, d.signer)
		must(d.t, err)
	}
	return d
}

// write puts a bundle into an archive.
func (d *diary) write(a proof.Archive, past ...proof.Past) {
	d.t.Helper()
	n := d.tree.Size()
	w, err := proof.NewBundleWriter(a, proof.BundleOptions{About: proof.About{Origin: origin, Size: n, To: n}, Checkpoint: d.notes[n], Keys: []proof.Key{d.key}, Past: past})
	must(d.t, err)
	for _, e := range d.entries {
		must(d.t, w.Add(e))
	}
	must(d.t, w.Close())
}

func (d *diary) zipped(past ...proof.Past) []byte {
	d.t.Helper()
	var b bytes.Buffer
	z := proof.NewZip(&b)
	d.write(z, past...)
	must(d.t, z.Close())
	return b.Bytes()
}

// folder is the bundle unpacked.
func (d *diary) folder() string {
	d.t.Helper()
	dir, b := d.t.TempDir(), d.zipped()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(d.t, err)
	must(d.t, os.CopyFS(dir, z))
	must(d.t, filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chmod(name, 0o600) // a zip file's own say that nobody may read them
	}))
	return dir
}

func file(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, b, 0o600))
	return path
}

// check runs the program.
func check(t testing.TB, in string, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestBundleInWords(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	bundle := file(t, "dnevnik.zip", d.zipped())
	code, out, _ := check(t, "", bundle)
	if code != exitUnconfirmed || !strings.Contains(out, d.key.Fingerprint()) || strings.Index(out, "Dnevnik") > strings.Index(out, "Diary") {
		t.Errorf("%d\n%s", code, out)
	}
	for _, key := range []string{d.key.String(), d.key.Fingerprint(), file(t, "key.txt", []byte("# the key\n"+d.key.String()+"\n"))} {
		code, out, _ = check(t, "", "--key", key, "--held", file(t, "held.txt", d.notes[7]), bundle)
		if code != exitGood || !strings.Contains(out, "[√] NEDOTAKNJEN") || !strings.Contains(out, "[√] COMPLETE up to the checkpoint of size 7") {
			t.Errorf("%d\n%s", code, out)
		}
	}
	code, out, _ = check(t, "", "--key", "0000 0000 0000 0000 0000 0000 0000 0000", bundle)
	if code != exitBad || !strings.Contains(out, "NOT the one on your paper") {
		t.Errorf("with a wrong fingerprint: %d\n%s", code, out)
	}
	code, out, _ = check(t, "", "--key", newDiary(t).key.String(), bundle)
	if code != exitBad || !strings.Contains(out, "[×] NOT INTACT") {
		t.Errorf("with a wrong key: %d\n%s", code, out)
	}
}

// Root rewrites an entry and signs all anew: the checkpoint that somebody kept tells.
func TestCheat(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	early, late := d.notes[5], d.notes[15]
	d.fill(20, 11)
	bundle := file(t, "dnevnik.zip", d.zipped())
	// Files dropped on the program: which one is what, it sees by itself.
	code, out, _ := check(t, "", "--json", "--key", d.key.String(), file(t, "a.txt", early), bundle, file(t, "b.txt", late))
	var r proof.Report
	must(t, json.Unmarshal([]byte(out), &r))
	if code != exitBad || r.Intact.State != proof.Yes || r.Complete.State != proof.No {
		t.Errorf("%d\n%s", code, out)
	}
	for _, f := range r.Findings {
		if f.Code == proof.CodeRewritten && *f.Size == 15 && strings.Contains(f.EN, "entries 5 to 14") {
			return
		}
	}
	t.Errorf("it does not say where: %s", out)
}

func TestFolder(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(5, -1)
	if code, out, err := check(t, "", "--key", d.key.String(), "--list", d.folder()); code != exitGood || strings.Count(out, `"op":"view.start"`) != 5 || !strings.Contains(out, "Živa Črnko") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(5, -1)
	const passphrase = "correct-horse-battery"
	var b bytes.Buffer
	w, err := aeszip.NewWriter(&b, passphrase)
	must(t, err)
	d.write(w)
	must(t, w.Close())
	bundle := file(t, "dnevnik.zip", b.Bytes())
	for what, tt := range map[string]struct {
		in   string
		args []string
		code int
	}{
		"asked for":    {passphrase + "\r\n", nil, exitGood},
		"at the third": {"wrong\nwrong\n" + passphrase + "\n", nil, exitGood},
		"too late":     {"wrong\nwrong\nwrong\n" + passphrase + "\n", nil, exitUnchecked},
		"in a file":    {"", []string{"--passphrase-file", file(t, "p", []byte(passphrase+"\n"))}, exitGood},
		"a wrong one":  {"wrong-wrong-wrong\n", nil, exitUnchecked},
		"none at hand": {"", nil, exitUnchecked},
	} {
		args := append(tt.args, "--key", d.key.String(), bundle)
		if code, out, err := check(t, tt.in, args...); code != tt.code {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, err)
		}
	}
}

func TestOneEntryAndCheckpoints(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(2, -1)
	key := file(t, "key.txt", []byte(d.key.String()+"\n"))
	first := proof.HashLeaf(d.entries[0].Leaf)
	in := file(t, "1.tlog-proof", proof.Inclusion{Index: 1, Leaf: d.entries[1].Leaf, Hashes: []proof.Hash{first}, Checkpoint: d.notes[2]}.Text())
	body := file(t, "1.json", append(bytes.Clone(d.entries[1].Body), '\n'))
	if code, out, err := check(t, "", "--key", key, in, body); code != exitGood || !strings.Contains(out, "Entries with their body: 1.") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", in); code != exitUnconfirmed {
		t.Errorf("without a key: %d\n%s\n%s", code, out, err)
	}
	// A key that came with the files confirms nothing by itself, but its fingerprint on paper does.
	if code, out, err := check(t, "", in, key); code != exitUnconfirmed || !strings.Contains(out, d.key.Fingerprint()) {
		t.Errorf("with a key dropped: %d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", "--key", d.key.Fingerprint(), in, key); code != exitGood {
		t.Errorf("with a key dropped and its fingerprint: %d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", "--key", d.key.Fingerprint(), in); code != exitUnconfirmed || !strings.Contains(out, "keys.txt") {
		t.Errorf("with a fingerprint alone: %d\n%s\n%s", code, out, err)
	}
	if code, out, _ := check(t, "", "--key", key, in, file(t, "0.json", []byte("{}"))); code != exitBad {
		t.Errorf("with another body: %d\n%s", code, out)
	}
	second := proof.HashLeaf(d.entries[1].Leaf)
	joined := file(t, "joined.txt", proof.Consistency{Old: 1, Hashes: []proof.Hash{second}, Checkpoint: d.notes[2]}.Text())
	one, two := file(t, "one.txt", d.notes[1]), file(t, "two.txt", d.notes[2])
	if code, out, err := check(t, "", "--key", key, two, joined, one); code != exitGood || !strings.Contains(out, "[√] COMPLETE up to the checkpoint of size 1") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", "--key", key, two, one); code != exitUnconfirmed || strings.Contains(out, "INTACT") {
		t.Errorf("not joined: %d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", "--held", one, "--key", key, in); code != exitUnconfirmed {
		t.Errorf("a held one that can't be compared: %d\n%s\n%s", code, out, err)
	}
	d.fill(2, 0)
	if code, out, _ := check(t, "", "--key", key, file(t, "forged.txt", d.notes[2]), two); code != exitBad || !strings.Contains(out, "REWRITTEN") {
		t.Errorf("%d\n%s", code, out)
	}
}

// A time-stamping authority anchors what it stamped, for those who trust its certificate.
func TestTimestamp(t *testing.T) {
	t.Parallel()
	d, tsa := newDiary(t).fill(5, -1), timestamptest.New(t, timestamptest.Options{})
	text, _, _ := bytes.Cut(d.notes[5], []byte("\n\n"))
	token, err := tsa.Answer(timestamp.NewRequest(sha256.Sum256(append(text, '\n'))).DER())
	must(t, err)
	bundle := file(t, "dnevnik.zip", d.zipped(proof.Past{Note: d.notes[5], Timestamps: [][]byte{token}}))
	if code, out, err := check(t, "", "--key", d.key.String(), "--tsa", tsa.RootsFile, bundle); code != exitGood || !strings.Contains(out, "[√] ANCHORED as a whole") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
	other := timestamptest.New(t, timestamptest.Options{})
	if code, out, err := check(t, "", "--key", d.key.String(), "--tsa", other.RootsFile, bundle); code != exitBad {
		t.Errorf("by another authority: %d\n%s\n%s", code, out, err)
	}
	if code, out, err := check(t, "", "--key", d.key.String(), bundle); code != exitGood || !strings.Contains(out, "was not checked") {
		t.Errorf("without a certificate: %d\n%s\n%s", code, out, err)
	}
	if code, _, err := check(t, "", "--tsa", bundle, bundle); code != exitUnchecked || !strings.Contains(err, "PEM") {
		t.Errorf("without PEM: %d\n%s", code, err)
	}
}
