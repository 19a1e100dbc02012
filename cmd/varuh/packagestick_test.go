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

	"golang.org/x/sys/unix"

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
	dir := durabletest.Image(t, 24) // of which that part took the room
	left := filepath.Join(dir, "paket-"+l.Request+stickPart, "posnetki")
	must(t, os.MkdirAll(left, 0o700))
	must(t, os.WriteFile(filepath.Join(left, "0001.mp4"), make([]byte, 12<<20), 0o600))
	s, err := newStick(dir, l)
	must(t, err)
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

// A folder in which a disk is to be mounted takes nothing while none is, be it named by a link; other folders are somebody's choice.
func TestStickMounted(t *testing.T) {
	t.Parallel()
	disk := durabletest.Image(t, 8)
	place := filepath.Dir(disk)
	link := filepath.Join(t.TempDir(), "usb")
	must(t, os.Symlink(filepath.Join(place, "usb"), link))
	must(t, os.MkdirAll(filepath.Join(place, "usb", "deeper"), 0o700))
	for dir, ok := range map[string]bool{disk: true, place: false, filepath.Join(place, "usb"): false, filepath.Join(place, "usb", "deeper"): false, link: false,
		t.TempDir(): true, place + "2": false, filepath.Join(place, "none"): false} {
		err := mounted(dir, []string{"/none", place})
		if (err == nil) != ok {
			t.Errorf("%s: %v", dir, err)
		}
		if _, there := os.Stat(dir); there == nil && !ok && !strings.Contains(err.Error(), "no disk is mounted in") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	must(t, mounted(disk, []string{disk})) // the disk is mounted in the place itself
}

// A folder on a disk of the machine is none to take along, wherever it is; one on a disk of its own is, and a store that is away is no
// reason to refuse it.
func TestStickForeign(t *testing.T) {
	t.Parallel()
	box, disk, away := t.TempDir(), durabletest.Image(t, 8), filepath.Join(t.TempDir(), "away")
	must(t, os.Mkdir(filepath.Join(disk, "deeper"), 0o700))
	for dir, ok := range map[string]bool{disk: true, filepath.Join(disk, "deeper"): true, t.TempDir(): false, box: false, away: false} {
		if err := foreign(dir, []string{away, box}); (err == nil) != ok {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if err := foreign(filepath.Join(disk, "deeper"), []string{box, disk}); err == nil || !strings.Contains(err.Error(), "unencrypted past its term") {
		t.Errorf("on a store: %v", err)
	}
}

// A disk that is taken out after it was looked at, and before anything is written, gets nothing: neither does the folder below it,
// be there one of that name or not. Nothing is asked for where it can be known before.
func TestStickTakenOut(t *testing.T) {
	t.Parallel()
	files, l := parcel(t)
	whole := tarred(t, files)
	for name, tt := range map[string]struct {
		before func(dir string) // anything is asked for
		during func(s *stick)   // it is asked for, and nothing has come
	}{
		"before it is asked for": {before: func(dir string) { durabletest.AsRoot(t, "umount", dir) }},
		"while it is asked for": {during: func(s *stick) {
			durabletest.AsRoot(t, "umount", filepath.Dir(s.dir))
			must(t, os.Mkdir(s.part, 0o700))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := durabletest.Image(t, 24)
			image := backing(t, dir)
			s, err := newStick(dir, l)
			must(t, err)
			if tt.before != nil {
				tt.before(dir)
			}
			asked := false
			err = s.fill(t.Context(), func(take func(io.Reader) error) error {
				if asked = true; tt.during != nil {
					tt.during(s)
				}
				return take(bytes.NewReader(whole))
			})
			if err == nil || !strings.Contains(err.Error(), "was taken out before anything was written") || asked != (tt.during != nil) {
				t.Errorf("asked for: %v, %v", asked, err)
			}
			empty(t, dir)
			durabletest.AsRoot(t, "mount", "-o", "loop", image, dir)
		})
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

// A stick of the usual kind, FAT32, takes it as it is: all files come back with their names and bytes, and verify. Each of its
// names is one that Windows takes.
func TestStickFAT(t *testing.T) {
	t.Parallel()
	files, l := parcel(t, "a paper")
	s, err := newStick(t.TempDir(), l)
	must(t, err)
	must(t, s.fill(t.Context(), giving(tarred(t, files))))
	f := newFAT(t, 64)
	f.put(s.dir)
	back := f.got()
	arrived(t, filepath.Join(back, filepath.Base(s.dir)), files, l)
	must(t, takenByWindows(paths(t, back)))
	for _, name := range []string{"a:b", "a.", "a /b", "CON", "con.txt/a", "č", "a\\b", strings.Repeat("a", 210)} {
		if takenByWindows([]string{name}) == nil {
			t.Errorf("Windows does not take %q", name)
		}
	}
	if takenByWindows([]string{"a/b", "A/c"}) == nil {
		t.Error("a is A on Windows")
	}
}

// arrived fails unless a folder has all files of a package, and verifies.
func arrived(t *testing.T, dir string, files fstest.MapFS, l packageLine) {
	t.Helper()
	list := paths(t, dir)
	if want := slices.Sorted(maps.Keys(files)); !slices.Equal(slices.Sorted(slices.Values(list)), want) {
		t.Errorf("there lies %q, not %q", list, want)
	}
	for _, name := range list {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		if sha256.Sum256(raw) != sha256.Sum256(files[name].Data) {
			t.Errorf("%s differs", name)
		}
	}
	r, err := evidence.Verify(t.Context(), os.DirFS(dir), evidence.Options{Fingerprints: []string{l.Fingerprint}})
	if err != nil || r.Bad() || r.Exported.State != proof.Yes || r.Disclosed.State != proof.Yes {
		t.Errorf("it does not verify: %+v, %v", r, err)
	}
}

// A large stick has exFAT: it takes it directly, and has it when it is pulled out right after. A full one is a clear sentence.
func TestStickExFAT(t *testing.T) {
	t.Parallel()
	files, l := parcel(t, strings.Repeat("beseda ", 1<<20))
	u := newExFAT(t, 64)
	s, err := newStick(u.dir, l)
	must(t, err)
	must(t, s.fill(t.Context(), giving(tarred(t, files))))
	raw, err := os.ReadFile(u.image)
	must(t, err)
	pulled := &usb{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	must(t, os.WriteFile(pulled.image, raw, 0o600))
	pulled.plugExFAT("loop,ro")
	arrived(t, filepath.Join(pulled.dir, filepath.Base(s.dir)), files, l)

	full := newExFAT(t, 64)
	if s, err = newStick(full.dir, l); err != nil {
		t.Fatal(err)
	}
	giveBack := durabletest.Fill(t, full.dir)
	if err := s.fill(t.Context(), giving(tarred(t, files))); err == nil || !strings.Contains(err.Error(), "is full: make room on it, or take a larger disk") {
		t.Errorf("full: %v", err)
	}
	giveBack()
	empty(t, full.dir)
	if _, err := newStick(newExFAT(t, 8).dir, l); err == nil || !strings.Contains(err.Error(), "take a larger disk") {
		t.Errorf("too small: %v", err)
	}
}

// A package is written by none of the calls that FAT refuses.
func TestStickCalls(t *testing.T) {
	t.Parallel()
	files, l := parcel(t)
	dir, whole := t.TempDir(), tarred(t, files)
	s, err := newStick(dir, l)
	must(t, err)
	old := filepath.Join(t.TempDir(), "old")
	must(t, os.WriteFile(old, nil, 0o600))
	must(t, likeFAT(func() error {
		for what, err := range map[string]error{
			"chmod": os.Chmod(old, 0o644), "chown": os.Chown(old, 1, 1), "link": os.Link(old, old+"2"), "symlink": os.Symlink(old, old+"3"),
			"mknod": unix.Mknod(old+"4", unix.S_IFIFO, 0), "setxattr": unix.Setxattr(old, "user.a", []byte("b"), 0),
			"exchange": unix.Renameat2(unix.AT_FDCWD, old, unix.AT_FDCWD, old, unix.RENAME_EXCHANGE),
		} {
			if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EINVAL) {
				t.Errorf("%s is not refused: %v", what, err)
			}
		}
		if _, err := unix.Open(filepath.Dir(old), unix.O_TMPFILE|unix.O_RDWR, 0o600); !errors.Is(err, unix.EOPNOTSUPP) {
			t.Errorf("a file without a name is not refused: %v", err)
		}
		return s.fill(t.Context(), giving(whole))
	}))
	if got := paths(t, s.dir); len(got) != len(files) {
		t.Errorf("there lies %q", got)
	}
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
