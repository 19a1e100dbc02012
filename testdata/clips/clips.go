// Package clips holds the pictures that test cameras send: each with a camera's name, the running
// time and the frame number burned in. make.sh makes them.
//
// Files ending in .ts are MPEG-TS, read by mediacommon's mpegts. The others have no container:
// motion.mjpeg is JPEG pictures one after another, each from its SOI (ff d8) to its EOI (ff d9);
// sound.alaw and sound.mulaw are G.711 bytes, 8000 a second, one channel.
//
// Every clip is a whole number of closed groups of pictures and begins with a key frame, so it can be played
// in a loop of [Clip.Duration]. Sound ends before the picture does.
package clips

import (
	"embed"
	"time"
)

// Files are the clips by name.
//
//go:embed *.ts *.mjpeg *.alaw *.mulaw
var Files embed.FS

// Clip tells what a file holds. Codecs are spelled as in package cmaf.
type Clip struct {
	File     string // name in Files
	Video    string // codec, empty if there is no picture
	Audio    string // codec, empty if there is no sound
	Width    int
	Height   int
	Frames   int // pictures in the file
	Rate     int // pictures a second
	GOP      int // pictures from one key frame to the next
	BFrames  bool
	Sounds   int // units of sound in the file; 0 where it is bytes without a container
	Channels int // of sound
	Hz       int // sound: samples a second
}

// Duration is how long one loop takes.
func (c Clip) Duration() time.Duration {
	if c.Video == "" {
		return 4 * time.Second
	}
	return time.Duration(c.Frames) * time.Second / time.Duration(c.Rate)
}

// The demo's cameras.
var (
	Entrance = Clip{File: "entrance.ts", Video: "H264", Width: 640, Height: 360, Frames: 500, Rate: 25, GOP: 50,
		Audio: "AAC", Sounds: 937, Channels: 1, Hz: 48000}
	Yard    = Clip{File: "yard-main.ts", Video: "H265", Width: 640, Height: 360, Frames: 400, Rate: 20, GOP: 40}
	YardSub = Clip{File: "yard-sub.ts", Video: "H264", Width: 320, Height: 180, Frames: 200, Rate: 10, GOP: 20}
	Hall    = Clip{File: "hall.ts", Video: "H264", Width: 640, Height: 360, Frames: 500, Rate: 25, GOP: 50, BFrames: true}
	Stairs  = Clip{File: "stairs.ts", Video: "H264", Width: 640, Height: 360, Frames: 300, Rate: 15, GOP: 150}
)

// The clips of the tests.
var (
	OpusSound = Clip{File: "opus.ts", Video: "H264", Width: 320, Height: 180, Frames: 60, Rate: 15, GOP: 30,
		Audio: "Opus", Sounds: 198, Channels: 2, Hz: 48000}
	BFramesH265 = Clip{File: "bframes-h265.ts", Video: "H265", Width: 320, Height: 180, Frames: 100, Rate: 25, GOP: 50, BFrames: true}
	// SlicesH264 has 30 slices to a picture, SlicesH265 has 12 (its encoder can do no more).
	SlicesH264 = Clip{File: "slices-h264.ts", Video: "H264", Width: 320, Height: 180, Frames: 40, Rate: 10, GOP: 20}
	SlicesH265 = Clip{File: "slices-h265.ts", Video: "H265", Width: 320, Height: 400, Frames: 40, Rate: 10, GOP: 20}
	Motion     = Clip{File: "motion.mjpeg", Video: "MJPEG", Width: 320, Height: 176, Frames: 40, Rate: 10, GOP: 1}
	ALaw       = Clip{File: "sound.alaw", Audio: "PCMA", Channels: 1, Hz: 8000}
	MuLaw      = Clip{File: "sound.mulaw", Audio: "PCMU", Channels: 1, Hz: 8000}
)

// All are the clips of this package.
var All = []Clip{Entrance, Yard, YardSub, Hall, Stairs,
	OpusSound, BFramesH265, SlicesH264, SlicesH265, Motion, ALaw, MuLaw}
