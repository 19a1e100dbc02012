package web

import (
	"bytes"
	"encoding/binary"
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
	"varuh/testdata/clips"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"
)

// film is what a camera sends: a track and its pictures, timed from 0.
type film struct {
	track  cmaf.Track
	units  []cmaf.Unit
	length time.Duration
}

// load reads the pictures of an H.264 clip, or of a Motion JPEG one, to be played so many times.
func load(t testing.TB, c clips.Clip, loops int) film {
	t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	must(t, err)
	f := film{track: cmaf.Track{Codec: cmaf.Codec(c.Video), Timescale: 90000, Width: c.Width, Height: c.Height}, length: c.Duration()}
	if c.Video == "MJPEG" {
		for i, picture := range bytes.SplitAfter(file, []byte{0xff, 0xd9}) {
			if ticks := int64(i) * 90000 / int64(c.Rate); len(picture) > 0 {
				f.units = append(f.units, cmaf.Unit{PTS: ticks, DTS: ticks, Key: true, Data: picture})
			}
		}
		return f.loop(loops)
	}
	r := &mpegts.Reader{R: bytes.NewReader(file)}
	must(t, r.Initialize())
	for _, track := range r.Tracks() {
		if _, ok := track.Codec.(*codecs.H264); ok {
			r.OnDataH264(track, func(pts, dts int64, nals [][]byte) error {
				f.units = append(f.units, cmaf.Unit{PTS: pts, DTS: dts, Key: h264.IsRandomAccess(nals), Data: f.prefixed(nals)})
				return nil
			})
		}
	}
	for r.Read() == nil {
	}
	origin := f.units[0].PTS
	for i := range f.units {
		f.units[i].PTS -= origin
		f.units[i].DTS -= origin
	}
	return f.loop(loops)
}

// prefixed puts its length before each NAL unit, and notes parameter sets.
func (f *film) prefixed(nals [][]byte) (data []byte) {
	for _, nal := range nals {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(nal))), nal...)
		switch h264.NALUType(nal[0] & 0x1f) {
		case h264.NALUTypeSPS:
			f.track.SPS = nal
		case h264.NALUTypePPS:
			f.track.PPS = nal
		}
	}
	return data
}

func (f film) loop(n int) film {
	once := f.units
	f.units = nil
	for i := range n {
		shift := int64(f.length) * int64(i) * 9 / 1e5
		for _, u := range once {
			u.PTS, u.DTS = u.PTS+shift, u.DTS+shift
			f.units = append(f.units, u)
		}
	}
	f.length *= time.Duration(n)
	return f
}

// groups makes groups of pictures so much longer: only every nth key frame is told of as one. Decoders do not mind.
func (f film) groups(n int) film {
	keys := 0
	for i := range f.units {
		if f.units[i].Key {
			f.units[i].Key = keys%n == 0
			keys++
		}
	}
	return f
}

// stored is one fragment as it was stored.
type stored struct {
	cmaf.Fragment
	init []byte
}

func (s stored) end() time.Time { return s.Start.Add(s.Duration) }

// samples are the access units of fragments.
func samples(t testing.TB, list []stored) (units [][]byte) {
	t.Helper()
	for _, f := range list {
		for s, err := range cmaf.Samples(f.init, f.Data) {
			must(t, err)
			units = append(units, bytes.Clone(s.Data))
		}
	}
	return units
}

// reel is how a film is stored.
type reel struct {
	camera, stream string
	film           film
	start          time.Time
	segment        time.Duration                  // after which a new one begins
	skip           func(since time.Duration) bool // fragments that are left out
}

// record stores a film as one run.
func (r *rig) record(t testing.TB, p reel) (list []stored) {
	t.Helper()
	w := r.writing(t, p)
	for _, f := range w.cut() {
		w.store(f)
		list = append(list, f)
	}
	w.seal()
	return list
}

// writing is a film that is being stored.
type writing struct {
	r    *rig
	t    testing.TB
	reel reel
	run  keyring.ID
	init []byte
	w    *segment.Writer
	row  footage.Segment
}

func (r *rig) writing(t testing.TB, p reel) *writing {
	t.Helper()
	init, err := cmaf.InitSegment([]cmaf.Track{p.film.track})
	must(t, err)
	return &writing{r: r, t: t, reel: p, run: keyring.NewID(p.start), init: init}
}

// cut is the film in fragments.
func (w *writing) cut() (list []stored) {
	t := w.t
	t.Helper()
	m := cmaf.NewMuxer([]cmaf.Track{w.reel.film.track}, func(f cmaf.Fragment) error {
		if w.reel.skip == nil || !w.reel.skip(f.Start.Sub(w.reel.start)) {
			f.Data = bytes.Clone(f.Data)
			list = append(list, stored{f, w.init})
		}
		return nil
	})
	for _, u := range w.reel.film.units {
		u.Wall = w.reel.start.Add(time.Duration(u.DTS) * 1e5 / 9)
		must(t, m.Write(u))
	}
	must(t, m.Flush())
	return list
}

// store stores the next fragment.
func (w *writing) store(f stored) {
	t := w.t
	t.Helper()
	if w.w != nil && f.Flags&segment.KeyFrame != 0 && f.Start.Sub(w.row.HeaderStart) >= w.reel.segment {
		w.seal()
	}
	if w.w == nil {
		w.begin(f.Start)
	}
	must(t, w.w.Append(f.Record, f.Data))
}

func (w *writing) begin(start time.Time) {
	r, t := w.r, w.t
	t.Helper()
	id := keyring.NewID(start)
	key, slot, err := r.store.Ring.Create(t.Context(), id, keyring.KindSegment)
	must(t, err)
	h := segment.Header{ID: id, Store: r.store.ID, Slot: slot, Camera: w.reel.camera, Stream: w.reel.stream, Run: w.run, Start: start,
		Boot: [16]byte{1}, BootTime: start.Sub(noon) + 48*time.Hour, Clock: segment.Synchronised,
		Format: fmt.Sprintf("%s %dx%d", w.reel.film.track.Codec, w.reel.film.track.Width, w.reel.film.track.Height)}
	name := r.store.Path(h.Camera, id)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	w.row = footage.NewSegment(h)
	must(t, r.index.Begin(w.row))
	w.w, err = segment.Create(durable.OS, name, h, key, segment.PreferredCipher())
	must(t, err)
	must(t, w.w.Append(segment.Record{Kind: segment.Init, Start: start}, w.init))
}

func (w *writing) seal() {
	r, t := w.r, w.t
	t.Helper()
	done, err := w.w.Seal(false)
	must(t, err)
	size := w.w.Size()
	must(t, w.w.Close())
	must(t, r.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: w.row.ID, Slot: w.row.Slot}, Records: done.Records, Root: done.Root}}))
	must(t, r.index.Sealed(w.row.WithSeal(done, size)))
	w.w = nil
}
