package aeszip

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const passphrase = "correct-horse-battery"

// contents are files of all sizes around the block and buffer sizes, and one that does not deflate.
func contents() map[string][]byte {
	all := map[string][]byte{"empty.txt": {}, "poročilo.txt": []byte("dnevnik\n")}
	for _, n := range []int{1, 15, 16, 17, 4095, 32 << 10, 300_000} {
		all[fmt.Sprintf("mapa/%d.txt", n)] = bytes.Repeat([]byte("zapis "), n)[:n]
	}
	noise := make([]byte, 100_000)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	all["noise.bin"] = noise
	return all
}

func archive(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, passphrase)
	must(t, err)
	w.Stored = func(name string) bool { return strings.HasSuffix(name, ".bin") }
	for name, text := range files {
		f, err := w.Create(name)
		must(t, err)
		for len(text) > 0 { // in pieces, as they come
			n := min(len(text), 1000)
			_, err = f.Write(text[:n])
			must(t, err)
			text = text[n:]
		}
	}
	must(t, w.Close())
	return b.Bytes()
}

// What is said not to shrink does not, and takes little more than it has.
func TestStored(t *testing.T) {
	t.Parallel()
	zeros := make([]byte, 1<<20)
	b := archive(t, map[string][]byte{"a.bin": zeros})
	if n := len(b) - len(zeros); n < 0 || n > 2000 {
		t.Errorf("%d bytes more", n)
	}
	if b = archive(t, map[string][]byte{"a.txt": zeros}); len(b) > 20_000 {
		t.Errorf("%d bytes of zeros", len(b))
	}
	got, err := read(archive(t, map[string][]byte{"a.bin": zeros}), passphrase)
	must(t, err)
	same(t, got, map[string][]byte{"a.bin": zeros})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(b []byte, passphrase string) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	if err := Unlock(z, passphrase); err != nil {
		return nil, err
	}
	got := map[string][]byte{}
	return got, fs.WalkDir(z, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		got[name], err = fs.ReadFile(z, name)
		return err
	})
}

