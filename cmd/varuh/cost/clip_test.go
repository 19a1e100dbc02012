package cost

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const clipRate = 25 // pictures a second

// makeClip returns the name of 30 s of 1080p H.264 at 4 Mbit/s with a key frame every 2 s, made by
// ffmpeg once. Noise keeps the encoder at its rate. There are no B-frames: cameras send none.
func makeClip(s settings) (string, error) {
	name := filepath.Join(s.cache, "1080p25-4M-30s.h264")
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	part := fmt.Sprintf("%s.%d.part", name, os.Getpid())
	defer os.Remove(part)
	out, err := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
		"-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=25,noise=alls=9:allf=t", "-t", "30",
		"-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p", "-bf", "0",
		"-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "4M",
		"-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
		"-x264-params", "open-gop=0:repeat-headers=1:aud=1", "-f", "h264", part).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("couldn't make the clip: %w: %s", err, out)
	}
	return name, os.Rename(part, name)
}
