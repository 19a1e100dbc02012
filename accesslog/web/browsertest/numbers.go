package browsertest

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// standing reads what the player shows of a camera: its clock, and the corner of the picture in which its number is burned in.
const standing = `(async () => {
	for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
	const picture = document.querySelector('.screen[data-camera="%s"]').querySelector('video:not([hidden]), canvas:not([hidden])');
	const g = Object.assign(document.createElement('canvas'), {width: 640, height: 360}).getContext('2d');
	g.drawImage(picture, 0, 0, 640, 360);
	const {data} = g.getImageData(0, 296, 240, 48);
	let text = '';
	for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
	return [document.querySelector('.clock-time').textContent, btoa(text)];
})()`

// Standing waits until the player stands still, and gives when what it shows of a camera was taken, by its clock, as the time since
// midnight, and the picture for [Numbers.Read]. The clock tells that before the picture has come.
func (p *Page) Standing(camera string) (since time.Duration, pixels string) {
	p.T.Helper()
	p.Until(`document.querySelector('.clock-time')?.textContent.match(/[.,]\d{3} /) && [...document.querySelectorAll('.screen video')].every((v) => v.paused && !v.seeking)`)
	shown := Evaluate[[2]string](p, fmt.Sprintf(standing, camera))
	clock, _, _ := strings.Cut(strings.Replace(shown[0], ",", ".", 1), " ")
	at, err := time.Parse("15:04:05.000", clock)
	if err != nil {
		p.T.Fatalf("the clock says %q", shown[0])
	}
	return at.Sub(at.Truncate(24 * time.Hour)), shown[1]
}
