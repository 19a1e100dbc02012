// Package outside guards tests against believing only what our own code says: it runs programs that share
// none with varuh or its RTSP library.
package outside

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Needs skips the test on a machine where the command does not work, naming the Debian packages that
// it comes from; in CI the test fails.
func Needs(t testing.TB, packages string, command ...string) {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s does not work: apt-get install %s (%v: %s)", command[0], packages, err, out)
	}
	t.Skipf("%s does not work: apt-get install %s", command[0], packages)
}

// NeedsFFmpeg is Needs for ffmpeg and ffprobe, which are one package.
func NeedsFFmpeg(t testing.TB) {
	t.Helper()
	Needs(t, "ffmpeg", "ffmpeg", "-version")
}

// python is the system's, for which Debian packages GStreamer.
const python = "/usr/bin/python3"

//go:embed gstreamer.py
var script []byte

// Camera is a file that is played from its beginning for each viewer.
type Camera struct {
	Path   string // of the URL, without the leading slash
	Codecs string // h264, h265 or mjpeg; and the sound behind a +: aac, opus, alaw or mulaw
	File   string // Matroska, or an MPEG transport stream (.ts) without sound
}

// Serve has GStreamer's RTSP server offer cameras until the test ends, by TCP and UDP, for a user with Digest
// authentication. It returns what makes their URLs, credentials included.
func Serve(t testing.TB, user, password string, cameras ...Camera) (url func(path string) string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gstreamer.py")
	check(t, os.WriteFile(name, script, 0o600))
	Needs(t, "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav",
		python, name, "--help")
	args := []string{name, "--user", user, "--password", password}
	for _, c := range cameras {
		args = append(args, fmt.Sprintf("%s=%s:%s", c.Path, c.Codecs, c.File))
	}
	cmd := exec.Command(python, args...)
	cmd.Stderr = os.Stderr
	hold, err := cmd.StdinPipe() // it ends with its standard input
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		check(t, hold.Close())
		check(t, cmd.Wait())
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	return func(path string) string {
		return fmt.Sprintf("rtsp://%s:%s@127.0.0.1:%s/%s", user, password, strings.TrimSpace(port), path)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
