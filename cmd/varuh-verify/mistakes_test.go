package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// tree writes a folder of files.
func tree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

// archive packs files as they come.
func archive(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		must(t, err)
		_, err = w.Write(files[name])
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// encrypted is an archive whose one file is encrypted as old programs do it.
func encrypted(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "bundle.json", Flags: 1, CompressedSize64: 12})
	must(t, err)
	_, err = w.Write(make([]byte, 12))
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

// within puts a bundle one folder down.
func within(t testing.TB, b []byte, folder string) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	files := map[string][]byte{}
	for _, f := range z.File {
		files[folder+f.Name], err = fs.ReadFile(z, f.Name)
		must(t, err)
	}
	return files
}

// What people give by mistake the first time gets a sentence that says what it is and what to do, Slovenian first.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(1, -1)
	newer := d.folder()
	about, err := os.ReadFile(filepath.Join(newer, "bundle.json"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(newer, "bundle.json"), bytes.Replace(about, []byte(`"v":1}`), []byte(`"v":9}`), 1), 0o600))
	lacking := d.folder()
	must(t, os.Remove(filepath.Join(lacking, "checkpoint.txt")))
	bundle, whole := file(t, "b.zip", d.zipped()), d.zipped()
	one := file(t, "x", d.notes[1])
	proofFile := file(t, "p", proof.Inclusion{Index: 0, Leaf: d.entries[0].Leaf, Checkpoint: d.notes[1]}.Text())
	joined := file(t, "j", proof.Consistency{Old: 1, Checkpoint: d.notes[1]}.Text())
	other := newDiary(t)
	_, elder, err := proof.NewSigningKey("x.example/varuh/1/dnevnik")
	must(t, err)
	for what, tt := range map[string]struct {
		args   []string
		sl, en string
	}{
		"no such file":        {[]string{filepath.Join(t.TempDir(), "none")}, "take datoteke ni", "no such file"},
		"an unknown flag":     {[]string{"--force", "x"}, "ne razume", "force"},
		"a text":              {[]string{file(t, "x", []byte("hello"))}, "ne prepozna", "does not know"},
		"one checkpoint":      {[]string{one}, "Ena sama kontrolna točka", "two checkpoints"},
		"three checkpoints":   {[]string{one, one, one}, "več kot dve", "more than two"},
		"a key alone":         {[]string{file(t, "k", []byte(elder.String()+"\n"))}, "Podajte sveženj", "Give a bundle"},
		"a zip that is cut":   {[]string{file(t, "x", whole[:len(whole)/2])}, "ni prenesena do konca", "not downloaded"},
		"a damaged zip":       {[]string{file(t, "x", append([]byte("PK\x03\x04"), bytes.Repeat([]byte{7}, 99)...))}, "poškodovana", "damaged"},
		"another encryption":  {[]string{file(t, "x", encrypted(t))}, "šifriran drugače", "7-Zip"},
		"an empty zip":        {[]string{file(t, "x", archive(t, nil))}, "prazno", "empty"},
		"an empty folder":     {[]string{t.TempDir()}, "prazno", "empty"},
		"an empty file":       {[]string{file(t, "x", nil)}, "prazna", "empty"},
		"another folder":      {[]string{tree(t, map[string][]byte{"a": nil, "b/c": nil})}, "ni svežnja", "no bundle"},
		"a state folder":      {[]string{tree(t, map[string][]byte{"varuh.db": nil, "keys/diary.json": nil})}, "mapa naprave", "varuh diary export"},
		"a folder with a zip": {[]string{tree(t, map[string][]byte{"a": nil, "Prejeto/dnevnik.ZIP": whole})}, "Prejeto/dnevnik.ZIP", "Prejeto/dnevnik.ZIP"},
		"a zip in a zip":      {[]string{file(t, "x.zip", archive(t, map[string][]byte{"a/dnevnik.zip": whole}))}, "a/dnevnik.zip", "unpack it first"},
		"two bundles in one":  {[]string{tree(t, map[string][]byte{"a/bundle.json": nil, "b/bundle.json": nil})}, "več svežnjev", "more than one bundle"},
		"two bundles":         {[]string{bundle, bundle}, "drugi sveženj", "second bundle"},
		"two proofs":          {[]string{proofFile, proofFile}, "drugi dokaz", "second proof"},
		"bundle and proof":    {[]string{proofFile, bundle}, "vsakega posebej", "one after the other"},
		"a body, no proof":    {[]string{bundle, file(t, "x", []byte("{}"))}, "JSON", "JSON"},
		"joined to a bundle":  {[]string{bundle, joined}, "dvema kontrolnima", "two checkpoints alone"},
		"a PDF with a bundle": {[]string{bundle, file(t, "x", []byte("%PDF-1.7\n"))}, "To je PDF", "a PDF"},
		"a clip":              {[]string{file(t, "x", []byte("\x00\x00\x00\x20ftypisom"))}, "mapo paketa", "a clip"},
		"a manifest":          {[]string{file(t, "manifest.json", []byte("{}\n"))}, "podajte mapo paketa", "give the folder of that"},
		"a PDF":               {[]string{file(t, "x", []byte("%PDF-1.7\n"))}, "To je PDF", "a PDF"},
		"varuh.db":            {[]string{file(t, "x", []byte("SQLite format 3\x00…"))}, "varuh diary export", "varuh diary export"},
		"a large varuh.db":    {[]string{file(t, "x", append([]byte("SQLite format 3\x00"), make([]byte, maxFile)...))}, "varuh diary export", "varuh diary export"},
		"the page":            {[]string{file(t, "x", []byte("\ufeff<!doctype html>"))}, "stran za branje", "a page for reading"},
		"the table":           {[]string{file(t, "x", []byte("\ufeffZapis;Čas"))}, "preglednica", "a table"},
		"a 7z":                {[]string{file(t, "x", []byte("7z\xbc\xaf\x27\x1c"))}, "7-Zip", "7-Zip"},
		"a picture":           {[]string{file(t, "x", []byte("\x89PNG\r\n"))}, "slika", "picture"},
		"a key that is bad":   {[]string{"--key", "x+1+y", one}, "to ni ključ", "x+1+y"},
		"a key of a word":     {[]string{"--key", "blabla", bundle}, "to ni ključ, ni prstni odtis", "no key, no fingerprint"},
		"a cut fingerprint":   {[]string{"--key", "4cb8", "73d4", bundle}, "v narekovajih", "quotes"},
		"a bundle as a key":   {[]string{"--key", bundle, bundle}, "kaj drugega kot ključi", "other than keys"},
		"a bundle as held":    {[]string{"--held", bundle, newer}, "to je sveženj, ne kontrolna točka", "this is a bundle, not a checkpoint"},
		"a folder as held":    {[]string{"--held", newer, newer}, "mapa, ne kontrolna točka", "not a checkpoint"},
		"a text as held":      {[]string{"--held", file(t, "x", []byte("hello")), newer}, "ni kontrolna točka", "no checkpoint"},
		"a page as held":      {[]string{"--held", file(t, "x", []byte("<html><pre>a</pre>")), newer}, "ni kontrolna točka", "no checkpoint"},
		"nobody's held":       {[]string{"--held", filepath.Join(t.TempDir(), "none"), newer}, "ni mogoče prebrati", "can't be read"},
		"a newer version":     {[]string{newer}, "novejši varuh", "newer varuh"},
		"a newer entry":       {[]string{d.newer()}, "novejši varuh", "entry 0: a leaf of version 2"},
		"a file is missing":   {[]string{lacking}, "manjka datoteka", "checkpoint.txt"},
		"two diaries":         {[]string{one, file(t, "y", bytes.ReplaceAll(other.fill(1, -1).notes[1], []byte("4f2a9c31"), []byte("00000000")))}, "z različnima imenoma", "two names"},
	} {
		want := exitUnchecked
		if strings.HasPrefix(what, "a newer") {
			want = exitNewer
		}
		code, out, err := check(t, "", tt.args...)
		if code != want || !unfolded(err, tt.sl) || !unfolded(err, tt.en) || out != "" || !strings.HasPrefix(err, "Ni bilo mogoče preveriti. ") {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, err)
		}
	}
}

