package recorder_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/testdata/clips"
)

// programme is what a stream of a camera sends: a clip, and for G.711 another with its sound.
type programme struct {
	camera, stream string
	clip, sound    clips.Clip
}

// The test cameras.
var programmes = []programme{
	{camera: "entrance", stream: "main", clip: clips.Entrance, sound: clips.Entrance},
	{camera: "yard", stream: "main", clip: clips.Yard},
	{camera: "yard", stream: "sub", clip: clips.YardSub},
	{camera: "hall", stream: "main", clip: clips.Hall},
	{camera: "stairs", stream: "main", clip: clips.Stairs},
	{camera: "gate", stream: "main", clip: clips.OpusSound, sound: clips.OpusSound},
	{camera: "attic", stream: "main", clip: clips.BFramesH265},
	{camera: "porch", stream: "main", clip: clips.SlicesH264},
	{camera: "cellar", stream: "main", clip: clips.SlicesH265},
	{camera: "garden", stream: "main", clip: clips.Motion},
	{camera: "shop-a", stream: "main", clip: clips.YardSub, sound: clips.ALaw},
	{camera: "shop-u", stream: "main", clip: clips.YardSub, sound: clips.MuLaw},
}

func (p programme) path() string { return p.camera + "/" + p.stream }

// reference is what ffmpeg says a programme is made of.
type reference struct {
	file     string   // Matroska
	pictures []string // md5 of each access unit, in decoding order
	sounds   []string // likewise; none for G.711, which has no units of its own
	samples  []byte   // G.711: the sound
}

// refer has ffmpeg put a programme that is played several times into a file, and list its access units.
func refer(t *testing.T, p programme, times int) reference {
	t.Helper()
	dir := t.TempDir()
	once, r := filepath.Join(dir, "once.mkv"), reference{file: filepath.Join(dir, "reference.mkv")}
	pipe(t, nil, "ffmpeg", append(inputs(t, dir, p), once)...)
	pipe(t, nil, "ffmpeg", "-nostdin", "-v", "error", "-stream_loop", fmt.Sprint(times-1), "-i", once, "-c", "copy", r.file)

	r.pictures = framemd5(t, nil, r.file, "v")
	if len(r.pictures) != times*p.clip.Frames {
		t.Fatalf("%s: ffmpeg sees %d pictures, want %d times %d", p.clip.File, len(r.pictures), times, p.clip.Frames)
	}
	if p.clip.Video == "MJPEG" {
		r.pictures = scans(t, p.clip, r.pictures)
	}
	switch p.sound {
	case p.clip:
		r.sounds = framemd5(t, nil, r.file, "a")
	case clips.Clip{}:
	default:
		r.samples = []byte(pipe(t, nil, "ffmpeg", "-nostdin", "-v", "error", "-i", r.file, "-map", "0:a", "-c", "copy", "-f", p.law(), "-"))
	}
	return r
}

// law is what ffmpeg calls G.711 without a container.
func (p programme) law() string { return p.sound.File[len("sound."):] }

// inputs writes a programme's clips where ffmpeg can read them, and gives the options to read them with.
// Delimiters are left out: MPEG-TS demands them, cameras send none.
func inputs(t *testing.T, dir string, p programme) []string {
	t.Helper()
	write := func(c clips.Clip, times int) string {
		content, err := clips.Files.ReadFile(c.File)
		check(t, err)
		name := filepath.Join(dir, c.File)
		check(t, os.WriteFile(name, bytes.Repeat(content, times), 0o600))
		return name
	}
	args := []string{"-nostdin", "-v", "error"}
	if p.clip.Video == "MJPEG" {
		args = append(args, "-framerate", fmt.Sprint(p.clip.Rate), "-f", "mjpeg")
	}
	args = append(args, "-i", write(p.clip, 1))
	switch p.sound {
	case p.clip:
		args = append(args, "-map", "0:v", "-map", "0:a")
	case clips.Clip{}:
	default:
		sound := write(p.sound, int(p.clip.Duration()/p.sound.Duration()))
		args = append(args, "-f", p.law(), "-ar", fmt.Sprint(p.sound.Hz), "-ac", "1", "-i", sound, "-map", "0:v", "-map", "1:a")
	}
	args = append(args, "-c", "copy")
	switch p.clip.Video {
	case "H264":
		args = append(args, "-bsf:v", "filter_units=remove_types=9")
	case "H265":
		args = append(args, "-bsf:v", "filter_units=remove_types=35")
	}
	return args
}

// framemd5 lists the md5 of every access unit of a kind ("v" or "a") in a file, or in what is piped in.
func framemd5(t *testing.T, piped []byte, name, kind string) (list []string) {
	t.Helper()
	out := pipe(t, piped, "ffmpeg", "-nostdin", "-v", "warning", "-i", name, "-map", "0:"+kind, "-c", "copy", "-copyinkf", "-f", "framemd5", "-")
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") {
			list = append(list, strings.TrimSpace(line[strings.LastIndex(line, ",")+1:]))
		}
	}
	return list
}

// pipe runs a program on what is piped in, and fails if it exits with an error or warns.
func pipe(t *testing.T, piped []byte, name string, args ...string) string {
	t.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(piped), &out, &said
	err := cmd.Run()
	warnings := slices.DeleteFunc(slices.Collect(strings.Lines(said.String())), func(line string) bool {
		return strings.HasPrefix(line, "Guessed Channel Layout") // said of all G.711 whose container has no layout
	})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, said.String())
	}
	return out.String()
}

// sums lists the md5 of each unit.
func sums(units [][]byte) []string {
	list := make([]string, len(units))
	for i, u := range units {
		sum := md5.Sum(u)
		list[i] = hex.EncodeToString(sum[:])
	}
	return list
}

// scans turns the md5 of whole JPEG pictures into those of their scans: RFC 2435 carries no JPEG header,
// only what it takes to make an equal one. First it is shown that the pictures cut here are ffmpeg's.
func scans(t *testing.T, c clips.Clip, whole []string) []string {
	t.Helper()
	content, err := clips.Files.ReadFile(c.File)
	check(t, err)
	var pictures [][]byte
	for picture := range bytes.SplitAfterSeq(content, []byte{0xff, 0xd9}) {
		if len(picture) > 0 {
			pictures = append(pictures, picture)
		}
	}
	var list [][]byte
	for i, md5 := range whole {
		picture := pictures[i%len(pictures)]
		if sums([][]byte{picture})[0] != md5 {
			t.Fatalf("picture %d of %s is not what ffmpeg reads", i, c.File)
		}
		list = append(list, scan(t, picture))
	}
	return sums(list)
}

// scan is the entropy-coded part of a JPEG picture (ITU-T T.81 annex B), from behind its SOS header to
// its EOI.
func scan(t *testing.T, picture []byte) []byte {
	t.Helper()
	for b := picture[2:]; len(b) > 4 && b[0] == 0xff; {
		length := 2 + int(b[2])<<8 + int(b[3])
		if length > len(b) {
			break
		}
		if b[1] == 0xda {
			return bytes.TrimSuffix(b[length:], []byte{0xff, 0xd9})
		}
		b = b[length:]
	}
	t.Fatal("a picture that is no JPEG")
	return nil
}
