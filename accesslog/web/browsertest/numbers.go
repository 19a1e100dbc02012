package browsertest

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// Crop is the filter by which ffmpeg cuts out of a picture of 640 × 360 the corner in which its number is burned in, as
// brightness by pixel, by the same weights as in the browser.
const Crop = "crop=240:48:0:296,format=rgb24,format=gray"

// Corner is the size of what [Crop] cuts out, in bytes.
const Corner = 240 * 48

// alike is the most that two corners with the same number differ on average, as squares. The clips are coded tightly, and
// what is shown was scaled and converted; corners with different numbers differ by far more than this.
const alike = 900

// Numbers are the corners of all pictures of a clip.
type Numbers struct{ corners []byte }

// NumbersOf reads them with ffmpeg.
func NumbersOf(t testing.TB, c clips.Clip) Numbers {
	t.Helper()
	outside.NeedsFFmpeg(t)
	file, err := clips.Files.ReadFile(c.File)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), c.File)
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", name, "-map", "0:v", "-vf", Crop, "-fps_mode", "passthrough", "-f", "rawvideo", "-").Output()
	if err != nil || len(out) != c.Frames*Corner {
		t.Fatalf("%d bytes of pictures: %v", len(out), err)
	}
	return Numbers{out}
}

// Read tells the number of the picture that a browser shows: that whose corner is most like it.
func (n Numbers) Read(t testing.TB, pixels string) (best int) {
	t.Helper()
	shown, err := base64.StdEncoding.DecodeString(pixels)
	if err != nil || len(shown) != Corner {
		t.Fatalf("%d bytes of pixels: %v", len(shown), err)
	}
	least := 1 << 62
	for i := range len(n.corners) / Corner {
		if d := n.apart(i, shown); d < least {
			best, least = i, d
		}
	}
	if least > Corner*alike {
		t.Errorf("the picture most like what is shown is %d, and it is another one: is nothing shown?", best)
	}
	return best
}

// Is tells whether a corner is that of the picture with a number, and no other one's near it.
func (n Numbers) Is(number int, corner []byte) bool {
	all := len(n.corners) / Corner
	d := n.apart(number, corner)
	return d <= Corner*alike && d <= n.apart((number+1)%all, corner) && d <= n.apart((number+all-1)%all, corner)
}

// apart is how much a corner differs from that of a picture: the sum of squares.
func (n Numbers) apart(number int, corner []byte) (sum int) {
	for i, p := range n.corners[number*Corner : (number+1)*Corner] {
		d := int(p) - int(corner[i])
		sum += d * d
	}
	return sum
}
