package keyring

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"varuh/recorder/durable"
)

func TestKeyFile(t *testing.T) {
	t.Parallel()
	name, k := filepath.Join(t.TempDir(), "reading.key"), generate(t)
	must(t, WriteKeyFile(durable.OS, name, k))
	if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	got, err := ReadKeyFile(durable.OS, name)
	if err != nil || got.secret() != k.secret() {
		t.Errorf("read back: %v", err)
	}
	if err := WriteKeyFile(durable.OS, name, generate(t)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was replaced: %v", err)
	}
	must(t, os.Chmod(name, 0o640))
	if _, err := ReadKeyFile(durable.OS, name); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a lax mode: %v", err)
	}
	if got, err := ReadCredential(durable.OS, filepath.Dir(name), "reading.key"); err != nil || got.secret() != k.secret() {
		t.Errorf("as a credential: %v", err)
	}
}

func TestKeyFileDamaged(t *testing.T) {
	t.Parallel()
	text := string(encodeKeyFile(generate(t)))
	secret := strings.Fields(text)[len(strings.Fields(text))-1]
	for name, bad := range map[string]string{
		"empty":       "",
		"zeros":       strings.Repeat("\x00", len(text)),
		"cut off":     strings.TrimSpace(text)[:len(text)-10],
		"another key": strings.Replace(text, secret, secret[2:]+"00", 1),
		"not hex":     strings.Replace(text, secret, strings.Repeat("x", 64), 1),
	} {
		_, err := parseKeyFile("/k", []byte(bad))
		if err == nil || strings.Contains(err.Error(), secret[2:40]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCredentialNames(t *testing.T) {
	t.Parallel()
	for dir, name := range map[string]string{"": "reading", "/run/a": "../b", "/run/b": "", "/run/c": ".."} {
		if _, err := ReadCredential(durable.OS, dir, name); err == nil {
			t.Errorf("%q in %q was read", name, dir)
		}
	}
}

// devices is a file system whose files are on the disk that their first folder names.
type devices struct {
	durable.FS
	missing string
}

type onDevice struct {
	fs.FileInfo
	stat syscall.Stat_t
}

func (o onDevice) Sys() any { return &o.stat }

func (d devices) Stat(name string) (fs.FileInfo, error) {
	if name == d.missing {
		return nil, fs.ErrNotExist
	}
	var st syscall.Stat_t
	st.Dev = uint64(name[1])
	return onDevice{stat: st}, nil
}

func TestCheckPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, missing string
		ok           bool
	}{
		{"/a/key", "", true},
		{"/a/key", "/a/key", true}, // yet to be made: its folder counts
		{"/c/key", "", false},
		{"/c/key", "/c/key", false},
		{"/a/key", "/b/store", false}, // cannot be told
	} {
		err := CheckPlace(devices{missing: c.missing}, c.key, "/b/store", "/c/store")
		if (err == nil) != c.ok {
			t.Errorf("%s without %q: %v", c.key, c.missing, err)
		}
	}
	dir := t.TempDir()
	if err := CheckPlace(durable.OS, filepath.Join(dir, "key"), dir); err == nil || !strings.Contains(err.Error(), "same file system") {
		t.Errorf("beside the store: %v", err)
	}
}
