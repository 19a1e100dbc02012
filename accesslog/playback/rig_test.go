package playback_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"varuh/accesslog"
	"varuh/recorder/cmaf"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// dawn is when the test recordings begin.
var dawn = time.Date(2026, 11, 21, 6, 30, 0, 0, time.UTC)

// film is what a camera sends: tracks and units, the latter timed from 0.
type film struct {
	tracks []cmaf.Track
	units  []cmaf.Unit
	length time.Duration
}

// load reads a clip as a film that plays it so many times.
func load(t testing.TB, c clips.Clip, loops int) film {
	t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	check(t, err)
	f := film{length: c.Duration()}
	switch filepath.Ext(c.File) {
	case ".mjpeg":
		f.tracks = []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: c.Width, Height: c.Height}}
		for i, picture := range bytes.SplitAfter(file, []byte{0xff, 0xd9}) {
			if len(picture) > 0 {
				ticks := int64(i) * 90000 / int64(c.Rate)
				f.units = append(f.units, cmaf.Unit{PTS: ticks, DTS: ticks, Key: true, Data: picture})
			}
		}
	default:
		f.read(t, bytes.NewReader(file), c.Hz)
	}
	return f.loop(loops)
}

// read reads an MPEG transport stream whose sound has so many samples a second.
func (f *film) read(t testing.TB, ts *bytes.Reader, hz int) {
	t.Helper()
	r := &mpegts.Reader{R: ts}
	check(t, r.Initialize())
	for _, track := range r.Tracks() {
		n := len(f.tracks)
		picture := func(pts, dts int64, nals [][]byte) error {
			key := f.tracks[n].Codec == cmaf.H264 && h264.IsRandomAccess(nals) || f.tracks[n].Codec == cmaf.H265 && h265.IsRandomAccess(nals)
			f.units = append(f.units, cmaf.Unit{Track: n, PTS: pts, DTS: dts, Key: key, Data: prefixed(&f.tracks[n], nals)})
			return nil
		}
		switch codec := track.Codec.(type) {
		case *codecs.H264:
			f.tracks = append(f.tracks, cmaf.Track{Codec: cmaf.H264, Timescale: 90000})
			r.OnDataH264(track, picture)
		case *codecs.H265:
			f.tracks = append(f.tracks, cmaf.Track{Codec: cmaf.H265, Timescale: 90000})
			r.OnDataH265(track, picture)
		case *codecs.MPEG4Audio:
			config, err := codec.Config.Marshal()
			check(t, err)
			f.tracks = append(f.tracks, cmaf.Track{Codec: cmaf.AAC, Timescale: uint32(hz), Config: config, Channels: 1})
			r.OnDataMPEG4Audio(track, func(pts int64, frames [][]byte) error {
				ticks := (pts*int64(hz) + 45000) / 90000
				for _, frame := range frames {
					f.units = append(f.units, cmaf.Unit{Track: n, PTS: ticks, DTS: ticks, Key: true, Data: frame})
					ticks += mpeg4audio.SamplesPerAccessUnit
				}
				return nil
			})
		default:
			t.Fatalf("the clip has a %T", codec)
		}
	}
	for r.Read() == nil {
	}
	// The tracks' clocks have one origin in the file; here it is the first picture.
	origin := slices.MinFunc(f.units, func(a, b cmaf.Unit) int { return cmp.Compare(a.Track, b.Track) }).PTS
	for i := range f.units {
		u := &f.units[i]
		shift := origin * int64(f.tracks[u.Track].Timescale) / 90000
		u.PTS, u.DTS = u.PTS-shift, u.DTS-shift
	}
}

