package main

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"sync"
)

// pins remembers the public keys of rtsps cameras in pins.json. To trust a camera that was changed,
// remove its line there.
type pins struct {
	file string

	mu    sync.Mutex
	known map[string]string // SHA-256 in hexadecimal, by host; guarded by mu
}

func openPins(file string) (*pins, error) {
	p := &pins{file: file, known: map[string]string{}}
	if err := readJSON(file, &p.known); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return p, nil
}

// Pinned implements rtsp.Pins. A line that is damaged counts as another camera's key, never as none.
func (p *pins) Pinned(host string) (sum [32]byte, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, ok := p.known[host]
	if b, err := hex.DecodeString(text); err == nil && len(b) == len(sum) {
		sum = [32]byte(b)
	}
	return sum, ok
}

// Pin implements rtsp.Pins.
func (p *pins) Pin(host string, sum [32]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[host] = hex.EncodeToString(sum[:])
	return writeJSON(p.file, p.known)
}
