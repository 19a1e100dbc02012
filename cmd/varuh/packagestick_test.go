package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing"
	"varuh/recorder/durable/durabletest"
)

// parcel is a package as the daemon streams it, and what the daemon says of it.
func parcel(t *testing.T, more ...string) (fstest.MapFS, packageLine) {
	t.Helper()
	c := evidencetest.Tiny(t, t.Name())
	for _, text := range more {
		c.Enclosed = append(c.Enclosed, evidencetest.Text(fmt.Sprintf("priloga-%d.txt", len(text)), evidence.KindReading, text))
	}
	files, _ := c.Written(t)
	sum := sha256.Sum256(files["manifest.json"].Data)
	l := packageLine{Fingerprint: c.Diary.Key.Fingerprint()}
	l.Request, l.Step, l.Manifest = "0a1b2c3d", packing.Built, hex.EncodeToString(sum[:])
	for _, f := range files {
		l.Bytes += int64(len(f.Data))
	}
	return files, l
}

// tarred are files as a tar file.
func tarred(t *testing.T, files fstest.MapFS) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		must(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name].Data)), Mode: 0o600, Format: tar.FormatPAX}))
		_, err := w.Write(files[name].Data)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// giving is a daemon that gives bytes.
func giving(b []byte) func(func(io.Reader) error) error {
	return func(take func(io.Reader) error) error { return take(bytes.NewReader(b)) }
}

// empty sees that nothing is in a folder, but what the file system itself has there.
func empty(t *testing.T, dir string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		if e.Name() != "lost+found" {
			t.Errorf("%s is left", e.Name())
		}
	}
}

// What is written onto a disk is the package, whole and verified; a part that a killed run left is taken away.
func TestStick(t *testing.T) {
	t.Parallel()
	files, l := parcel(t)
	dir := t.TempDir()
	s, err := newStick(dir, l)
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(s.part, "posnetki"), 0o700))
	must(t, os.WriteFile(filepath.Join(s.part, "posnetki", "0001.mp4"), []byte("half"), 0o600))
	must(t, s.fill(t.Context(), giving(tarred(t, files))))
	for name, f := range files {
		got, err := os.ReadFile(filepath.Join(s.dir, name))
		must(t, err)
		if !bytes.Equal(got, f.Data) {
			t.Errorf("%s differs", name)
		}
	}
	if _, err := newStick(dir, l); !errors.Is(err, fs.ErrExist) {
		t.Errorf("where it is already: %v", err)
	}
}

// Whatever goes wrong, there is a plain sentence, and nothing is on the disk that could be taken for the package.
func TestStickWrong(t *testing.T) {
	t.Parallel()
	files, l := parcel(t)
	whole := tarred(t, files)
	changed := maps.Clone(files)
	changed["posnetki/0001.mp4"] = &fstest.MapFile{Data: append(bytes.Clone(files["posnetki/0001.mp4"].Data[1:]), 0)}
	other, _ := parcel(t, "something else")
	for name, tt := range map[string]struct {
		deliver func(func(io.Reader) error) error
		says    string
	}{
		"the daemon ends in the middle":  {giving(whole[:len(whole)/2]), "the daemon ended in the middle"},
		"the daemon refuses":             {func(func(io.Reader) error) error { return errors.New("all is locked") }, "all is locked"},
		"a byte is another":              {giving(tarred(t, changed)), "it is bad, take another one"},
		"another package comes":          {giving(tarred(t, other)), "the daemon ended in the middle"},
		"a file is named to lie outside": {giving(tarred(t, fstest.MapFS{"../x": files["manifest.json"]})), "escapes"},
		"a file is there twice":          {giving(append(bytes.Clone(whole[:len(whole)-1024]), whole...)), "exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, err := newStick(dir, l)
			must(t, err)
			if err := s.fill(t.Context(), tt.deliver); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
			empty(t, dir)
		})
	}
}

// The disk is blamed for what is bad, whatever else is told before.
func TestStickBlamed(t *testing.T) {
	t.Parallel()
	note := evidence.Finding{Code: evidence.CodeSilent, Sentence: proof.Sentence{SL: "brez zvoka", EN: "without sound"}}
	bad := evidence.Finding{Bad: true, Sentence: proof.Sentence{SL: "druga datoteka", EN: "another file"}}
	if err := badDisk(&evidence.Report{Findings: []evidence.Finding{note}}); err != nil {
		t.Errorf("a note: %v", err)
	}
	if err := badDisk(&evidence.Report{Findings: []evidence.Finding{note, bad}}); err == nil || !strings.Contains(err.Error(), "(another file)") {
		t.Errorf("a note and a fault: %v", err)
	}
}

// On real disks: one that is too small, one that fills up meanwhile, one that is pulled out, one that fails.
func TestStickDisks(t *testing.T) {
	t.Parallel()
	files, l := parcel(t, strings.Repeat("beseda ", 1<<20)) // 7 MiB
	whole := tarred(t, files)
	if _, err := newStick(durabletest.Image(t, 12), l); err == nil || !strings.Contains(err.Error(), "take a larger disk") {
		t.Errorf("too small: %v", err)
	}
	for name, tt := range map[string]struct {
		spoil func(dir string) (after func())
		says  string
	}{
		"full": {func(dir string) func() { return durabletest.Fill(t, dir) }, "is full: make room on it, or take a larger disk"},
		"pulled out": {func(dir string) func() {
			image := backing(t, dir)
			durabletest.AsRoot(t, "umount", "-l", dir)
			return func() { durabletest.AsRoot(t, "mount", "-o", "loop", image, dir) }
		}, "is not there any more, or fails"},
		"failing": {func(dir string) func() {
			durabletest.AsRoot(t, "mount", "-o", "remount,abort", dir)
			return func() {}
		}, "can't be written to"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := durabletest.Image(t, 48)
			s, err := newStick(dir, l)
			must(t, err)
			after := func() {}
			err = s.fill(t.Context(), func(take func(io.Reader) error) error {
				return take(io.MultiReader(bytes.NewReader(whole[:4096]), &late{do: func() { after = tt.spoil(dir) }, Reader: bytes.NewReader(whole[4096:])}))
			})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
			if after(); name == "full" {
				empty(t, dir)
			}
			if _, err := os.Lstat(s.dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it has its name: %v", err)
			}
		})
	}
}

// A stick of the usual kind, FAT32, takes it.
func TestStickFAT(t *testing.T) {
	t.Parallel()
	if !knowsFAT(t) {
		t.Skip("the kernel knows no vfat: modprobe vfat")
	}
	files, l := parcel(t)
	s, err := newStick(fatStick(t, 64).dir, l)
	must(t, err)
	must(t, s.fill(t.Context(), giving(tarred(t, files))))
}

// late does something when it is first read.
type late struct {
	do   func()
	done bool
	io.Reader
}

func (l *late) Read(b []byte) (int, error) {
	if !l.done {
		l.done = true
		l.do()
	}
	return l.Reader.Read(b)
}
