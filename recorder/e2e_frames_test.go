package recorder_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"varuh/recorder"
	"varuh/recorder/rtsp"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// rotations is how many segments of each stream must be full before a test looks at them.
const rotations = 3

// TestFramesInFramesOut has cameras of every kind recorded over every transport: each access unit that was
// sent is read back from the decrypted segments, byte for byte, once, in order, over rotations.
func TestFramesInFramesOut(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	recordings := []*recording{
		record(t, "TCP", cameras(rtsp.TCP, serve(t, rtsptest.Options{}).URL)),
		record(t, "UDP", cameras(rtsp.UDP, serve(t, rtsptest.Options{UDP: true}).URL)),
		record(t, "TLS", cameras(rtsp.TCP, serve(t, rtsptest.Options{TLS: true}).URL)),
		record(t, "Digest", cameras(rtsp.Auto, serve(t, rtsptest.Options{User: "viewer", Pass: "geslo", Digest: true}).SignedURL)),
	}
	want := map[programme]reference{}
	for _, p := range programmes {
		want[p] = refer(t, p, 1)
	}
	for _, g := range recordings {
		g.until(recorder.EventSealed, rotations, programmes...)
		g.stop()
	}
	for _, g := range recordings {
		g.verify(func(t *testing.T, p programme, got []stored) {
			compareLoop(t, p, got, want[p])
			if g.name == "TCP" {
				readable(t, got)
			}
		})
	}
}

// verify has each stream of a recording that was stopped compared, and looks at all files of its box.
func (g *recording) verify(compare func(*testing.T, programme, []stored)) {
	g.t.Run(g.name, func(t *testing.T) {
		var all []stored
		for _, p := range programmes {
			t.Run(p.path(), func(t *testing.T) {
				got, gaps := g.box.read(t, g.opts, p.camera, p.stream)
				if len(gaps) != 1 || !gaps[0].To.IsZero() { // the one since the recorder was stopped
					t.Errorf("gaps: %v", gaps)
				}
				if len(got) <= rotations {
					t.Fatalf("%d segments", len(got))
				}
				compare(t, p, got)
				all = append(all, got...)
			})
		}
		g.box.sound(t, g.opts)
		g.box.wantSecret(t, newCanaries(), all)
	})
}

// serve offers all test cameras until the test ends.
func serve(t *testing.T, o rtsptest.Options) *rtsptest.Server {
	t.Helper()
	var list []rtsptest.Camera
	for _, p := range programmes {
		c := rtsptest.Camera{Path: p.path(), FS: clips.Files, Clip: p.clip.File, Wait: true}
		if p.sound != p.clip {
			c.Sound = p.sound.File
		}
		list = append(list, c)
	}
	s, err := rtsptest.Serve("127.0.0.1:0", list, o)
	check(t, err)
	t.Cleanup(s.Close)
	return s
}

// cameras are the test cameras as the recorder is told of them. Sound is recorded where they have some.
func cameras(transport rtsp.Transport, url func(path string) string) (list []recorder.Camera) {
	for _, p := range programmes {
		source := rtsp.Source{URL: url(p.path()), Transport: transport, Audio: p.sound.Audio != ""}
		if p.stream == "sub" {
			list[len(list)-1].Sub = &source
			continue
		}
		list = append(list, recorder.Camera{ID: p.camera, Main: source})
	}
	return list
}

// compareLoop checks that what is stored is the programme, played over and over from its first picture.
func compareLoop(t *testing.T, p programme, got []stored, want reference) {
	t.Helper()
	pictures, sounds := units(t, p, got)
	if at, good := position(sums(pictures), want.pictures); at != 0 || good != len(pictures) {
		t.Errorf("of %d pictures, %d follow each other as the %d of the programme do, from its picture %d", len(pictures), good, len(want.pictures), at)
	}
	if want.samples != nil {
		for packet := range slices.Chunk(want.samples, 320) { // what the server puts in a packet
			want.sounds = append(want.sounds, sums([][]byte{packet})...)
		}
	}
	if len(sounds) == 0 != (want.sounds == nil) {
		t.Fatalf("%d units of sound are stored, the programme has %d", len(sounds), len(want.sounds))
	}
	if at, good := position(sums(sounds), want.sounds); good != len(sounds) {
		t.Errorf("of %d units of sound, %d follow each other as the %d of the programme do, from its unit %d", len(sounds), good, len(want.sounds), at)
	}
	t.Logf("%d segments, %d pictures, %d sounds", len(got), len(pictures), len(sounds))
}

// units are those of all segments together. Of JPEG pictures only the scan is compared.
func units(t *testing.T, p programme, got []stored) (pictures, sounds [][]byte) {
	t.Helper()
	for _, s := range got {
		for _, u := range s.pictures {
			if p.clip.Video == "MJPEG" {
				u = scan(t, u)
			}
			pictures = append(pictures, u)
		}
		sounds = append(sounds, s.sounds...)
	}
	return pictures, sounds
}

// position tells from which unit of a loop the list is, one after the other, and how far it is.
func position(list, loop []string) (from, good int) {
	for at := range loop {
		n := 0
		for n < len(list) && list[n] == loop[(at+n)%len(loop)] {
			n++
		}
		if n > good {
			from, good = at, n
		}
	}
	return from, good
}

// readable has ffprobe read each decrypted segment, and ffmpeg decode those that follow each other in a run,
// without a warning. Nothing decrypted is written to a file.
func readable(t *testing.T, got []stored) {
	t.Helper()
	runs := map[string][]byte{}
	for _, s := range got {
		fragments := bytes.Join(s.fragments, nil)
		whole := append(bytes.Clone(s.init), fragments...)
		pipe(t, whole, "ffprobe", "-v", "warning", "-show_packets", "-show_streams", "pipe:0")
		if again := framemd5(t, whole, "pipe:0", "v"); !slices.Equal(again, sums(s.pictures)) {
			t.Errorf("ffmpeg reads %d other pictures from segment %v than varuh's %d", len(again), s.ID, len(s.pictures))
		}
		run := fmt.Sprint(s.Run)
		if runs[run] == nil {
			runs[run] = s.init
		}
		runs[run] = append(runs[run], fragments...)
	}
	for _, run := range runs {
		pipe(t, run, "ffmpeg", "-nostdin", "-v", "warning", "-xerror", "-i", "pipe:0", "-f", "null", "-")
	}
}

// TestSoundOnlyWhereAllowed has a camera with sound recorded without: not a record of it is stored.
func TestSoundOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	p := programmes[0]
	url := serve(t, rtsptest.Options{}).URL(p.path())
	g := record(t, "without sound", []recorder.Camera{{ID: p.camera, Main: rtsp.Source{URL: url}}})
	g.until(recorder.EventSealed, 1, p)
	g.stop()
	got, _ := g.box.read(t, g.opts, p.camera, p.stream)
	for _, s := range got {
		if len(s.sounds) > 0 || slices.ContainsFunc(s.records, func(r segment.Record) bool { return r.Kind == segment.Audio }) {
			t.Errorf("segment %v has sound", s.ID)
		}
	}
}
