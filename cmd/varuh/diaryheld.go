package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"varuh/accesslog/diary/proof"
)

// maxHeld bounds a file with a checkpoint; the page for printing is the largest.
const maxHeld = 1 << 20

// readHeld reads a checkpoint that somebody kept, as varuh-verify does: the file itself, whatever an editor did to
// its line ends, or the page for printing. Another file in its place would compare nothing, and is refused.
func readHeld(name string) (note []byte, err error) {
	b, err := readRegular(name, maxHeld)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--held %s: there is no such file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("--held: %w", err)
	}
	note, ok := proof.FindCheckpoint(b)
	switch {
	case ok:
		return note, nil
	case strings.HasPrefix(string(b), "PK"):
		return nil, fmt.Errorf("--held %s: this is a bundle, not a checkpoint; a checkpoint is a short text file (bundles are checked by varuh-verify)", name)
	}
	return nil, fmt.Errorf("--held %s: this is no checkpoint; one has three lines, an empty one, and a signature, as varuh diary checkpoint writes it", name)
}

// readRegular reads a file of at most limit bytes. It waits for nobody: what is no file, such as a pipe, is refused.
func readRegular(name string, limit int64) (b []byte, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file, but a folder, a pipe or a device: give a file", name)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s is larger (%d bytes) than what it should be ever is", name, info.Size())
	}
	if b, err = io.ReadAll(io.LimitReader(f, limit+1)); err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s grows while it is read", name)
	}
	return b, err
}