// prefixed puts its length before each NAL unit, and notes parameter sets in the track.
func prefixed(track *cmaf.Track, nals [][]byte) []byte {
	var data []byte
	for _, nal := range nals {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(nal))), nal...)
		if track.Codec == cmaf.H264 {
			switch h264.NALUType(nal[0] & 0x1f) {
			case h264.NALUTypeSPS:
				track.SPS = nal
			case h264.NALUTypePPS:
				track.PPS = nal
			}
			continue
		}
		switch h265.NALUType(nal[0] >> 1 & 0x3f) {
		case h265.NALUType_VPS_NUT:
			track.VPS = nal
		case h265.NALUType_SPS_NUT:
			track.SPS = nal
		case h265.NALUType_PPS_NUT:
			track.PPS = nal
		}
	}
	return data
}

// loop is the film so many times.
func (f film) loop(n int) film {
	once := f.units
	f.units = nil
	for i := range n {
		for _, u := range once {
			shift := int64(f.length) * int64(i) / 1000 * int64(f.tracks[u.Track].Timescale) / 1e6
			u.PTS, u.DTS = u.PTS+shift, u.DTS+shift
			f.units = append(f.units, u)
		}
	}
	f.length *= time.Duration(n)
	return f
}

// box is what is stored of one stream, and a viewing of it that keeps what it delivered.
type box struct {
	mu        sync.Mutex
	runs      []accesslog.Run
	inits     map[keyring.ID][]byte // of segments
	pieces    []accesslog.Piece     // in the order in which they were stored
	data      map[place][]byte
	withheld  []accesslog.Withheld
	silent    time.Time // from when on sound is left out; zero: it never is
	delivered []accesslog.Piece
	shown     accesslog.Piece // whose key frame was asked for last
	damaged   map[place]bool
	refuse    error // what Pieces and Deliver give from now on
	asked     int   // times that Pieces was called
}

type place struct {
	segment keyring.ID
	record  int
}

func newBox() *box {
	return &box{inits: map[keyring.ID][]byte{}, data: map[place][]byte{}}
}

// record stores a film that begins at a moment as one run, in segments of a length, without the fragments whose
// time since then skip names: as a queue that is full leaves them out.
func (b *box) record(t testing.TB, f film, start time.Time, length time.Duration, skip func(since time.Duration) bool) {
	t.Helper()
	init, err := cmaf.InitSegment(f.tracks)
	check(t, err)
	run := accesslog.Run{ID: keyring.NewID(start)}
	var id keyring.ID
	var until time.Time
	records := 0
	m := cmaf.NewMuxer(f.tracks, func(fr cmaf.Fragment) error {
		if skip != nil && skip(fr.Start.Sub(start)) {
			return nil
		}
		key := fr.Kind == segment.Video && fr.Flags&segment.KeyFrame != 0
		if until.IsZero() || key && !fr.Start.Before(until) {
			id, records, until = keyring.NewID(fr.Start), 0, fr.Start.Truncate(length).Add(length)
			if run.Init == (keyring.ID{}) {
				run.Init = id
			}
			b.inits[id] = init
		}
		records++
		b.data[place{id, records}] = bytes.Clone(fr.Data)
		b.pieces = append(b.pieces, accesslog.Piece{Segment: id, Record: records, Kind: fr.Kind, Run: run.ID,
			Camera: "hall", Stream: "main", Start: fr.Start, Duration: fr.Duration,
			KeyFrame: fr.Flags&segment.KeyFrame != 0, Size: int64(len(fr.Data))})
		return nil
	})
	for _, u := range f.units {
		since := time.Duration(u.PTS) * time.Second / time.Duration(f.tracks[u.Track].Timescale)
		u.Wall = start.Add(since)
		check(t, m.Write(u))
	}
	check(t, m.Flush())
	b.runs = append(b.runs, run)
}

