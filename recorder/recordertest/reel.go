package recordertest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Fragment is one fragment as it was stored.
type Fragment struct {
	cmaf.Fragment
	Init []byte // of its run
}

// End is when it ends.
func (f Fragment) End() time.Time { return f.Start.Add(f.Duration) }

// Samples are the access units of fragments.
func Samples(t testing.TB, list []Fragment) (units [][]byte) {
	t.Helper()
	for _, f := range list {
		for s, err := range cmaf.Samples(f.Init, f.Data) {
			must(t, err)
			units = append(units, bytes.Clone(s.Data))
		}
	}
	return units
}

// Reel is how a film is stored.
type Reel struct {
	Camera, Stream string
	Film           Film
	Start          time.Time
	Segment        time.Duration                  // after which a new one begins
	Skip           func(since time.Duration) bool // fragments that are left out; nil: none
	Gaps           []segment.Gap                  // before it, which its first segment tells of
}

// Record stores a film as one run, and seals it.
func Record(t testing.TB, store footage.Store, index *footage.Index, p Reel) (list []Fragment) {
	t.Helper()
	w := NewWriting(t, store, index, p)
	for _, f := range w.Cut() {
		w.Store(f)
		list = append(list, f)
	}
	w.Seal()
	return list
}

// Writing is a film that is being stored.
type Writing struct {
	Row footage.Segment // of the segment that is open

	t     testing.TB
	store footage.Store
	index *footage.Index
	reel  Reel
	run   keyring.ID
	init  []byte
	w     *segment.Writer // nil between two segments
}

// NewWriting begins to store a film.
func NewWriting(t testing.TB, store footage.Store, index *footage.Index, p Reel) *Writing {
	t.Helper()
	init, err := cmaf.InitSegment([]cmaf.Track{p.Film.Track})
	must(t, err)
	return &Writing{t: t, store: store, index: index, reel: p, run: keyring.NewID(p.Start), init: init}
}

// Cut is the film in fragments.
func (w *Writing) Cut() (list []Fragment) {
	t := w.t
	t.Helper()
	m := cmaf.NewMuxer([]cmaf.Track{w.reel.Film.Track}, func(f cmaf.Fragment) error {
		if w.reel.Skip == nil || !w.reel.Skip(f.Start.Sub(w.reel.Start)) {
			f.Data = bytes.Clone(f.Data)
			list = append(list, Fragment{f, w.init})
		}
		return nil
	})
	for _, u := range w.reel.Film.Units {
		u.Wall = w.reel.Start.Add(time.Duration(u.DTS) * 1e5 / 9)
		must(t, m.Write(u))
	}
	must(t, m.Flush())
	return list
}

// Store stores the next fragment.
func (w *Writing) Store(f Fragment) {
	t := w.t
	t.Helper()
	if w.w != nil && f.Flags&segment.KeyFrame != 0 && f.Start.Sub(w.Row.HeaderStart) >= w.reel.Segment {
		w.Seal()
	}
	if w.w == nil {
		w.begin(f.Start)
	}
	must(t, w.w.Append(f.Record, f.Data))
}

// booted is when the machine that recorded is said to have started.
var booted = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (w *Writing) begin(start time.Time) {
	t := w.t
	t.Helper()
	id := keyring.NewID(start)
	key, slot, err := w.store.Ring.Create(t.Context(), id, keyring.KindSegment)
	must(t, err)
	h := segment.Header{ID: id, Store: w.store.ID, Slot: slot, Camera: w.reel.Camera, Stream: w.reel.Stream, Run: w.run, Start: start,
		Boot: [16]byte{1}, BootTime: start.Sub(booted), Clock: segment.Synchronised,
		Format: fmt.Sprintf("%s %dx%d", w.reel.Film.Track.Codec, w.reel.Film.Track.Width, w.reel.Film.Track.Height)}
	name := w.store.Path(h.Camera, id)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	h.Gaps, w.reel.Gaps = w.reel.Gaps, nil
	w.Row = footage.NewSegment(h)
	must(t, w.index.Begin(w.Row, h.Gaps...))
	w.w, err = segment.Create(durable.OS, name, h, key, segment.PreferredCipher())
	must(t, err)
	must(t, w.w.Append(segment.Record{Kind: segment.Init, Start: start}, w.init))
}

// Seal seals the segment that is open.
func (w *Writing) Seal() {
	t := w.t
	t.Helper()
	done, err := w.w.Seal(false)
	must(t, err)
	size := w.w.Size()
	must(t, w.w.Close())
	must(t, w.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: w.Row.ID, Slot: w.Row.Slot}, Records: done.Records, Root: done.Root}}))
	must(t, w.index.Sealed(w.Row.WithSeal(done, size)))
	w.w = nil
}
