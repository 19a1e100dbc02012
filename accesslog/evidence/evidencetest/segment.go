package evidencetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/recorder/cmaf"
	"varuh/recorder/segment"
)

// Segment is a sealed segment in memory, as package segment would read it.
type Segment struct {
	ID             [16]byte
	Camera, Stream string
	Start, End     time.Time
	Collect        int64 // set by the diary
	Plain          [][]byte
	Lost           []bool
	Hashes         []proof.Hash
	Silent         bool // its sound stays behind

	sound map[int]bool // records of sound
}

// Segments divides a film into segments of so many fragments.
func Segments(t testing.TB, f Film, camera, stream string, start time.Time, each int) (list []*Segment) {
	t.Helper()
	init, fragments := f.Cut(t, start)
	for n := 0; len(fragments) > 0; n++ {
		part := fragments[:min(each, len(fragments))]
		fragments = fragments[len(part):]
		list = append(list, newSegment(t, camera, stream, n, init, part))
	}
	return list
}

func newSegment(t testing.TB, camera, stream string, n int, init []byte, part []cmaf.Fragment) *Segment {
	last := part[len(part)-1]
	id := sha256.Sum256(fmt.Append(nil, camera, stream, part[0].Start, n))
	s := &Segment{ID: [16]byte(id[:16]), Camera: camera, Stream: stream, Start: part[0].Start, End: last.Start.Add(last.Duration), sound: map[int]bool{}}
	s.add(init, nil, false)
	for _, f := range part {
		boxes, payload := split(t, f.Data)
		s.add(boxes, payload, f.Flags&segment.Loss != 0)
		s.Plain[len(s.Plain)-1] = f.Data
		s.sound[len(s.Plain)-1] = f.Kind == segment.Audio
	}
	return s
}

// split finds the mdat that ends a fragment.
func split(t testing.TB, fragment []byte) (boxes, payload []byte) {
	t.Helper()
	for at := 0; at+8 <= len(fragment); {
		if string(fragment[at+4:at+8]) == "mdat" {
			return fragment[:at], fragment[at+8:]
		}
		at += int(binary.BigEndian.Uint32(fragment[at:]))
	}
	t.Fatal("a fragment has no mdat")
	return nil, nil
}

func (s *Segment) add(boxes, payload []byte, lost bool) {
	n := len(s.Plain)
	salt, _ := s.Salt(n)
	a, b := sha256.Sum256(boxes), sha256.Sum256(payload)
	s.Plain, s.Lost = append(s.Plain, boxes), append(s.Lost, lost)
	s.Hashes = append(s.Hashes, sha256.Sum256(slices.Concat([]byte{0}, salt[:], a[:], b[:])))
}

// Salt implements [evidence.Records].
func (s *Segment) Salt(n int) ([32]byte, error) {
	return sha256.Sum256(fmt.Append(s.ID[:], "salt", n)), nil
}

// Leaves implements [evidence.Records].
func (s *Segment) Leaves() ([]proof.Hash, error) { return s.Hashes, nil }

// Read implements [evidence.Records].
func (s *Segment) Read(n int, buf []byte) (evidence.Record, error) {
	if n >= len(s.Plain) {
		return evidence.Record{}, fmt.Errorf("there is no record %d", n)
	}
	r := evidence.Record{Data: append(buf[:0], s.Plain[n]...), Lost: s.Lost[n]}
	if s.Silent && s.sound[n] {
		end := bytes.Index(r.Data, []byte("mdat")) - 4
		digest := sha256.Sum256(r.Data[end+8:])
		r.Data, r.Withheld = r.Data[:end], &digest
	}
	return r, nil
}

// Close implements [evidence.Records].
func (s *Segment) Close() error { return nil }

// Root is the segment's.
func (s *Segment) Root(t testing.TB) proof.Hash {
	t.Helper()
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(x []int64) ([]tlog.Hash, error) {
		var list []tlog.Hash
		for _, i := range x {
			list = append(list, stored[i])
		}
		return list, nil
	})
	for n, h := range s.Hashes {
		more, err := tlog.StoredHashesForRecordHash(int64(n), h, read)
		must(t, err)
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(int64(len(s.Hashes)), read)
	must(t, err)
	return root
}

// Part is records of the segment for a package; to is behind the last, 0 for all.
func (s *Segment) Part(from, to int) evidence.Part {
	if to == 0 {
		to = len(s.Plain)
	}
	return evidence.Part{Camera: s.Camera, Stream: s.Stream, Segment: s.ID, Collect: s.Collect, From: from, To: to,
		Open: func(context.Context) (evidence.Records, error) { return s, nil }}
}

// Samples are the samples of records from one to another, one behind the other.
func (s *Segment) Samples(t testing.TB, from, to int) []byte {
	var b bytes.Buffer
	for _, f := range s.Plain[from:to] {
		_, payload := split(t, f)
		b.Write(payload)
	}
	return b.Bytes()
}

// member is the segment in the manifest of a collect.
func (s *Segment) member(t testing.TB) any {
	root := s.Root(t)
	return map[string]any{"stream": s.Stream, "id": fmt.Sprintf("%x", s.ID), "start": s.Start.UTC().Format(proof.PieceTime), "end": s.End.UTC().Format(proof.PieceTime),
		"records": int64(len(s.Plain)), "root": base64.StdEncoding.EncodeToString(root[:])}
}
