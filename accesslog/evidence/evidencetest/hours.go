package evidencetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/evidence"
)

// Hours is footage that is made as it is read: a fragment of a second, again and again, with numbers and times that go on.
type Hours struct {
	init     []byte
	fragment []byte
	boxes    int      // bytes of it before its mdat
	samples  [32]byte // hash of its samples
}

// NewHours takes pictures of one camera that have so many bytes a second.
func NewHours(t testing.TB, bytesPerSecond int) *Hours {
	init, list := Second(t, bytesPerSecond).Cut(t, Dawn)
	h := &Hours{init: init, fragment: list[0].Data}
	h.boxes = bytes.Index(h.fragment, []byte("mdat")) - 4
	h.samples = sha256.Sum256(h.fragment[h.boxes+8:])
	return h
}

// at puts fragment n, from 1, into buf.
func (h *Hours) at(n int, buf []byte) []byte {
	b := append(buf[:0], h.fragment...)
	be := binary.BigEndian
	be.PutUint64(b[16:], uint64(Dawn.Unix()+2208988800+int64(n))<<32)
	be.PutUint64(b[24:], uint64(n)*90000)
	be.PutUint32(b[52:], uint32(n))
	be.PutUint64(b[92:], uint64(n)*90000)
	return b
}

// segments are those of so many seconds, 600 each, and the stretch of all of them.
func (h *Hours) segments(t testing.TB, seconds int) (list []*Segment, s evidence.Stretch) {
	var buf []byte
	for from := 1; from <= seconds; from += 600 {
		x := &Segment{ID: sha256Of(from), Camera: "hall", Stream: "main", Start: Dawn.Add(time.Duration(from) * time.Second)}
		x.End = x.Start.Add(10 * time.Minute)
		for n := range 601 {
			boxes, samples := h.init, sha256.Sum256(nil)
			if n > 0 {
				buf = h.at(from+n-1, buf)
				boxes, samples = buf[:h.boxes], h.samples
			}
			salt, err := x.Salt(n)
			must(t, err)
			hash := sha256.Sum256(boxes)
			x.Hashes, x.Plain = append(x.Hashes, sha256.Sum256(slices.Concat([]byte{0}, salt[:], hash[:], samples[:]))), append(x.Plain, nil)
		}
		p := x.Part(1, 601)
		p.Open = func(context.Context) (evidence.Records, error) { return made{x, h, from}, nil }
		list, s = append(list, x), append(s, p)
	}
	return list, s
}

func sha256Of(n int) [16]byte {
	h := sha256.Sum256(fmt.Append(nil, n))
	return [16]byte(h[:16])
}

// made is a segment whose records are made as they are read.
type made struct {
	*Segment
	h    *Hours
	from int
}

func (m made) Read(n int, buf []byte) (evidence.Record, error) {
	if n == 0 {
		return evidence.Record{Data: m.h.init}, nil
	}
	return evidence.Record{Data: m.h.at(m.from+n-1, buf)}, nil
}

// Long is a case of so many seconds.
func (h *Hours) Long(t testing.TB, seconds int) *Case {
	list, s := h.segments(t, seconds)
	c := NewCase(t, "a", true, list)
	for i := range s {
		s[i].Collect = list[i].Collect
	}
	c.Stretches = []evidence.Stretch{s}
	return c
}
