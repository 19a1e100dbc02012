package proof

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// Whatever nothing covers is named, wherever it lies; systems put such files into every folder.
func TestUncovered(t *testing.T) {
	t.Parallel()
	l := newLog(t, chunkEntries+3)
	i, signed := l.rotate("yearly")
	o := l.options()
	o.Past = []Past{{Note: l.sign(3), Consistency: l.consistency(3, l.size()), Timestamps: [][]byte{{1}}}}
	o.Rotations = []RotationProof{l.rotationProof(i, signed)}
	files := unpack(t, l.zip(o))
	known := VerifyOptions{Keys: l.keys}
	for _, f := range verify(t, files, known).Findings {
		if f.Code == CodeUncovered {
			t.Errorf("nothing was added: %+v", f)
		}
	}
	added := []string{
		".DS_Store", "onward.txt", "extra/deep/a.txt", "leaves/Thumbs.db", "leaves/5.txt", "leaves/sub/0000000000000000.txt", "bodies/0000000000000007.txt",
		"checkpoints/000007.consistency", "checkpoints/a.html", "rotations/x.json", "rotations/" + fmt.Sprintf("%016d.txt", i),
		"checkpoints/000000-PREBERI.html", "checkpoints/000000.exe", "checkpoints/000000-PREBERI.tst", "checkpoints/000000-00.tst",
		"checkpoints/000000-0-1.tst", "checkpoints/000000-1.txt", "checkpoints/0.txt", "checkpoints/prijava.txt", "rotations/x.tlog-proof",
	}
	for _, name := range added {
		files[name] = &fstest.MapFile{Data: []byte("x")}
	}
	r := verify(t, files, known)
	wantStates(t, r, Yes, Unknown, Unknown)
	f := has(t, r, CodeUncovered, false)
	for _, name := range added {
		if !strings.Contains(f.EN, name) {
			t.Errorf("%s is not named: %s", name, f.EN)
		}
	}
	if _, rest, _ := strings.Cut(f.EN, "("); strings.Contains(rest, "000000-0.tst") {
		t.Errorf("what the table has is named: %s", f.EN)
	}
	for n := range 3 * maxNamed {
		files[fmt.Sprintf("extra/%d", n)] = &fstest.MapFile{}
	}
	want := fmt.Sprintf(": %d (", len(added)+3*maxNamed)
	if f = has(t, verify(t, files, known), CodeUncovered, false); !strings.Contains(f.EN, want) || strings.Count(f.EN, ", ") != maxNamed {
		t.Errorf("%s", f.EN)
	}
}

// A proof of one entry under the name of another proves nothing to whoever looks for it by its name.
func TestRotationOfOtherName(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3)
	i, signed := l.rotate("yearly")
	o := l.options()
	o.Rotations = []RotationProof{l.rotationProof(i, signed)}
	files := unpack(t, l.zip(o))
	for _, ending := range rotationEndings {
		files[rotationName(i+1, ending)] = files[rotationName(i, ending)]
		delete(files, rotationName(i, ending))
	}
	has(t, verify(t, files, VerifyOptions{Keys: l.keys}), CodeKeyChanged, true)
}

// A name that leads elsewhere would be no file here, and one in the folder of whoever unpacks it.
func TestNamesOfArchive(t *testing.T) {
	t.Parallel()
	l := newLog(t, 2)
	for name, ok := range map[string]bool{
		strings.Repeat("d/", maxFolders) + "a": true, strings.Repeat("d/", maxFolders+1) + "a": false,
		strings.Repeat("a", maxArchived): true, strings.Repeat("a", maxArchived+1): false,
		"a.txt": true, "extra/": true, "a/b": true,
		"../a": false, "/a": false, "a//b": false, `leaves\x`: false, "C:a": false, "": false, "./a": false, "leaves/../a": false,
		"BUNDLE.JSON": false, "Leaves/0000000000000001.txt": false, "LEAVES/": false, "leaves/0000000000000000.TXT": false, "checkpoint.txt.": false,
		"leaves /a": false, "leaves/a": true, "extra/Leaves/a": true, "\u017fum/a": true, "leaves/0000000000000000.txt": false,
	} {
		var b bytes.Buffer
		z := NewZip(&b)
		w, err := NewBundleWriter(z, l.options())
		must(t, err)
		for _, e := range l.entries {
			must(t, w.Add(e))
		}
		must(t, w.Close())
		_, err = z.CreateHeader(&zip.FileHeader{Name: name})
		must(t, err)
		must(t, z.Close())
		if _, err := VerifyBundle(t.Context(), openZip(t, b.Bytes()), VerifyOptions{}); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Names as long as an archive can have them cost no more than others: what is told of them is short, and they are refused
// before any is compared with the others. By prefixes, one of 32,000 folders would cost half a billion bytes to look at.
func TestDeepNames(t *testing.T) { // not in parallel: it counts allocations
	for what, name := range map[string]string{
		"deep": strings.Repeat("a/", 32000) + "f", "long": strings.Repeat("a", 65000), "deep on Windows": strings.Repeat("a. /", 16000),
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for n := range 20 {
			_, err := z.Create(fmt.Sprintf("%d%s", n, name))
			must(t, err)
		}
		must(t, z.Close())
		archive := openZip(t, b.Bytes())
		var err error
		if n := testing.AllocsPerRun(1, func() { err = CheckNames(archive) }); !errors.Is(err, ErrFormat) || len(err.Error()) > 300 || n > 50 {
			t.Errorf("%s: %v, after %v allocations", what, err, n)
		}
		if _, err := VerifyBundle(t.Context(), archive, VerifyOptions{}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: as a bundle: %v", what, err)
		}
	}
}