// newer is the folder of a bundle in which a newer varuh wrote the last entry.
func (d *diary) newer() string {
	d.t.Helper()
	dir, last := d.folder(), len(d.entries)-1
	leaf := bytes.Replace(d.entries[last].Leaf, []byte(`"v":1`), []byte(`"v":2`), 1)
	var tree proof.Frontier
	for _, e := range d.entries[:last] {
		tree.Add(proof.HashLeaf(e.Leaf))
	}
	tree.Add(proof.HashLeaf(leaf))
	note, err := proof.SignCheckpoint(proof.Checkpoint{Origin: origin, Size: tree.Size(), Root: tree.Root()}, d.signer)
	must(d.t, err)
	must(d.t, os.WriteFile(filepath.Join(dir, "checkpoint.txt"), note, 0o600))
	name := filepath.Join(dir, "leaves", "0000000000000000.txt")
	leaves, err := os.ReadFile(name)
	must(d.t, err)
	must(d.t, os.WriteFile(name, bytes.Replace(leaves, d.entries[last].Leaf, leaf, 1), 0o600))
	return dir
}

// unfolded tells whether a text stands in another that is broken into lines.
func unfolded(text, part string) bool {
	return strings.Contains(strings.Join(strings.Fields(text), " "), part)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	code, out, err := check(t, "")
	if code != exitUnchecked || out != "" || strings.Index(err, "povlecite") > strings.Index(err, "drag") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
	code, out, _ = check(t, "", "--help")
	if code != exitGood || out != err {
		t.Errorf("%d\n%s", code, out)
	}
	for _, name := range []string{"key", "held", "tsa", "passphrase-file", "list", "json"} {
		if strings.Count(out, "  --"+name+" ") != 2 {
			t.Errorf("--%s is not explained in both languages", name)
		}
	}
}

