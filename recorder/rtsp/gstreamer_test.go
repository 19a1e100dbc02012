package rtsp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"varuh/recorder/rtsp"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// gstreamer serves a clip by gst-rtsp-server and returns its URL.
func gstreamer(t *testing.T, clip, codec string) string {
	t.Helper()
	b, err := fs.ReadFile(clips.Files, clip)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "clip.ts")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return outside.Serve(t, "varuh", "kanarcek", outside.Camera{Path: "cam", Codecs: codec, File: name})("cam")
}

// TestGStreamer takes pictures from a server that shares no code with the one of the other tests.
func TestGStreamer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, clip, codec string
		transport         rtsp.Transport
	}{
		{"H264 B-frames over TCP", "hall.ts", "h264", rtsp.TCP},
		{"H264 slices over UDP", "slices-h264.ts", "h264", rtsp.UDP},
		{"H265 over TCP", "slices-h265.ts", "h265", rtsp.TCP},
		{"H265 over UDP", "yard-main.ts", "h265", rtsp.UDP},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := gstreamer(t, test.clip, test.codec)
			k := &taker{enough: 30}
			if _, err := take(t, new(rtsp.Client), rtsp.Source{URL: url, Transport: test.transport}, k); !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			times(t, k.pictures())
			want := original(t, test.clip)
			for i, u := range k.pictures() {
				if got := pictureParts(u.Data, test.codec); u.Loss || !bytes.Equal(got, pictureParts(want[i], test.codec)) {
					t.Fatalf("unit %d differs from the clip, loss %v", i, u.Loss)
				}
			}
		})
	}
}

// original is the clip's access units.
func original(t *testing.T, clip string) [][]byte {
	t.Helper()
	units, err := rtsptest.Units(clips.Files, clip)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// pictureParts are the NAL units of u that are slices or SEI: GStreamer puts parameter sets and
// delimiters where it likes.
func pictureParts(u []byte, codec string) (parts []byte) {
	for len(u) > 4 {
		n := 4 + int(binary.BigEndian.Uint32(u))
		t := u[4] & 0x1f
		keep := t <= 6
		if codec == "h265" {
			t = u[4] >> 1
			keep = t < 32 || t == 39 || t == 40
		}
		if keep {
			parts = append(parts, u[:n]...)
		}
		u = u[n:]
	}
	return parts
}
