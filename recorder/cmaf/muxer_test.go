package cmaf_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

var picture = cmaf.Track{Codec: cmaf.H264, Timescale: 90000}

// unit is a picture at a decoding time, shown when it is decoded.
func unit(dts int64, key bool, data string) cmaf.Unit {
	return cmaf.Unit{PTS: dts, DTS: dts, Wall: at(dts, 90000), Key: key, Data: []byte(data)}
}

// described is a fragment in one line: flags, time since dawn, duration, and its units' bytes.
func described(t *testing.T, f cmaf.Fragment) string {
	t.Helper()
	flags := ""
	for i, name := range []string{"key ", "loss ", "gap "} {
		if f.Flags&(1<<i) != 0 {
			flags += name
		}
	}
	mdat := f.Data[bytes.Index(f.Data, []byte("mdat"))+4:]
	return fmt.Sprintf("%s%v +%v %s", flags, f.Start.Sub(dawn), f.Duration, mdat)
}

// fragments packs units of one track that nobody decodes.
func fragments(t *testing.T, track cmaf.Track, units ...cmaf.Unit) []string {
	t.Helper()
	var got []string
	m := cmaf.NewMuxer([]cmaf.Track{track}, func(f cmaf.Fragment) error {
		got = append(got, described(t, f))
		return nil
	})
	for _, u := range units {
		if err := m.Write(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFragmentBoundaries(t *testing.T) {
	t.Parallel()
	lost := unit(30000, false, "c")
	lost.Loss = true
	motion := cmaf.Track{Codec: cmaf.MJPEG, Timescale: 90000, Width: 16, Height: 16}
	for _, test := range []struct {
		name  string
		track cmaf.Track
		units []cmaf.Unit
		want  []string
	}{
		{"before a key frame", picture,
			[]cmaf.Unit{unit(0, true, "a"), unit(9000, false, "b"), unit(18000, true, "c"), unit(27000, false, "d")},
			[]string{"key 0s +200ms ab", "key 200ms +200ms cd"}},
		{"at one second", picture,
			[]cmaf.Unit{unit(0, true, "a"), unit(30000, false, "b"), unit(60000, false, "c"), unit(90000, false, "d"), unit(120000, false, "e")},
			[]string{"key 0s +1s abc", "1s +666.666666ms de"}},
		{"before it would pass one second", picture,
			[]cmaf.Unit{unit(0, true, "a"), unit(36000, false, "b"), unit(72000, false, "c")},
			[]string{"key 0s +800ms ab", "800ms +400ms c"}},
		{"one unit longer than a second", picture,
			[]cmaf.Unit{unit(0, true, "a"), unit(450000, false, "b"), unit(900000, true, "c")},
			[]string{"key 0s +5s a", "5s +5s b", "key 10s +5s c"}},
		{"a unit alone lasts a guess", picture, []cmaf.Unit{unit(5, true, "a")}, []string{"key 55.555µs +40ms a"}},
		{"loss", picture,
			[]cmaf.Unit{unit(0, true, "a"), unit(15000, false, "b"), lost, unit(45000, true, "d")},
			[]string{"key loss 0s +500ms abc", "key 500ms +166.666666ms d"}},
		{"pictures that all can be decoded alone", motion,
			[]cmaf.Unit{unit(0, true, "a"), unit(30000, true, "b"), unit(60000, true, "c"), unit(90000, true, "d")},
			[]string{"key 0s +1s abc", "key 1s +333.333333ms d"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := fragments(t, test.track, test.units...); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFragmentsAreBounded(t *testing.T) {
	t.Parallel()
	big := string(make([]byte, 7<<20))
	var sizes []int
	m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error {
		sizes = append(sizes, len(f.Data)>>20)
		return nil
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		must(m.Write(unit(int64(i), i == 0, big)))
	}
	must(m.Write(unit(3, false, string(make([]byte, cmaf.MaxUnit)))))
	for i := range 600 { // a clock that hardly moves
		must(m.Write(unit(int64(4+i), false, "x")))
	}
	must(m.Flush())
	if want := []int{14, 7, 31, 0, 0}; !slices.Equal(sizes, want) {
		t.Errorf("fragments of %d MiB, want %d", sizes, want)
	}
}

// TestRefusals has each bad unit refused, and the good ones around it packed as if it had not been.
func TestRefusals(t *testing.T) {
	t.Parallel()
	shifted := func(u cmaf.Unit, pts int64) cmaf.Unit { u.PTS = pts; return u }
	stray := unit(20000, false, "x")
	stray.Track = 1
	for name, test := range map[string]struct {
		unit cmaf.Unit
		want error
	}{
		"same time":       {unit(10000, false, "x"), cmaf.ErrBackwards},
		"earlier":         {unit(9000, false, "x"), cmaf.ErrBackwards},
		"earliest":        {unit(math.MinInt64, false, "x"), cmaf.ErrBackwards},
		"too far":         {unit(10001+math.MaxUint32, false, "x"), cmaf.ErrBackwards},
		"furthest":        {unit(math.MaxInt64, false, "x"), cmaf.ErrBackwards},
		"empty":           {unit(20000, false, ""), cmaf.ErrUnit},
		"too large":       {unit(20000, false, string(make([]byte, cmaf.MaxUnit+1))), cmaf.ErrUnit},
		"no such track":   {stray, cmaf.ErrUnit},
		"shown too late":  {shifted(unit(20000, false, "x"), 20001+math.MaxInt32), cmaf.ErrUnit},
		"shown at last":   {shifted(unit(20000, false, "x"), math.MaxInt64), cmaf.ErrUnit},
		"shown at first":  {shifted(unit(20000, false, "x"), math.MinInt64), cmaf.ErrUnit},
		"before the run":  {shifted(unit(20000, false, "x"), 999), cmaf.ErrUnit},
		"before it began": {shifted(unit(20000, false, "x"), -1), cmaf.ErrUnit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error {
				got = append(got, described(t, f))
				return nil
			})
			for _, step := range []struct {
				unit cmaf.Unit
				want error
			}{{unit(1000, true, "a"), nil}, {unit(10000, false, "b"), nil}, {test.unit, test.want}, {unit(19000, false, "c"), nil}} {
				if err := m.Write(step.unit); !errors.Is(err, step.want) {
					t.Fatalf("got %v, want %v", err, step.want)
				}
			}
			if err := m.Flush(); err != nil {
				t.Fatal(err)
			}
			if want := []string{"key 11.111111ms +300ms abc"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestFailedEmitIsSticky(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("disk full"), 0
	m := cmaf.NewMuxer([]cmaf.Track{picture}, func(cmaf.Fragment) error { calls++; return full })
	if err := m.Write(unit(0, true, "a")); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := m.Write(unit(int64(1+i), true, "b")); !errors.Is(err, full) {
			t.Errorf("write %d: got %v, want %v", i, err, full)
		}
	}
	if err := m.Flush(); !errors.Is(err, full) || calls != 1 {
		t.Errorf("flush: %v after %d calls", err, calls)
	}
}

// TestRunTime has decoding time go on from 0 through every fragment, over a Flush, with B-frames and
// signed offsets, and for a clock that starts at the far end of its range.
func TestRunTime(t *testing.T) {
	t.Parallel()
	for _, origin := range []int64{0, math.MinInt64, math.MaxInt64 - 1e6, -70000} {
		head, err := cmaf.InitSegment([]cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: 1, Height: 1}})
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error {
			for s, err := range cmaf.Samples(head, f.Data) {
				if err != nil {
					return err
				}
				got = append(got, s.DTS, s.PTS)
			}
			return nil
		})
		want := []int64{}
		for i, shown := range []int64{2, 5, 3, 1, 4, 8} {
			u := cmaf.Unit{DTS: origin + int64(i)*40000, PTS: origin + shown*40000, Wall: dawn, Key: i == 0, Data: []byte("x")}
			if err := m.Write(u); err != nil {
				t.Fatal(err)
			}
			if err := m.Flush(); i == 2 && err != nil {
				t.Fatal(err)
			}
			want = append(want, int64(i)*40000, shown*40000)
		}
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("origin %d: got %d, want %d", origin, got, want)
		}
	}
}

// TestWall has each fragment's start and prft say when its first unit was, 2036 included.
func TestWall(t *testing.T) {
	t.Parallel()
	for _, wall := range []time.Time{
		time.Date(1970, 1, 1, 0, 0, 0, 1, time.UTC), dawn.Add(123456789), dawn.Add(999999999),
		time.Date(2036, 2, 7, 6, 28, 15, 999999999, time.UTC), time.Date(2036, 2, 7, 6, 28, 16, 0, time.UTC),
		time.Date(2099, 12, 31, 23, 59, 59, 5, time.UTC),
	} {
		m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error {
			got, err := cmaf.Wall(f.Data)
			if err != nil {
				return err
			}
			if !got.Equal(wall) || !f.Start.Equal(wall) {
				t.Errorf("prft says %v and the record %v, want %v", got, f.Start, wall)
			}
			return nil
		})
		u := unit(7, true, "a")
		u.Wall = wall
		if err := errors.Join(m.Write(u), m.Flush()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSoundAndPictureTogether has the tracks' times in the run differ as their wall times do, though
// their clocks start anywhere.
func TestSoundAndPictureTogether(t *testing.T) {
	t.Parallel()
	tracks := []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: 1, Height: 1}, {Codec: cmaf.PCMA, Timescale: 8000, Channels: 1}}
	late := cmaf.Unit{Track: 1, PTS: -4711, DTS: -4711, Wall: dawn.Add(125 * time.Millisecond), Key: true, Data: []byte("s")}
	early := late
	early.Wall = dawn.Add(-time.Hour)
	for _, test := range []struct {
		sound cmaf.Unit
		want  int64
	}{{late, 1000 + 8*40}, {early, 0}} {
		pic := cmaf.Unit{PTS: 1e9 + 3600, DTS: 1e9, Wall: dawn, Key: true, Data: []byte("p")} // decoded 40 ms before it is shown
		r := mux(t, tracks, []cmaf.Unit{pic, test.sound})
		for s, err := range cmaf.Samples(r.init, r.fragments[1].Data) {
			if err != nil || s.Track != 1 || s.DTS != test.want {
				t.Errorf("got %+v, %v; want time %d", s, err, test.want)
			}
		}
	}
}

// TestClips has the table in package clips agree with the files.
func TestClips(t *testing.T) {
	t.Parallel()
	for _, c := range clips.All {
		tracks, units := read(t, c)
		r := mux(t, tracks, units)
		got := c
		got.Frames, got.Sounds, got.BFrames = 0, 0, false
		key := -1
		for _, u := range units {
			if tracks[u.Track].Kind() == segment.Audio {
				got.Sounds++
				continue
			}
			if u.Key && key >= 0 && got.Frames-key != c.GOP || got.Frames == 0 && !u.Key {
				t.Errorf("%s: key frames %d and %d", c.File, key, got.Frames)
			}
			if u.Key {
				key = got.Frames
			}
			got.Frames++
			got.BFrames = got.BFrames || u.PTS != u.DTS && units[0].PTS-units[0].DTS != u.PTS-u.DTS
		}
		if c.Video == "" {
			got.Sounds = 0
		}
		if got != c {
			t.Errorf("%s holds %+v, the table says %+v", c.File, got, c)
		}
		for i, f := range r.fragments {
			if f.Duration > time.Second || f.Kind == segment.Video && i == 0 && f.Flags != segment.KeyFrame {
				t.Errorf("%s: fragment %d lasts %v, flags %b", c.File, i, f.Duration, f.Flags)
			}
		}
	}
}