func same(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d files instead of %d", len(got), len(want))
	}
	for name, text := range want {
		if !bytes.Equal(got[name], text) {
			t.Errorf("%s: %d bytes instead of %d, or others", name, len(got[name]), len(text))
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := archive(t, contents())
	got, err := read(b, passphrase)
	must(t, err)
	same(t, got, contents())
	if _, err := read(b, passphrase+"!"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("with a wrong passphrase: %v", err)
	}
	if bytes.Contains(b, []byte("dnevnik\n")) {
		t.Error("the contents are in the archive")
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	for _, f := range z.File {
		if f.CRC32 != 0 {
			t.Errorf("%s has a checksum of its plaintext", f.Name)
		}
	}
	if !Encrypted(z) {
		t.Error("it does not count as encrypted")
	}
}

// Every changed bit of a file is an error, and none of what was read before that error is its end.
func TestBitFlips(t *testing.T) {
	t.Parallel()
	want := map[string][]byte{"a.txt": []byte("one entry of the diary")}
	whole := archive(t, want)
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	must(t, err)
	begin, err := z.File[0].DataOffset()
	must(t, err)
	for bit := range int(z.File[0].CompressedSize64) * 8 {
		b := bytes.Clone(whole)
		b[int(begin)+bit/8] ^= 1 << (bit % 8)
		if got, err := read(b, passphrase); err == nil {
			t.Errorf("with bit %d changed it reads as %q", bit, got["a.txt"])
		}
	}
	for n := range whole {
		if _, err := read(whole[:n], passphrase); err == nil {
			t.Errorf("cut to %d bytes it reads", n)
		}
	}
}

func TestPassphrases(t *testing.T) {
	t.Parallel()
	if _, err := NewWriter(io.Discard, "short"); err == nil {
		t.Error("a short passphrase was taken")
	}
	a, b := NewPassphrase(), NewPassphrase()
	if a == b || len(a) != 29 || strings.Trim(a, "0123456789abcdefghjkmnpqrstvwxyz-") != "" {
		t.Errorf("passphrases %s and %s", a, b)
	}
}

type broken struct{ left int }

var errBroken = errors.New("no room")

func (w *broken) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

// An error of what is written to comes out, and stays.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	noise := contents()["noise.bin"]
	for n := 0; n < 110_000; n += 5000 {
		w, err := NewWriter(&broken{n}, passphrase)
		must(t, err)
		f, err := w.Create("noise.bin")
		if err == nil {
			_, err = f.Write(noise)
		}
		if closing := w.Close(); err == nil {
			err = closing
		}
		if n < 100_000 && !errors.Is(err, errBroken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// Programs of others open what we write.
func TestOthersRead(t *testing.T) {
	t.Parallel()
	for _, tool := range []struct {
		name, apt string
		args      func(file, dir string) []string
	}{
		{"7z", "p7zip-full", func(file, dir string) []string { return []string{"x", "-p" + passphrase, "-o" + dir, file} }},
		{"bsdtar", "libarchive-tools", func(file, dir string) []string {
			return []string{"-x", "--passphrase", passphrase, "-C", dir, "-f", file}
		}},
	} {
		t.Run(tool.name, func(t *testing.T) {
			t.Parallel()
			path := look(t, tool.name, tool.apt)
			file, dir := filepath.Join(t.TempDir(), "a.zip"), t.TempDir()
			must(t, os.WriteFile(file, archive(t, contents()), 0o600))
			cmd := exec.CommandContext(t.Context(), path, tool.args(file, dir)...)
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := map[string][]byte{}
			must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				got[name], err = os.ReadFile(filepath.Join(dir, name))
				return err
			}))
			same(t, got, contents())
		})
	}
}

// An archive of more than 4 GiB, of files that have less, is read by others and by us.
func TestLarge(t *testing.T) {
	t.Parallel()
	if os.Getenv("VARUH_LONG") == "" {
		t.Skip("VARUH_LONG=1 writes 5 GB")
	}
	tools := map[string][]string{look(t, "7z", "p7zip-full"): {"t", "-p" + passphrase}, look(t, "bsdtar", "libarchive-tools"): {"-xO", "--passphrase", passphrase, "-f"}}
	name := filepath.Join(t.TempDir(), "a.zip")
	f, err := os.Create(name)
	must(t, err)
	w, err := NewWriter(f, passphrase)
	must(t, err)
	w.Stored = func(string) bool { return true }
	block := make([]byte, 1<<20)
	sizes := map[string]int{"a.mp4": 3 << 10, "b.mp4": 2 << 10, "c.txt": 1}
	for _, file := range []string{"a.mp4", "b.mp4", "c.txt"} {
		to, err := w.Create(file)
		must(t, err)
		for range sizes[file] {
			_, err = to.Write(block)
			must(t, err)
		}
	}
	must(t, w.Close())
	must(t, f.Close())
	for path, args := range tools {
		cmd := exec.CommandContext(t.Context(), path, append(args, name)...)
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, complaint.String())
		}
	}
	z, err := zip.OpenReader(name)
	must(t, err)
	defer func() { must(t, z.Close()) }()
	must(t, Unlock(&z.Reader, passphrase))
	for _, x := range z.File {
		r, err := x.Open()
		must(t, err)
		if n, err := io.Copy(io.Discard, r); err != nil || n != int64(sizes[x.Name])<<20 {
			t.Errorf("%s: %d bytes, %v", x.Name, n, err)
		}
		must(t, r.Close())
	}
}

// We open what others write, stored and deflated.
func TestReadOthers(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"-mx=0", "-mx=9"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			path := look(t, "7z", "p7zip-full")
			dir := t.TempDir()
			for name, text := range contents() {
				must(t, os.MkdirAll(filepath.Join(dir, "in", filepath.Dir(name)), 0o700))
				must(t, os.WriteFile(filepath.Join(dir, "in", name), text, 0o600))
			}
			file := filepath.Join(dir, "a.zip")
			cmd := exec.CommandContext(t.Context(), path, "a", "-tzip", "-mem=AES256", level, "-p"+passphrase, file, ".")
			cmd.Dir, cmd.Env = filepath.Join(dir, "in"), append(os.Environ(), "LC_ALL=C.UTF-8")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			b, err := os.ReadFile(file)
			must(t, err)
			got, err := read(b, passphrase)
			must(t, err)
			same(t, got, contents())
		})
	}
}

// look finds a tool, which only a machine that is not for tests may lack.
func look(t *testing.T, name, apt string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("needs %s: apt-get install %s", name, apt)
	}
	must(t, err)
	return path
}

// FuzzRead: no bytes make reading crash.
func FuzzRead(f *testing.F) {
	f.Add(archive(f, map[string][]byte{"a": []byte("b"), "c": {}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := read(b, passphrase); err != nil {
			return
		}
	})
}
