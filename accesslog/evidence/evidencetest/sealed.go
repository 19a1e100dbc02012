package evidencetest

import (
	"context"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// File is a segment that the recorder sealed on a disk, as it is handed out.
type File struct {
	fsys durable.FS
	name string
	key  keyring.Key
}

// Sealed stores fragments in a segment file, and returns it beside the same in memory, with which it shares its id.
func Sealed(t testing.TB, fsys durable.FS, name string, key keyring.Key, init []byte, list []cmaf.Fragment) (File, *Segment) {
	t.Helper()
	s := newSegment(t, "hall", "main", 0, init, list)
	w, err := segment.Create(fsys, name, segment.Header{ID: keyring.ID(s.ID), Camera: s.Camera, Stream: s.Stream, Start: s.Start, Format: "test", Clock: segment.Synchronised}, key, segment.PreferredCipher())
	must(t, err)
	must(t, w.Append(segment.Record{Kind: segment.Init, Start: s.Start}, init))
	for _, f := range list {
		must(t, w.Append(f.Record, f.Data))
	}
	_, err = w.Seal(false)
	must(t, err)
	must(t, w.Close())
	f := File{fsys, name, key}
	r, err := f.open()
	must(t, err)
	s.Hashes, err = r.Leaves() // with the salts of its key
	must(t, err)
	must(t, r.Close())
	return f, s
}

func (f File) open() (*opened, error) {
	r, err := segment.Open(f.fsys, f.name)
	if err != nil {
		return nil, err
	}
	return &opened{r}, r.Unlock(f.key)
}

// Part is the segment's records for a package, as Segment.Part gives those in memory.
func (f File) Part(s *Segment, from, to int) evidence.Part {
	p := s.Part(from, to)
	p.Open = func(context.Context) (evidence.Records, error) { return f.open() }
	return p
}

// opened implements [evidence.Records] by a segment's reader.
type opened struct{ *segment.Reader }

// Read implements [evidence.Records]. It plays, as the door does: the AEAD covers the leaf, against which evidence holds what
// it writes.
func (o opened) Read(n int, buf []byte) (evidence.Record, error) {
	r, plain, err := o.Reader.Play(n, buf[:cap(buf)])
	return evidence.Record{Data: plain, Lost: r.Flags&segment.Loss != 0}, err
}
