package recorder_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/rtsp"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// TestGStreamer is TestFramesInFramesOut with cameras that share no code with varuh or its RTSP library, and
// ask for Digest authentication. Each plays a long file once, from its beginning for each session.
func TestGStreamer(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	files := map[programme]reference{}
	for _, p := range programmes {
		files[p] = refer(t, p, int(2*time.Minute/p.clip.Duration()))
	}
	url := gstreamer(t, files)
	recordings := []*recording{record(t, "TCP", cameras(rtsp.TCP, url)), record(t, "UDP", cameras(rtsp.UDP, url))}
	for _, g := range recordings {
		g.until(recorder.EventSealed, rotations, programmes...)
		g.stop()
	}
	for _, g := range recordings {
		g.verify(func(t *testing.T, p programme, got []stored) {
			compareFile(t, p, got, files[p])
			if g.name == "TCP" {
				readable(t, got)
			}
		})
	}
}

// gstreamer serves files as the test cameras until the test ends, and returns what makes their URLs.
func gstreamer(t *testing.T, files map[programme]reference) func(path string) string {
	t.Helper()
	var cameras []outside.Camera
	for p, r := range files {
		codecs := strings.ToLower(p.clip.Video)
		switch sound := p.sound.Audio; sound {
		case "":
		case "PCMA":
			codecs += "+alaw"
		case "PCMU":
			codecs += "+mulaw"
		default:
			codecs += "+" + strings.ToLower(sound)
		}
		cameras = append(cameras, outside.Camera{Path: p.path(), Codecs: codecs, File: r.file})
	}
	return outside.Serve(t, "viewer", "geslo", cameras...)
}

// compareFile checks that what is stored is the file, played from its beginning.
func compareFile(t *testing.T, p programme, got []stored, want reference) {
	t.Helper()
	pictures, sounds := units(t, p, got)
	if list := sums(pictures); len(list) > len(want.pictures) || !slices.Equal(list, want.pictures[:len(list)]) {
		_, good := position(list, want.pictures)
		t.Errorf("of %d pictures, %d are those that the file begins with", len(list), good)
	}
	switch {
	case want.samples != nil: // how many go into a packet is the server's to say
		if all := bytes.Join(sounds, nil); len(all) == 0 || !bytes.Contains(want.samples, all) {
			t.Errorf("%d bytes of sound are not in the file as they are", len(all))
		}
	case want.sounds != nil:
		if at, good := position(sums(sounds), want.sounds); len(sounds) == 0 || good != len(sounds) {
			t.Errorf("of %d units of sound, %d follow each other as in the file, from its unit %d", len(sounds), good, at)
		}
	}
	t.Logf("%d segments, %d pictures, %d sounds", len(got), len(pictures), len(sounds))
}
