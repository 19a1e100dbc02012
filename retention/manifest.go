package retention

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"varuh/recorder/keyring"
)

// MaxListed is how many segments one list holds; a larger purge has several.
const MaxListed = 2000

// maxManifest bounds a list, in bytes: MaxListed of the longest lines there can be fit.
const maxManifest = 2 << 20

// What [ParseManifest] says of bytes that are no list.
var (
	ErrManifest        = errors.New("not a list of erasures in its one form")
	ErrManifestVersion = errors.New("the list of erasures was written by a newer varuh: update this one")
)

// Manifest is what an erase.start entry says of the segments that go. It is canonical JSON (RFC 8785) and
// stored in the clear, so that it is carried out, and carried out again, while nobody can read the diary:
//
//	{"segments":[{"bytes":300000000,"camera":"yard","from":"2025-11-21T10:00:00.000Z","id":"…",
//	  "reason":"term","slot":7,"store":"…","to":"2025-11-21T10:10:00.000Z"}],"v":1}
//
// The segments are sorted by id, which is by age, and none comes twice. The manifest of an erase.end has the
// segments of its erase.start that a hold kept, if there are any; that of an incident.erasure those that failed.
type Manifest struct {
	Segments []Listed
}

// Listed is one segment as a list has it. From is rounded down to a millisecond and To rounded up: what is
// logged is never less.
type Listed struct {
	Bytes    int64
	Camera   string
	From, To time.Time
	ID       keyring.ID
	Reason   Reason
	Slot     uint32
	Store    keyring.ID
}

// wire is a manifest as encoding/json reads it. It is never written: Encode alone decides the form.
type wire struct {
	Segments []struct {
		Bytes  int64
		Camera string
		From   string
		ID     keyring.ID
		Reason Reason
		Slot   uint32
		Store  keyring.ID
		To     string
	}
	V int
}

const (
	manifestVersion = 1
	momentForm      = "2006-01-02T15:04:05.000Z"
	maxNumber       = 1<<53 - 1 // of canonical JSON
)

// listed is the line of an erasure.
func listed(e Erasure) Listed {
	s := e.Segment
	to := s.End.UTC()
	if whole := to.Truncate(time.Millisecond); whole.Before(to) {
		to = whole.Add(time.Millisecond)
	}
	return Listed{
		Bytes: s.Bytes, Camera: s.Camera, From: s.Start.UTC().Truncate(time.Millisecond), To: to,
		ID: s.ID, Reason: e.Reason, Slot: s.Slot, Store: s.Store,
	}
}

// check refuses what a list cannot hold. The camera is a folder's name, and nothing that leads elsewhere.
func (l Listed) check() error {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`/\"`, r) }
	switch {
	case l.Camera == "" || l.Camera == "." || l.Camera == ".." || len(l.Camera) > 255 || strings.ContainsFunc(l.Camera, odd):
		return fmt.Errorf("segment %v: %q is no name of a camera", l.ID, l.Camera)
	case l.Reason != ByTerm && l.Reason != ByPolicy && l.Reason != ByPressure:
		return fmt.Errorf("segment %v: %q is no reason to erase", l.ID, l.Reason)
	case l.Bytes < 0 || l.Bytes > maxNumber:
		return fmt.Errorf("segment %v: %d bytes can't be", l.ID, l.Bytes)
	case l.From.Year() < 0 || l.From.Year() > 9999 || l.To.Year() < 0 || l.To.Year() > 9999:
		return fmt.Errorf("segment %v: its year has no four digits", l.ID)
	}
	return nil
}

// Encode returns the one form of the list. It refuses an empty one, one that is not sorted, and one that is too long.
func (m Manifest) Encode() ([]byte, error) {
	if n := len(m.Segments); n == 0 || n > MaxListed {
		return nil, fmt.Errorf("a list of %d segments: want 1 to %d", n, MaxListed)
	}
	b := []byte(`{"segments":[`)
	for i, l := range m.Segments {
		if err := l.check(); err != nil {
			return nil, err
		}
		if i > 0 {
			if bytes.Compare(m.Segments[i-1].ID[:], l.ID[:]) >= 0 {
				return nil, fmt.Errorf("segment %v is not in its place in the list, or twice", l.ID)
			}
			b = append(b, ',')
		}
		b = l.append(b)
	}
	return append(b, `],"v":`+strconv.Itoa(manifestVersion)+`}`...), nil
}

// append writes one line; none of its strings needs an escape.
func (l Listed) append(b []byte) []byte {
	b = append(b, `{"bytes":`...)
	b = strconv.AppendInt(b, l.Bytes, 10)
	b = append(b, `,"camera":"`+l.Camera+`","from":"`...)
	b = l.From.UTC().AppendFormat(b, momentForm)
	b = append(b, `","id":"`+l.ID.String()+`","reason":"`+string(l.Reason)+`","slot":`...)
	b = strconv.AppendUint(b, uint64(l.Slot), 10)
	b = append(b, `,"store":"`+l.Store.String()+`","to":"`...)
	b = l.To.UTC().AppendFormat(b, momentForm)
	return append(b, `"}`...)
}

// ParseManifest reads what Encode writes, and only that: other bytes are [ErrManifest], a later form is
// [ErrManifestVersion].
func ParseManifest(b []byte) (Manifest, error) {
	if len(b) > maxManifest {
		return Manifest{}, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrManifest, len(b), maxManifest)
	}
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if w.V > manifestVersion {
		return Manifest{}, fmt.Errorf("version %d: %w", w.V, ErrManifestVersion)
	}
	var m Manifest
	for _, s := range w.Segments {
		from, err := time.Parse(momentForm, s.From)
		to, errTo := time.Parse(momentForm, s.To)
		if err := errors.Join(err, errTo); err != nil {
			return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
		}
		m.Segments = append(m.Segments, Listed{s.Bytes, s.Camera, from, to, s.ID, s.Reason, s.Slot, s.Store})
	}
	if again, err := m.Encode(); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	} else if !bytes.Equal(again, b) {
		return Manifest{}, fmt.Errorf("%w: it is written in another way", ErrManifest)
	}
	return m, nil
}

// manifest is the list of segments in the order that Encode wants.
func manifest(list []Listed) Manifest {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Listed) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return Manifest{list}
}

// bytes is how much the files of the list hold.
func (m Manifest) bytes() (sum int64) {
	for _, l := range m.Segments {
		sum += l.Bytes
	}
	return sum
}

// has tells whether a segment is listed.
func (m Manifest) has(id keyring.ID) bool {
	_, found := slices.BinarySearchFunc(m.Segments, id, func(l Listed, id keyring.ID) int { return bytes.Compare(l.ID[:], id[:]) })
	return found
}

// covers tells whether all of the segments are listed.
func (m Manifest) covers(segments []Listed) bool {
	return !slices.ContainsFunc(segments, func(s Listed) bool { return !m.has(s.ID) })
}
