package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"varuh/recorder/durable"
)

// CheckPlace refuses a key file on the file system of a store: whoever carries that disk away
// would carry the key with the footage. A key file yet to be made is judged by its folder.
// File systems are told apart by st_dev; two partitions of one disk pass.
func CheckPlace(fsys durable.FS, keyFile string, storeDirs ...string) error {
	key, err := device(fsys, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = device(fsys, filepath.Dir(keyFile))
	}
	if err != nil {
		return fmt.Errorf("couldn't tell on which disk the key file is: %w", err)
	}
	for _, dir := range storeDirs {
		store, err := device(fsys, dir)
		if err != nil {
			return fmt.Errorf("couldn't tell on which disk the store is: %w", err)
		}
		if key == store {
			return fmt.Errorf("the key file %s lies on the same file system as the store %s: "+
				"whoever takes that disk could open the footage; move the key to another disk", keyFile, dir)
		}
	}
	return nil
}

func device(fsys durable.FS, name string) (uint64, error) {
	st, err := fsys.Stat(name)
	if err != nil {
		return 0, err
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: this file system does not tell its device", name)
	}
	return uint64(sys.Dev), nil
}
