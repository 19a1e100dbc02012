package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

type demoCmd struct {
	Listen string        `help:"Where the test cameras serve RTSP." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	Pages  string        `help:"Where the pages and their API are served over HTTPS; if the port is taken, the next free one." default:"127.0.0.1:8443" placeholder:"HOST:PORT"`
	For    time.Duration `help:"Stop by itself after this long." placeholder:"20s"`
	Cheat  bool          `help:"Record for a few seconds, then play an administrator who deletes an entry of the diary, and show how that is found."`
}

// demoSound is why the demo records sound.
const demoSound = "the demo shows that sound needs a reason"

// demoCameras are the test cameras; the configuration gets the same ids.
var demoCameras = []struct {
	id, name, location string
	main, sub          clips.Clip
	audio              string
}{
	{"entrance", "Entrance", "test picture with sound, H.264 + AAC", clips.Entrance, clips.Clip{}, demoSound},
	{"yard", "Yard", "test picture, H.265, sub stream H.264", clips.Yard, clips.YardSub, ""},
	{"hall", "Hall", "test picture, H.264 with B-frames", clips.Hall, clips.Clip{}, ""},
	{"stairs", "Stairs", "test picture, a key frame only every 10 s", clips.Stairs, clips.Clip{}, ""},
}

// demo is one demonstration.
type demo struct {
	dir, keyFile string
	mark         demoMark
	fresh        bool         // nothing was recorded in the folder yet
	persons      []credential // who may log in; nil while that is not known
	https        string       // where the pages are to be served
	authority    []byte       // that signs their certificate, in DER
	wrong        error        // why there are no persons, notices or pages
	log          *slog.Logger // nil: the table tells what a log would
	last         status       // as the recording ended
	term         terminal
}

// Run serves test cameras and records them with the code of serve.
func (c demoCmd) Run(ctx context.Context, cli *cli, t terminal) error {
	d := &demo{dir: cli.Dir, term: t}
	if d.dir == "" {
		d.dir = fmt.Sprintf("demo-%s", time.Now().Format("20060102-150405"))
	}
	var err error
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return err
	}
	server, err := serveClips(c.Listen)
	if err != nil {
		return err
	}
	defer server.Close()
	cfg, err := d.prepare(server, c.Pages)
	if err != nil {
		return err
	}
	if c.Cheat && d.keysLost() {
		return errKeysLost
	}
	if err := d.greet(server); err != nil {
		return err
	}
	if err := d.staff(ctx, cfg); err != nil {
		return err
	}
	if err := d.introduce(); err != nil {
		return err
	}
	if c.Cheat && c.For == 0 {
		c.For = 8 * time.Second
	}
	recording := ctx
	if c.For > 0 {
		var cancel context.CancelFunc
		recording, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	if err := d.record(recording, cfg); err != nil {
		return err
	}
	if c.Cheat {
		return d.cheat(ctx, cfg)
	}
	return d.farewell()
}

func serveClips(addr string) (*rtsptest.Server, error) {
	return rtsptest.Serve(addr, testCameras(), rtsptest.Options{UDP: true})
}

// testCameras are the cameras as they are served.
func testCameras() (list []rtsptest.Camera) {
	for _, c := range demoCameras {
		list = append(list, rtsptest.Camera{Path: c.id, FS: clips.Files, Clip: c.main.File})
		if c.sub.File != "" {
			list = append(list, rtsptest.Camera{Path: c.id + "-sub", FS: clips.Files, Clip: c.sub.File})
		}
	}
	return list
}

// prepare makes the state folder by the steps of init, unless the demo was run there before, and
// one file per camera. The private key lies in memory, where no disk that leaves can carry it.
func (d *demo) prepare(server *rtsptest.Server, pages string) (cfg *configs.Config, err error) {
	lock, err := d.take()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if d.fresh {
		quiet := terminal{strings.NewReader(""), io.Discard, d.term.err}
		c := initCmd{Store: []string{filepath.Join(d.dir, "store")}, Key: filepath.Join(d.mark.Keys, "key"), YesIWroteDown: true}
		// before appliance.json, with which the folder is complete
		if err := writeConfig(d.dir, configs.Choice{Store: c.Store, KeyFile: c.Key, Metrics: configs.MetricsOff}); err != nil {
			return nil, err
		}
		if _, err := c.makeIn(d.dir, quiet); err != nil {
			return nil, err
		}
	}
	for _, c := range demoCameras {
		text := fmt.Sprintf("id: %s\nname: %s\nlocation: %s\nmain: %s\n", c.id, c.name, c.location, server.URL(c.id))
		if c.sub.File != "" {
			text += fmt.Sprintf("sub: %s\n", server.URL(c.id+"-sub"))
		}
		if c.audio != "" {
			text += fmt.Sprintf("audio:\n  reason: %s\n", c.audio)
		}
		if err := os.WriteFile(filepath.Join(d.dir, configs.CameraDir, c.id+".yml"), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if err := d.servePages(pages); err != nil {
		return nil, err
	}
	if cfg, err = loadConfig(d.dir, d.term); err == nil {
		d.keyFile = cfg.KeyFile()
	}
	return cfg, err
}

// staff enters persons and notices, and makes what the pages are served with. In a folder that was there before it is told
// what keeps it from that, and the demo records on.
func (d *demo) staff(ctx context.Context, cfg *configs.Config) error {
	if err := trustClock(cfg.State); err != nil {
		return err
	}
	err := d.certify(cfg)
	if err == nil {
		err = d.enrol(ctx, cfg)
	}
	if err == nil {
		err = d.showHow()
	}
	if d.fresh || ctx.Err() != nil {
		return err
	}
	d.wrong = err
	return nil
}

func (d *demo) greet(server *rtsptest.Server) error {
	var b strings.Builder
	b.WriteString("Test cameras, each with its name, running time and frame number in the picture:\n\n")
	for _, c := range demoCameras {
		fmt.Fprintf(&b, "  %-36s %s\n", server.URL(c.id), c.location)
	}
	fmt.Fprintf(&b, "\nvaruh records them, encrypted, into\n\n  %s\n\n", d.dir)
	switch {
	case d.keysLost():
		fmt.Fprintf(&b, "! %v\n", errKeysLost)
	case d.keyFile != "":
		fmt.Fprintf(&b, "The private key that opens the footage is in memory:\n\n  %s\n", d.keyFile)
	}
	_, err := io.WriteString(d.term.out, b.String())
	return err
}

// introduce says who may log in, and where.
func (d *demo) introduce() error {
	var b strings.Builder
	b.WriteString(d.trouble())
	if d.persons != nil {
		b.WriteString("\n" + d.roster())
	}
	if d.authority != nil {
		b.WriteString("\n" + d.pagesText())
	}
	b.WriteString("\nStop with Ctrl-C.\n\n")
	_, err := io.WriteString(d.term.out, b.String())
	return err
}

// trustClock takes whoever starts the demo for the person who says that the clock of the machine is right.
func trustClock(state string) error {
	boot, err := recorder.ThisBoot()
	if err != nil {
		return err
	}
	keeper := openTimekeeper(state, boot, slog.New(slog.DiscardHandler))
	keeper.told("person who started the demo", boot.Now())
	if w := keeper.sentence(); w != "" {
		return errors.New(w)
	}
	return nil
}

// record runs the daemon and shows its status until ctx ends.
func (d *demo) record(ctx context.Context, cfg *configs.Config) error {
	begun, done := make(chan struct{}), make(chan error, 1)
	daemon := &Daemon{Log: d.log, Ready: func() { close(begun) }}
	go func() { done <- daemon.Run(ctx, cfg) }()
	select {
	case err := <-done:
		return err
	case <-begun:
	}
	if d.persons != nil {
		filing, end := context.WithCancel(ctx)
		filed := make(chan struct{})
		go func() {
			defer close(filed)
			if err := d.file(filing, daemon); err != nil && filing.Err() == nil {
				d.log.Warn("the requests of the demo could not be entered", "err", err)
			}
		}()
		defer func() { end(); <-filed }()
	}
	screen := newScreen(d.term.out)
	tick := time.NewTicker(screen.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := screen.show(daemon.status()); err != nil {
				return err
			}
		case err := <-done:
			d.last = daemon.status()
			return errors.Join(err, screen.show(d.last))
		}
	}
}

// screen shows a status: redrawn in place on a terminal, else a line every few seconds.
type screen struct {
	out   io.Writer
	every time.Duration
	fd    int // of the terminal, -1 if it is none
	drawn int // lines to go back up
}

func newScreen(out io.Writer) *screen {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &screen{out: out, every: 500 * time.Millisecond, fd: int(f.Fd())}
	}
	return &screen{out: out, every: 5 * time.Second, fd: -1}
}

func (s *screen) show(st status) error {
	if s.fd < 0 {
		_, err := io.WriteString(s.out, line(st))
		return err
	}
	text := st.table()
	if width, _, err := term.GetSize(s.fd); err == nil {
		text = clip(text, width)
	}
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA", s.drawn) // \r: Ctrl-C has left its echo
	}
	b.WriteString("\x1b[J") // clears from here to the end of the screen
	b.WriteString(text)
	s.drawn = strings.Count(text, "\n")
	_, err := io.WriteString(s.out, b.String())
	return err
}

// line is a status for a log or a pipe.
func line(st status) string {
	var parts []string
	for _, s := range st.Streams {
		parts = append(parts, fmt.Sprintf("%s/%s %s %s, last %s, %s, %s", s.Camera, s.Stream, s.State, bitrate(s.Bitrate),
			ago(st.Now, s.LastFragment), count(int(s.Segments), "segment", "segments"), count(int(s.Gaps), "gap", "gaps")))
	}
	text := st.Now.Format("15:04:05 ") + strings.Join(parts, " | ") + "\n"
	for _, t := range st.troubles() {
		text += "         ! " + plain(t) + "\n"
	}
	return text
}

func (d *demo) farewell() error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s What to try next:\n\n", recorded(d.last))
	dir := d.near("")
	for _, next := range [][2]string{
		{"footage list --dir " + dir, "what was recorded"},
		{"footage check --open --dir " + dir, "every record decrypted and checked"},
		{"diary list --reason demo --dir " + dir, "what the diary says of it, and who looked"},
		{"diary verify --dir " + dir, "every entry checked"},
		{"notice list --dir " + dir, "what footage may be looked at for"},
		{"demo --cheat", "an administrator who rewrites the diary, and how it is found"},
		{"demo --dir " + dir, "record on in the same folder, with the same log-ins"},
		{"init --dir DIR", "a state folder of your own, for serve"},
	} {
		fmt.Fprintf(&b, "  %s %s\n      %s\n", invocation(), next[0], next[1])
	}
	fmt.Fprintf(&b, "\n%s\n", d.leftovers())
	_, err := io.WriteString(d.term.out, b.String())
	return err
}

// invocation is how the program was started, for commands to copy.
func invocation() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/varuh"
	}
	return os.Args[0]
}
