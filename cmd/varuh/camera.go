package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/configs"
	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/rtsp"
)

type cameraTryCmd struct {
	Camera    string        `arg:"" name:"url" help:"URL of a stream, rtsp://HOST/PATH, without a password; or the id of a configured camera."`
	User      string        `help:"Account on the camera; varuh asks for its password." placeholder:"NAME"`
	Transport string        `help:"auto, tcp or udp." enum:"auto,tcp,udp" default:"auto"`
	Audio     bool          `help:"Ask for sound too."`
	For       time.Duration `help:"How long to watch." default:"8s"`
}

// Run watches each stream and tells what it is.
func (c cameraTryCmd) Run(ctx context.Context, cli *cli, t terminal) error {
	sources, err := c.sources(cli, t)
	if err != nil {
		return err
	}
	failed := false
	for _, s := range sources {
		if _, err := fmt.Fprintf(t.out, "%s: watching %s for %v …\n", s.name, s.Source, c.For); err != nil {
			return err
		}
		if err := c.try(ctx, s, t); err != nil {
			failed = true
			fmt.Fprintf(t.err, "varuh: %s: %s\n", s.name, plain(err.Error()))
		}
	}
	if failed {
		return errSaid
	}
	return nil
}

type namedSource struct {
	name string
	rtsp.Source
	client rtsp.Client
}

// knownPins are the keys of cameras as the daemon keeps them. A try adds none: run as root it would leave
// a file that the daemon cannot read.
type knownPins struct{ *rtsp.PinFile }

// Pin implements [rtsp.Pins].
func (knownPins) Pin(string, [32]byte) error { return nil }

// sources are the streams to try: of a URL, or of a configured camera.
func (c cameraTryCmd) sources(cli *cli, t terminal) ([]namedSource, error) {
	if !strings.Contains(c.Camera, "://") {
		return c.configured(cli, t)
	}
	if _, err := configs.ParseAddress(c.Camera); err != nil {
		return nil, fmt.Errorf("the address %w", err)
	}
	u, err := url.Parse(c.Camera)
	if err != nil {
		return nil, errors.New("the address can't be read")
	}
	if _, ok := u.User.Password(); ok {
		return nil, errors.New("a password on the command line can be seen by every account of this machine: leave it out " +
			"(rtsp://NAME@HOST/PATH or --user NAME), varuh asks for it; and change it if others use this machine")
	}
	user := c.User
	if user == "" {
		user = u.User.Username()
	}
	if user != "" {
		password, err := askPassword(t, user)
		if err != nil {
			return nil, err
		}
		u.User = url.UserPassword(user, password)
	}
	return []namedSource{{name: "stream", Source: rtsp.Source{URL: u.String(), Transport: rtsp.Transport(c.Transport), Audio: c.Audio}}}, nil
}

func (c cameraTryCmd) configured(cli *cli, t terminal) ([]namedSource, error) {
	cfg, err := loadConfig(cli.dir(), t)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, cam := range cameras(cfg) {
		if ids = append(ids, cam.ID); cam.ID != c.Camera {
			continue
		}
		client := rtsp.Client{Pins: knownPins{rtsp.OpenPins(durable.OS, pinFile(cfg.State))}}
		list := []namedSource{{"main", cam.Main, client}}
		if cam.Sub != nil {
			list = append(list, namedSource{"sub", *cam.Sub, client})
		}
		return list, nil
	}
	return nil, fmt.Errorf("%q is neither a URL (rtsp://HOST/PATH) nor a camera of %s (%s)", c.Camera, filepath.Join(cfg.Dir, configs.CameraDir), strings.Join(ids, ", "))
}

// askPassword reads a password without showing it, or a line where the input is no terminal.
func askPassword(t terminal, user string) (string, error) {
	if _, err := fmt.Fprintf(t.err, "Password of %s: ", user); err != nil {
		return "", err
	}
	text, err := hidden(t)
	return text, noPassword(err)
}

func noPassword(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the input ended before a password came: type it, or give it as the first line of the input")
	}
	return err
}

func (c cameraTryCmd) try(ctx context.Context, s namedSource, t terminal) error {
	r, err := s.client.Probe(ctx, s.Source, c.For)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, track := range r.Tracks {
		fmt.Fprintf(w, "  %s\t%s\n", kindOfTrack(track), describeTrack(track))
	}
	fmt.Fprintf(w, "  bitrate\t%s\n", bitrate(r.Bitrate))
	fmt.Fprintf(w, "  pictures\t%.1f a second\n", r.FrameRate)
	if r.KeyInterval > 0 {
		fmt.Fprintf(w, "  key frames\tevery %.1f s\n", r.KeyInterval.Seconds())
	} else {
		fmt.Fprintf(w, "  key frames\tfewer than two in %v\n", c.For)
	}
	fmt.Fprintf(w, "  transport\t%s, %s lost\n", r.Transport, count(int(r.Lost), "packet", "packets"))
	if r.ClockKnown {
		fmt.Fprintf(w, "  camera's clock\t%+.1f s against this machine\n", r.ClockOffset.Seconds())
	} else {
		fmt.Fprintf(w, "  camera's clock\tnot told\n")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, a := range r.Advice {
		fmt.Fprintf(t.out, "  ! %s\n", a)
	}
	if len(r.Advice) == 0 && len(r.Tracks) > 0 {
		fmt.Fprintln(t.out, "  fit to record")
	}
	return nil
}

func kindOfTrack(t cmaf.Track) string {
	if t.Width > 0 {
		return "picture"
	}
	return "sound"
}

func describeTrack(t cmaf.Track) string {
	if t.Width > 0 {
		return fmt.Sprintf("%s %dx%d", t.Codec, t.Width, t.Height)
	}
	return fmt.Sprintf("%s %d Hz, %s", t.Codec, t.Timescale, count(t.Channels, "channel", "channels"))
}
