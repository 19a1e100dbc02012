package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

func write(name, data string) func(t *testing.T, d *durabletest.Disk) {
	return func(t *testing.T, d *durabletest.Disk) {
		if err := durable.WriteFile(d, name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWriteFile tries every step with every fault: the old content is there or the new one, the new
// one if WriteFile returned nil, and writing again always works.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	const name = "/f"
	old, fresh, next := strings.Repeat("old ", 9), strings.Repeat("fresh ", 20), "next"
	ops := durabletest.Sweep(t, durabletest.Story{
		Before: write(name, old),
		Do:     func(d *durabletest.Disk) error { return durable.WriteFile(d, name, []byte(fresh), 0o600) },
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			b, err := durable.ReadFile(d, name, 1000)
			if err != nil || string(b) != fresh && (did == nil || string(b) != old) {
				t.Errorf("WriteFile returned %v and left %q, %v", did, b, err)
			}
			write(name, next)(t, d)
			if files := d.Files("/"); len(files) != 1 || files[0] != name {
				t.Errorf("left behind: %v", files)
			}
		},
	})
	if ops != 6 { // Remove, Create, Write, Sync, Rename, SyncDir
		t.Errorf("%d operations, want 6", ops)
	}
}

func TestMkdirAll(t *testing.T) {
	t.Parallel()
	const name = "/store/gate/2026/11-21"
	ops := durabletest.Sweep(t, durabletest.Story{
		Do: func(d *durabletest.Disk) error { return durable.MkdirAll(d, name, 0o700) },
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			if _, err := d.Stat(name); did == nil && err != nil {
				t.Errorf("returned nil, but: %v", err)
			}
			if err := durable.MkdirAll(d, name, 0o700); err != nil {
				t.Errorf("a second try: %v", err)
			}
			if _, err := d.AfterPowerLoss(durabletest.KeepsSynced).Stat(name); err != nil {
				t.Errorf("not durable after a second try: %v", err)
			}
		},
	})
	if ops != 9 { // SyncDir of the root, then Mkdir and SyncDir four times
		t.Errorf("%d operations, want 9", ops)
	}
	d := durabletest.New()
	write("/store", "a file")(t, d)
	if err := durable.MkdirAll(d, name, 0o700); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: %v", err)
	}
}

func TestReadFileLimit(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	write("/f", "12345")(t, d)
	if b, err := durable.ReadFile(d, "/f", 5); string(b) != "12345" || err != nil {
		t.Errorf("at the limit: %q, %v", b, err)
	}
	if _, err := durable.ReadFile(d, "/f", 4); err == nil || !strings.Contains(err.Error(), "larger than the 4 bytes") {
		t.Errorf("past the limit: %v", err)
	}
}

// What somebody put in the place of a file, to have whoever reads it wait for ever or read without end, is refused at once.
func TestIrregular(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo, folder, device := filepath.Join(dir, "fifo"), filepath.Join(dir, "folder"), filepath.Join(dir, "device")
	for _, err := range []error{syscall.Mkfifo(fifo, 0o600), os.Mkdir(folder, 0o700), os.Symlink("/dev/zero", device)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{fifo, folder, device} {
		done := make(chan error, 1)
		go func() {
			_, err := durable.ReadFile(durable.OS, name, 10)
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, durable.ErrIrregular) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s read: %v", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("whoever reads %s waits", name)
		}
		if f, err := durable.OS.OpenRW(name); err == nil {
			t.Errorf("%s opened for writing: %v", name, f.Close())
		}
	}
	link := filepath.Join(dir, "link") // a link to a file is one
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	if b, err := durable.ReadFile(durable.OS, link, 10); err != nil || string(b) != "text" {
		t.Errorf("through a link: %q, %v", b, err)
	}
}

func TestOS(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := durable.MkdirAll(durable.OS, dir, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "f")
	for _, data := range []string{"one", "two"} {
		if err := durable.WriteFile(durable.OS, name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := durable.ReadFile(durable.OS, name, 10); string(b) != data || err != nil {
			t.Fatalf("%q, %v", b, err)
		}
	}
	if free, err := durable.OS.Free(dir); free == 0 || err != nil {
		t.Errorf("free: %d, %v", free, err)
	}
	f, err := durable.OS.OpenRW(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("sync of a closed file: %v", err)
	}
}
