package sealed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// list is what an object has in it: the last thing of its plaintext. The files lie before it, one after the other.
type list struct {
	Made  time.Time `json:"made"`
	Files []listed  `json:"files"`
}

type listed struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
	at   int64  // of its first byte in the plaintext
}

// encode is the one form of a list.
func (l list) encode() ([]byte, error) {
	b, err := json.Marshal(l)
	if err == nil && len(b) > mostList {
		err = fmt.Errorf("%w: its list of files has %d bytes, and may have %d", ErrLarge, len(b), mostList)
	}
	return b, err
}

// parseList reads the list of files that fill so many bytes.
func parseList(b []byte, bytesBefore int64) (l list, err error) {
	if err := json.Unmarshal(b, &l); err != nil {
		return l, fmt.Errorf("%w: its list of files: %w", ErrDamaged, err)
	}
	again, err := l.encode()
	if err != nil || !bytes.Equal(again, b) {
		return l, errors.Join(fmt.Errorf("%w: its list of files is not as it was written", ErrDamaged), err)
	}
	at, seen := int64(0), map[string]bool{}
	for i, f := range l.Files {
		if !fs.ValidPath(f.Path) || f.Path == "." || seen[f.Path] || f.Size < 0 || f.Size > bytesBefore-at {
			return l, fmt.Errorf("%w: its list of files names one that can't be", ErrDamaged)
		}
		l.Files[i].at, seen[f.Path] = at, true
		at += f.Size
	}
	if at != bytesBefore {
		return l, fmt.Errorf("%w: its list of files leaves bytes over", ErrDamaged)
	}
	return l, nil
}