// A bundle that somebody unpacked and packed again lies a folder down.
func TestFolderAround(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	files := within(t, d.zipped(), "Prejeto/dnevnik/")
	files["Prejeto/__MACOSX/._x"] = []byte("\x00\x05\x16\x07\x00\x02\x00\x00")
	for what, name := range map[string]string{"folder": tree(t, files), "zip": file(t, "x.zip", archive(t, files))} {
		if code, out, err := check(t, "", "--key", d.key.String(), name); code != exitGood {
			t.Errorf("%s: %d\n%s\n%s", what, code, out, err)
		}
	}
	files["../x"] = nil
	if code, out, err := check(t, "", "--key", d.key.String(), file(t, "x.zip", archive(t, files))); code != exitUnchecked {
		t.Errorf("a name that leads out: %d\n%s\n%s", code, out, err)
	}
}

// Editors and browsers change a text without changing what it says.
func TestTextsAsPeopleKeepThem(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	bundle := file(t, "dnevnik.zip", d.zipped())
	crlf := "\ufeff" + strings.ReplaceAll(string(d.notes[7]), "\n", "\r\n")
	for what, held := range map[string]string{
		"other line ends": crlf, "no line end": strings.TrimRight(string(d.notes[7]), "\n"), "an empty line": string(d.notes[7]) + "\n\n",
		"the page": "<!doctype html>\n<pre>" + strings.ReplaceAll(html.EscapeString(string(d.notes[7])), "+", "&#43;") + "</pre>",
	} {
		for _, args := range [][]string{{"--held", file(t, "held", []byte(held)), bundle}, {file(t, "held", []byte(held)), bundle}} {
			args = append([]string{"--key", file(t, "key", []byte("\ufeff"+d.key.String()+"\r\n"))}, args...)
			if code, out, err := check(t, "", args...); code != exitGood || !strings.Contains(out, "[√] COMPLETE up to the checkpoint of size 7") {
				t.Errorf("%s: %d\n%s\n%s", what, code, out, err)
			}
		}
	}
}

