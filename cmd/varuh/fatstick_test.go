package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder/durable/durabletest"
	tools "varuh/recorder/rtsp/rtsptest/outside"
)

// usb is a stick, as a file that is mounted.
type usb struct {
	t          *testing.T
	image, dir string
}

// knowsFAT tells whether the kernel mounts FAT: it is no tool that could be installed, so where it doesn't no test fails.
func knowsFAT(t *testing.T) bool {
	t.Helper()
	// The module may be there and not loaded; that there is none shows in the list.
	_ = exec.Command("modprobe", "vfat").Run()
	list, err := os.ReadFile("/proc/filesystems")
	must(t, err)
	return strings.Contains(string(list), "vfat")
}

// fatStick is one of so many MiB with the file system of sticks, FAT32 where it is large enough, mounted until the test ends.
func fatStick(t *testing.T, mib int64) *usb {
	t.Helper()
	tools.Needs(t, "dosfstools", "/usr/sbin/mkfs.vfat", "--help")
	u := &usb{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	must(t, os.WriteFile(u.image, nil, 0o600))
	must(t, os.Truncate(u.image, mib<<20))
	command := []string{"/usr/sbin/mkfs.vfat", u.image}
	if mib >= 64 {
		command = []string{"/usr/sbin/mkfs.vfat", "-F", "32", u.image}
	}
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	u.plug(fmt.Sprintf("loop,uid=%d", os.Getuid()))
	return u
}

// stickOf is one as people have them, or, where the kernel knows no FAT, with another file system.
func stickOf(t *testing.T, mib int64) *usb {
	t.Helper()
	if knowsFAT(t) {
		return fatStick(t, mib)
	}
	t.Log("the kernel knows no vfat (modprobe vfat): the stick has ext4")
	dir := durabletest.Image(t, mib)
	return &usb{t, backing(t, dir), dir}
}

// plug mounts it until the test ends.
func (u *usb) plug(options string) {
	u.t.Helper()
	durabletest.AsRoot(u.t, "mount", "-o", options, u.image, u.dir)
	u.t.Cleanup(func() { durabletest.AsRoot(u.t, "umount", "-l", u.dir) })
}

// elsewhere is what is on it, by the disk and not by this machine's memory, as another machine gets it, which can't write to it.
func (u *usb) elsewhere() *usb {
	u.t.Helper()
	durabletest.AsRoot(u.t, "mount", "-o", "remount,ro", u.dir) // a folder of it stays open for as long as the program runs
	raw, err := os.ReadFile(u.image)
	must(u.t, err)
	other := &usb{u.t, filepath.Join(u.t.TempDir(), "image"), u.t.TempDir()}
	must(u.t, os.WriteFile(other.image, raw, 0o600))
	other.plug("loop,ro")
	return other
}
