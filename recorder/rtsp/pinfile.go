package rtsp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"varuh/recorder/durable"
)

// PinFile is Pins kept in a text file: a line for each camera, its host and port, a space, and the
// SHA-256 of its public key in hex. To trust another key, remove the line.
type PinFile struct {
	fsys durable.FS
	name string
	mu   sync.Mutex // one Pin at a time
}

// OpenPins keeps the pins in the file of that name. It need not be there yet.
func OpenPins(fsys durable.FS, name string) *PinFile { return &PinFile{fsys: fsys, name: name} }

// Pinned reads the file anew, so that a removed line counts at once. A file that cannot be read
// pins every host to a key that no camera has: better no picture than one from somebody else.
func (f *PinFile) Pinned(host string) (sum [32]byte, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, err := f.read()
	if err != nil {
		return sum, true
	}
	sum, ok = known[host]
	return sum, ok
}

// Pin adds the host. When it returns nil, the line survives a power cut.
func (f *PinFile) Pin(host string, sum [32]byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	known, err := f.read()
	if err != nil {
		return err
	}
	known[host] = sum
	var b strings.Builder
	for _, h := range slices.Sorted(maps.Keys(known)) {
		fmt.Fprintf(&b, "%s %x\n", h, known[h])
	}
	if err := durable.WriteFile(f.fsys, f.name, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("couldn't keep the key of camera %s: %w", host, err)
	}
	return nil
}

func (f *PinFile) read() (map[string][32]byte, error) {
	known := map[string][32]byte{}
	b, err := durable.ReadFile(f.fsys, f.name, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read the keys of cameras: %w", err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if line == "" {
			continue
		}
		host, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		sum, err := hex.DecodeString(text)
		if err != nil || len(sum) != 32 {
			return nil, fmt.Errorf("line %d of %s is not a host, a space and 64 hex digits; mend or remove it", i+1, f.name)
		}
		known[host] = [32]byte(sum)
	}
	return known, nil
}
