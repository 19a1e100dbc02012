package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// newUSB is one of so many MiB.
func newUSB(t *testing.T, mib int64) *usb {
	t.Helper()
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

// overFAT is a folder of it as it comes from a stick of the usual kind, FAT32, that it was copied onto.
func (u *usb) overFAT(folder string) *usb {
	u.t.Helper()
	f := newFAT(u.t, 96)
	f.put(filepath.Join(u.dir, folder))
	return &usb{t: u.t, image: f.image, dir: f.got()}
}

// fat is a disk with FAT32 that programs read and write without a kernel: not every one knows it.
type fat struct {
	t     *testing.T
	image string
}

// newFAT is one of so many MiB, as a shop sells it.
func newFAT(t *testing.T, mib int64) *fat {
	t.Helper()
	tools.Needs(t, "dosfstools", "/usr/sbin/mkfs.vfat", "--help")
	tools.Needs(t, "mtools", "mcopy", "--version")
	f := &fat{t, filepath.Join(t.TempDir(), "image")}
	must(t, os.WriteFile(f.image, nil, 0o600))
	must(t, os.Truncate(f.image, mib<<20))
	f.runs("/usr/sbin/mkfs.vfat", "-F", "32", f.image)
	return f
}

func (f *fat) runs(command ...string) string {
	f.t.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := c.CombinedOutput()
	if err != nil {
		f.t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
	return string(out)
}

// put copies a folder onto it, which is then as such a disk has to be.
func (f *fat) put(folder string) {
	f.t.Helper()
	f.runs("mcopy", "-i", f.image, "-s", folder, "::/")
	f.runs("/usr/sbin/fsck.vfat", "-n", f.image)
}

// got is a folder with all that is on it.
func (f *fat) got() (dir string) {
	f.t.Helper()
	dir = f.t.TempDir()
	f.runs("mcopy", "-i", f.image, "-s", "-n", "::/*", dir)
	return dir
}

// newExFAT is a stick of so many MiB with the file system of large ones, by a driver that is a program: not every kernel knows it.
func newExFAT(t *testing.T, mib int64) *usb {
	t.Helper()
	tools.Needs(t, "exfatprogs", "test", "-x", "/usr/sbin/mkfs.exfat")
	tools.Needs(t, "exfat-fuse (and a container /dev/fuse)", "test", "-x", "/usr/sbin/mount.exfat-fuse", "-a", "-e", "/dev/fuse")
	u := &usb{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	must(t, os.WriteFile(u.image, nil, 0o600))
	must(t, os.Truncate(u.image, mib<<20))
	if out, err := exec.Command("/usr/sbin/mkfs.exfat", u.image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.exfat: %v: %s", err, out)
	}
	u.plugExFAT("loop")
	return u
}

// plugExFAT mounts it until the test ends, for whoever runs the test.
func (u *usb) plugExFAT(options string) {
	u.t.Helper()
	durabletest.AsRoot(u.t, "mount", "-t", "exfat-fuse", "-o", fmt.Sprintf("%s,allow_other,uid=%d", options, os.Getuid()), u.image, u.dir)
	u.t.Cleanup(func() { durabletest.AsRoot(u.t, "umount", "-l", u.dir) })
}

// paths are those of the files in a folder, with the folders that they are in.
func paths(t *testing.T, dir string) (list []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, err = filepath.Rel(dir, name)
			list = append(list, name)
		}
		return err
	}))
	return list
}

// Where Windows puts a stick or somebody a copy of it, and how long a path may be there, with a margin to its 260.
const (
	windowsFolder = `C:\Users\janez.novak-gorenjski\Desktop\`
	windowsPath   = 240
)

// reserved are names that Windows takes for devices, whatever comes behind a point.
var reserved = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "conin$", "conout$"}

// takenByWindows tells why names, with a / between folders, would not be what they are on FAT or under Windows; nil if they would.
func takenByWindows(list []string) error {
	var wrong []error
	twins := map[string]string{}
	for _, name := range list {
		at := windowsFolder
		for part := range strings.SplitSeq(name, "/") {
			at += part
			stem, _, _ := strings.Cut(strings.ToLower(part), ".")
			odd := func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`\:*?"<>|`, r) }
			if strings.ContainsFunc(part, odd) || part != strings.Trim(part, " ") || strings.HasSuffix(part, ".") || slices.Contains(reserved, stem) {
				wrong = append(wrong, fmt.Errorf("%q is no name there", name))
			}
			if other, there := twins[strings.ToLower(at)]; there && other != at {
				wrong = append(wrong, fmt.Errorf("%q is %q there", at, other))
			}
			twins[strings.ToLower(at)] = at
			at += `\`
		}
		if len(at) > windowsPath {
			wrong = append(wrong, fmt.Errorf("%q is a path of %d characters", name, len(at)))
		}
	}
	return errors.Join(wrong...)
}
