package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fsKind is what a file system means for footage.
type fsKind struct {
	name    string
	refused bool   // not without unsafe_store
	why     string // what it does to footage; empty if it is fit
}

const (
	noRights   = "it knows neither owners nor modes, and renames or syncs do not survive a power cut"
	overNet    = "locks and syncs there depend on another machine and on the network"
	notTested  = "varuh is tested on ext4 and XFS only"
	inMemory   = "it lives in memory: everything is gone after a restart"
	throughFUS = "what a sync means there is up to a program of its own"
)

// fsKinds are the file systems by their magic number, see statfs(2).
var fsKinds = map[int64]fsKind{
	unix.EXT4_SUPER_MAGIC:      {name: "ext4"},
	unix.XFS_SUPER_MAGIC:       {name: "XFS"},
	unix.MSDOS_SUPER_MAGIC:     {"vfat", true, noRights},
	unix.EXFAT_SUPER_MAGIC:     {"exfat", true, noRights},
	0x5346544e:                 {"ntfs", true, noRights},
	0x7366746e:                 {"ntfs3", true, noRights},
	unix.FUSE_SUPER_MAGIC:      {"FUSE", true, throughFUS},
	unix.NFS_SUPER_MAGIC:       {"NFS", true, overNet},
	unix.CIFS_SUPER_MAGIC:      {"CIFS", true, overNet},
	unix.SMB_SUPER_MAGIC:       {"SMB", true, overNet},
	unix.SMB2_SUPER_MAGIC:      {"SMB", true, overNet},
	unix.V9FS_MAGIC:            {"9p", true, overNet},
	unix.TMPFS_MAGIC:           {"tmpfs", false, inMemory},
	unix.RAMFS_MAGIC:           {"ramfs", false, inMemory},
	unix.OVERLAYFS_SUPER_MAGIC: {"overlay", false, notTested},
	unix.BTRFS_SUPER_MAGIC:     {"btrfs", false, notTested},
	unix.F2FS_SUPER_MAGIC:      {"F2FS", false, notTested},
	0x2fc12fc1:                 {"ZFS", false, notTested},
}

// fileSystem tells what file system a folder is on.
func fileSystem(dir string) (fsKind, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fsKind{}, fmt.Errorf("couldn't ask for the file system of %s: %w", dir, err)
	}
	return kindOf(int64(st.Type)), nil
}

func kindOf(magic int64) fsKind {
	if kind, ok := fsKinds[magic&0xffffffff]; ok {
		return kind
	}
	return fsKind{fmt.Sprintf("of an unknown kind (%#x)", magic&0xffffffff), false, notTested}
}

// checkFileSystem refuses a folder on a file system that is not fit for footage, unless that is
// wanted, and returns a warning about one that may not be.
func checkFileSystem(dir string, unsafe bool) (warning string, err error) {
	kind, err := fileSystem(dir)
	if err != nil || kind.why == "" {
		return "", err
	}
	if kind.refused && !unsafe {
		return "", fmt.Errorf("the file system of %s is %s: %s; use a disk with ext4 or XFS, or set unsafe_store: true and accept that", dir, kind.name, kind.why)
	}
	return fmt.Sprintf("the file system of %s is %s: %s", dir, kind.name, kind.why), nil
}