// On a screen of 80 columns nothing but what has no spaces is broken by the console.
func TestWidth(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	_, out, _ := check(t, "", "--held", file(t, "held", d.notes[7]), file(t, "dnevnik.zip", d.zipped()))
	_, _, usage := check(t, "")
	for line := range strings.Lines(out + usage) {
		if n := len([]rune(strings.TrimSpace(line))); n > width && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Count(out, d.key.Fingerprint()) != 4 {
		t.Errorf("a fingerprint was broken:\n%s", out)
	}
}

// The first line says in short what the exit status says to programs.
func TestFirstLine(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	bundle, held := file(t, "dnevnik.zip", d.zipped()), file(t, "held", d.notes[7])
	d.fill(20, 3)
	forged := file(t, "forged.zip", d.zipped())
	for what, tt := range map[string]struct {
		code   int
		args   []string
		sl, en string
	}{
		"good":        {exitGood, []string{"--key", d.key.String(), "--held", held, bundle}, "V REDU: ", "\n----\n\nGOOD: "},
		"unconfirmed": {exitUnconfirmed, []string{bundle}, "NIČ NAROBE NI NAJDENO, NI PA VSE POTRJENO", "\n----\n\nNOTHING WRONG WAS FOUND"},
		"bad":         {exitBad, []string{"--key", d.key.String(), "--held", held, forged}, "NEKAJ NI V REDU", "\n----\n\nSOMETHING IS WRONG"},
	} {
		code, out, _ := check(t, "", tt.args...)
		if code != tt.code || !strings.HasPrefix(out, tt.sl) || !strings.Contains(out, tt.en) {
			t.Errorf("%s: %d\n%s", what, code, out)
		}
	}
}

// Flags count wherever they stand among the files.
func TestFlagsBehind(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(20, -1)
	bundle, held := file(t, "dnevnik.zip", d.zipped()), file(t, "held", d.notes[7])
	if code, out, err := check(t, "", bundle, "--key", d.key.String(), held, "--json"); code != exitGood || !strings.HasPrefix(out, "{") {
		t.Errorf("%d\n%s\n%s", code, out, err)
	}
}

// Without a key, two checkpoints are not said to fit, nor to be of another.
func TestTwoWithoutKey(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(2, -1)
	code, out, _ := check(t, "", file(t, "a", d.notes[1]), file(t, "b", d.notes[2]))
	if code != exitUnconfirmed || strings.Contains(out, "ANOTHER") || strings.Contains(out, "fits") || !unfolded(out, "signatures of the checkpoints can't be verified") {
		t.Errorf("%d\n%s", code, out)
	}
}

// Names that are longer or deeper than those of anything that is checked are refused at once: to look one up
// in 32,000 folders takes minutes, and a hundred of them hours.
func TestDeepNames(t *testing.T) {
	t.Parallel()
	for what, name := range map[string]string{"deep": strings.Repeat("a/", 32000) + "f", "long": strings.Repeat("a", 1<<10+1), "in folders": strings.Repeat("a/", 17) + "manifest.sig"} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for n := range 100 {
			_, err := w.Create(fmt.Sprintf("%d%s", n, name))
			must(t, err)
		}
		must(t, w.Close())
		for _, more := range [][]string{nil, {"--unpack", filepath.Join(t.TempDir(), "paket")}} {
			code, out, complaint := check(t, "", append(more, file(t, "a.zip", b.Bytes()))...)
			if code != exitUnchecked || strings.Contains(out, "[√]") || !strings.Contains(complaint, "the archive has a name of") {
				t.Errorf("%s: %d\n%s\n%.500s", what, code, out, complaint)
			}
		}
	}
}
