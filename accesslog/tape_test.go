package accesslog

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// tape is how a camera is recorded.
type tape struct {
	camera, stream string
	start          time.Time
	length         time.Duration
	gop            int // units of a quarter of a second; 0: 8
	segment        time.Duration
	size           int           // bytes of a unit; 0: 64
	open           bool          // the last segment is still being written
	sound          bool          // with a track of sound
	late           bool          // the clock was not set, and the boot is another
	overlap        time.Duration // by which a fragment ends later than the next begins, as where the clock is nudged
}

// The parameter sets of the tests' camera, 352 × 288.
var (
	testSPS = []byte{0x67, 0x64, 0x00, 0x0c, 0xac, 0x3b, 0x50, 0xb0, 0x4b, 0x42, 0x00, 0x00, 0x03, 0x00, 0x02, 0x00, 0x00, 0x03, 0x00, 0x3d, 0x08}
	testPPS = []byte{0x68, 0xee, 0x3c, 0x80}
)

// record stores a tape.
func (r *rig) record(p tape) {
	t := r.t
	t.Helper()
	if p.gop == 0 {
		p.gop = 8
	}
	if p.segment == 0 {
		p.segment = 10 * time.Minute
	}
	tracks := []cmaf.Track{{Codec: cmaf.H264, Timescale: 90000, SPS: testSPS, PPS: testPPS, Width: 352, Height: 288}}
	if p.sound {
		tracks = append(tracks, cmaf.Track{Codec: cmaf.PCMA, Timescale: 8000, Channels: 1})
	}
	init, err := cmaf.InitSegment(tracks)
	must(t, err)
	w := &writing{rig: r, tape: p, run: keyring.NewID(p.start), init: init}
	m := cmaf.NewMuxer(tracks, w.take)
	const step = 250 * time.Millisecond
	for n := range int(p.length / step) {
		at := time.Duration(n) * step
		must(t, m.Write(cmaf.Unit{PTS: int64(at) * 9 / 1e5, DTS: int64(at) * 9 / 1e5, Wall: p.start.Add(at), Key: n%p.gop == 0, Data: unit(p, n)}))
		if p.sound {
			must(t, m.Write(cmaf.Unit{Track: 1, PTS: at.Milliseconds() * 8, DTS: at.Milliseconds() * 8, Wall: p.start.Add(at), Key: true, Data: make([]byte, 2000)}))
		}
	}
	must(t, m.Flush())
	if r.writing = w; !p.open {
		w.seal()
	}
}

// unit is what the camera sends, told apart from every other.
func unit(p tape, n int) []byte {
	b := fmt.Appendf(nil, "....%s/%s %s unit %d ", p.camera, p.stream, p.start.Format(time.RFC3339), n)
	b = append(b, make([]byte, max(p.size, 64))...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// writing is a tape that is being stored.
type writing struct {
	rig  *rig
	tape tape
	run  keyring.ID
	init []byte
	w    *segment.Writer
	row  footage.Segment
}

func (w *writing) take(f cmaf.Fragment) error {
	t := w.rig.t
	if w.w != nil && f.Flags&segment.KeyFrame != 0 && f.Start.Sub(w.row.HeaderStart) >= w.tape.segment {
		w.seal()
	}
	if w.w == nil {
		w.next(f.Start)
	}
	f.Record.Duration += w.tape.overlap
	must(t, w.w.Append(f.Record, f.Data))
	return nil
}

func (w *writing) next(start time.Time) {
	r, t := w.rig, w.rig.t
	id := keyring.NewID(start)
	key, slot, err := r.store.Ring.Create(t.Context(), id, keyring.KindSegment)
	must(t, err)
	h := segment.Header{ID: id, Store: r.store.ID, Slot: slot, Camera: w.tape.camera, Stream: w.tape.stream, Run: w.run, Start: start,
		Boot: [16]byte{1}, BootTime: start.Sub(noon) + 48*time.Hour, Clock: segment.Synchronised, Format: "H264 352x288"}
	if r.gap != nil {
		h.Gaps = []segment.Gap{*r.gap}
	}
	if w.tape.late {
		h.Clock, h.Boot, h.BootTime = segment.Unsynchronised, [16]byte{2}, start.Sub(w.tape.start)
	}
	name := r.store.Path(h.Camera, id)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	w.row = footage.NewSegment(h)
	must(t, r.index.Begin(w.row, h.Gaps...))
	w.w, err = segment.Create(durable.OS, name, h, key, segment.PreferredCipher())
	must(t, err)
	must(t, w.w.Append(segment.Record{Kind: segment.Init, Start: start}, w.init))
}

func (w *writing) seal() {
	r, t := w.rig, w.rig.t
	done, err := w.w.Seal(false)
	must(t, err)
	size := w.w.Size()
	must(t, w.w.Close())
	must(t, r.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: w.row.ID, Slot: w.row.Slot}, Records: done.Records, Root: done.Root}}))
	must(t, r.index.Sealed(w.row.WithSeal(done, size)))
	w.w = nil
}
