package proof

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"
)

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