// Pieces keeps the promises of accesslog.Timeline.
func (b *box) Pieces(_ context.Context, camera, stream string, from, to time.Time) (accesslog.Timeline, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	t := accesslog.Timeline{Camera: camera, Stream: stream, From: from, To: to}
	if b.refuse != nil {
		return t, b.refuse
	}
	begin := from
	for _, p := range b.pieces {
		if p.Kind == segment.Video && p.KeyFrame && !p.Start.After(from) {
			begin = p.Start
		}
	}
	for _, p := range b.pieces {
		if p.Camera != camera || p.Stream != stream || !p.Start.Before(to) || !p.End().After(begin) {
			continue
		}
		over := func(w accesslog.Withheld) bool { return w.From.Before(p.End()) && w.To.After(p.Start) }
		if i := slices.IndexFunc(b.withheld, over); i >= 0 {
			t.Withheld = append(t.Withheld, accesslog.Withheld{From: p.Start, To: p.End(), Why: b.withheld[i].Why})
		} else if p.Kind == segment.Audio && !b.silent.IsZero() && p.End().After(b.silent) {
			t.Silent = append(t.Silent, accesslog.Withheld{From: p.Start, To: p.End(), Why: accesslog.ErrSound})
		} else {
			t.Pieces = append(t.Pieces, p)
		}
	}
	slices.SortStableFunc(t.Pieces, func(x, y accesslog.Piece) int { return x.Start.Compare(y.Start) })
	for _, r := range b.runs {
		if slices.ContainsFunc(t.Pieces, func(p accesslog.Piece) bool { return p.Run == r.ID }) {
			t.Runs = append(t.Runs, r)
		}
	}
	return t, nil
}

// Deliver gives out pieces and remembers them.
func (b *box) Deliver(_ context.Context, pieces []accesslog.Piece, use func(accesslog.Piece, []byte) (bool, error)) error {
	for _, p := range pieces {
		b.mu.Lock()
		plain, ok := b.data[place{p.Segment, p.Record}]
		refuse := b.refuse
		b.mu.Unlock()
		if refuse != nil {
			return refuse
		}
		if !ok {
			return accesslog.ErrErased
		}
		if b.damaged[place{p.Segment, p.Record}] {
			return fmt.Errorf("record %d: %w", p.Record, accesslog.ErrDamaged)
		}
		left, err := use(p, bytes.Clone(plain))
		if left || err != nil {
			b.mu.Lock()
			b.delivered = append(b.delivered, p)
			b.mu.Unlock()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// KeyFrame gives the first sample of a piece.
func (b *box) KeyFrame(_ context.Context, p accesslog.Piece, use func(accesslog.Still) (bool, error)) error {
	b.shown = p
	init := b.inits[p.Segment]
	clocks, err := cmaf.Timescales(init)
	if err != nil {
		return err
	}
	for s, err := range cmaf.Samples(init, b.data[place{p.Segment, p.Record}]) {
		if err != nil {
			return err
		}
		left, err := use(accesslog.Still{Piece: p, Init: init, Timescale: clocks[s.Track], Sample: s})
		if left {
			b.delivered = append(b.delivered, p)
		}
		return err
	}
	return errors.New("the fragment has no sample")
}

// Init gives record 0 of a segment.
func (b *box) Init(_ context.Context, id keyring.ID) ([]byte, error) {
	init, ok := b.inits[id]
	if !ok {
		return nil, accesslog.ErrErased
	}
	return bytes.Clone(init), nil
}

// samples are the units of all pieces of a kind, in the order of the pieces.
func (b *box) samples(t testing.TB, pieces []accesslog.Piece, kind segment.Kind) (units [][]byte) {
	t.Helper()
	for _, p := range pieces {
		if p.Kind != kind {
			continue
		}
		for s, err := range cmaf.Samples(b.inits[p.Segment], b.data[place{p.Segment, p.Record}]) {
			check(t, err)
			units = append(units, s.Data)
		}
	}
	return units
}

// left are the pieces that were delivered so far, each once. A reader that hung up may still be served.
func (b *box) left() []accesslog.Piece {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.delivered)
	slices.SortFunc(list, func(p, q accesslog.Piece) int {
		return cmp.Or(bytes.Compare(p.Segment[:], q.Segment[:]), cmp.Compare(p.Record, q.Record))
	})
	return slices.Compact(list)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
