package durabletest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Image mounts a file system of its own, ext4 of so many MiB in a file, until the test ends, and returns
// where: a real disk that is full when it is full. It takes root, or sudo without a password; who has neither
// skips the test, but not where CI is set.
func Image(t testing.TB, mib int64) (dir string) {
	t.Helper()
	lacks := t.Skipf
	if os.Getenv("CI") != "" {
		lacks = t.Fatalf
	}
	mkfs, err := exec.LookPath("/usr/sbin/mkfs.ext4")
	if err != nil {
		lacks("no mkfs.ext4: apt install e2fsprogs")
	}
	file, dir := filepath.Join(t.TempDir(), "image"), filepath.Join(t.TempDir(), "disk")
	need(t, os.WriteFile(file, nil, 0o600), os.Truncate(file, mib<<20), os.Mkdir(dir, 0o700))
	owner := fmt.Sprintf("root_owner=%d:%d", os.Getuid(), os.Getgid())
	if out, err := exec.Command(mkfs, "-q", "-m", "0", "-E", owner, file).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
	if out, err := asRoot("mount", "-o", "loop", file, dir); err != nil {
		lacks("no disk can be mounted here (it takes root, and loop devices in a container): %v: %s", err, out)
	}
	t.Cleanup(func() { // lazily, or a process that is just being forked could keep it
		if out, err := asRoot("umount", "-l", dir); err != nil {
			t.Errorf("umount %s: %v: %s", dir, err, out)
		}
	})
	return dir
}

// AsRoot runs a command as root, by sudo where the test is not: what [Image] mounted can be made read-only by it, or a
// file in there immutable.
func AsRoot(t testing.TB, command ...string) {
	t.Helper()
	if out, err := asRoot(command...); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
}

func asRoot(command ...string) ([]byte, error) {
	if os.Geteuid() != 0 {
		command = append([]string{"sudo", "-n"}, command...)
	}
	return exec.Command(command[0], command[1:]...).CombinedOutput()
}

// mostFilled is the largest disk that Fill fills: an image of a test is smaller, the machine's own disk is not.
const mostFilled = 4 << 30

// Fill takes all that is left of the disk under a folder, to the last block. empty gives it back.
func Fill(t testing.TB, dir string) (empty func()) {
	t.Helper()
	var fs syscall.Statfs_t
	need(t, syscall.Statfs(dir, &fs))
	if size := int64(fs.Blocks) * fs.Bsize; size > mostFilled {
		t.Fatalf("%s is on a disk of %d GiB, which is no image of a test and is not filled", dir, size>>30)
	}
	name := filepath.Join(dir, "filler")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	need(t, err)
	for block := 1 << 20; block >= 512; block /= 2 {
		for err == nil {
			_, err = f.Write(bytes.Repeat([]byte{'x'}, block))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	need(t, f.Sync(), f.Close())
	return func() {
		t.Helper()
		need(t, os.Remove(name))
		syscall.Sync() // or the blocks are free only some time later
	}
}

func need(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
